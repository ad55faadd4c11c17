/** Winograd's tiles on WebGPU: forced, as measuring may choose them. */
import { describe, expect, it } from 'vitest';
import { benchPoints } from '../../src/cli/bench-measure.js';
import { recordingGpu } from '../../src/cli/recording-gpu.js';
import type { Problem } from '../../src/engine/engine.js';
import { createWebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { Kernels } from '../../src/engine/webgpu/recipe.js';
import { TileMemory } from '../../src/engine/webgpu/tile-memory.js';
import { WINOGRAD_TILING } from '../../src/engine/webgpu/winograd.js';
import { expectClose } from '../helpers/compare.js';
import { requireEngine, requireGpu } from '../helpers/gpu.js';
import { randomProblem } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { fewer } from '../helpers/slow.js';
import { tiledSketches } from '../helpers/tiled-sketches.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };
const timeout = 240_000;
const kernels: readonly Kernels[] = ['tiled', 'direct'];

/** What the engine compiles for it: a layer that tiles cannot do would go by other kernels without a word. */
async function stagesOf(problem: Problem, kernel: Kernels): Promise<string[]> {
  const { gpu, pipelines } = recordingGpu();
  const engine = createWebgpuEngine({ gpu, kernels: kernel, tiling: WINOGRAD_TILING[kernel] });
  (await engine.prepare(problem)).dispose();
  return pipelines.map(({ label }) => label.split(' ')[0]!);
}

describe.each(kernels)("Winograd's tiles, webgpu, %s", (kernel) => {
  const [, odd, , groups] = tiledSketches;
  it.each(kernel === 'tiled' ? fewer(tiledSketches, odd!, groups!) : tiledSketches)(
    '%s: within 5e-6 relative + 2e-8 absolute of the reference',
    { timeout },
    async (_name, sketch) => {
      const problem = randomProblem(sketch);
      expect(await stagesOf(problem, kernel)).toContain('winograd_input');
      const engine = await requireEngine(kernel, WINOGRAD_TILING[kernel]);
      try {
        await expectReferenceSums(engine, problem, tolerance);
      } finally {
        engine.dispose();
      }
    },
  );
});

it(
  "Winograd's tiles, webgpu, tried during a run: the same sums but for rounding, until one is chosen",
  async () => {
    const engine = createWebgpuEngine({ gpu: await requireGpu(), kernels: 'direct' });
    const evaluator = await engine.prepare(randomProblem(tiledSketches[0]![1]));
    const memory = new TileMemory(evaluator.info.adapter);
    try {
      const points = benchPoints(400);
      const all = { first: 0, count: 11 };
      const first = await evaluator.evaluate(points, all);
      let calls = 0;
      while ((await memory.recall('direct, 3×3 of 16')) === null && calls++ < 300) {
        expectClose((await evaluator.evaluate(points, all)).loss, first.loss, tolerance);
      }
      expect(await memory.recall('direct, 3×3 of 16')).toBeTypeOf('number');
      expectClose((await evaluator.evaluate(points, all)).loss, first.loss, tolerance);
    } finally {
      evaluator.dispose();
      engine.dispose();
    }
  },
  timeout,
);
