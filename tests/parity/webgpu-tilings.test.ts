/** Every way to divide the kernels into workgroups, and the change from one to another in the middle of a run. */
import { describe, expect, it } from 'vitest';
import { createWebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { TileMemory } from '../../src/engine/webgpu/tile-memory.js';
import { benchPoints } from '../../src/cli/bench-measure.js';
import { perceptron } from '../helpers/dense-sketches.js';
import { requireEngine, requireGpu } from '../helpers/gpu.js';
import { imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };
const timeout = 240_000;

describe.each(['chain', 'tiled'] as const)('webgpu, %s', (kernels) => {
  it.each([1, 2, 3])(
    'tiling %i: within 5e-6 relative + 2e-8 absolute of the reference',
    { timeout },
    async (tiling) => {
      const engine = await requireEngine(kernels, tiling);
      const sketches = [perceptron([9, 33, 60, 5], 'relu', 300)];
      if (kernels === 'tiled') {
        const [, convolution] = imageSketches.find(([name]) => name === 'convolution, stride 2 by 3')!;
        sketches.push(convolution);
      }
      try {
        for (const sketch of sketches) await expectReferenceSums(engine, randomProblem(sketch), tolerance);
      } finally {
        engine.dispose();
      }
    },
  );
});

describe('webgpu, tilings tried during a run', () => {
  it(
    'gives bit by bit the same sums until one is chosen and remembered for the adapter',
    { timeout },
    async () => {
      const engine = createWebgpuEngine({ gpu: await requireGpu(), kernels: 'tiled' });
      const evaluator = await engine.prepare(randomProblem(perceptron([9, 65, 65, 5], 'relu', 256)));
      const memory = new TileMemory(evaluator.info.adapter);
      try {
        const points = benchPoints(12);
        const all = { first: 0, count: 256 };
        const first = await evaluator.evaluate(points, all);
        let calls = 0;
        while ((await memory.recall('tiled')) === null && calls++ < 300) {
          expect(await evaluator.evaluate(points, all)).toEqual(first);
        }
        expect(await memory.recall('tiled')).toBeTypeOf('number');
        expect(await evaluator.evaluate(points, all)).toEqual(first);
      } finally {
        evaluator.dispose();
        engine.dispose();
      }
    },
  );
});
