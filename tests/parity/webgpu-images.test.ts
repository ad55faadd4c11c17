import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { Wiring } from '../../src/model/wiring.js';
import { requireEngine } from '../helpers/gpu.js';
import { imageSketches } from '../helpers/image-sketches.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };

/** The same network behind a batchnorm, so that its input is another one at every point. */
function behindBatchnorm(sketch: Sketch): Sketch {
  const norm = new Wiring();
  norm.batchnorm('before', 0);
  const later = sketch.nodes.map((node) => ({ ...node, inputs: node.inputs.map((value) => value + 1) }));
  const channels = [sketch.input[0]!];
  const parameters = {
    'before.weight': channels,
    'before.bias': channels,
    'before.running_mean': channels,
    'before.running_var': channels,
  };
  const moves = sketch.moves && ((name: string) => name === 'before.bias' || sketch.moves!(name));
  return {
    ...sketch,
    nodes: [...norm.nodes, ...later],
    parameters: { ...sketch.parameters, ...parameters },
    ...(moves ? { moves } : {}),
  };
}

describe.each(['tiled', 'direct'] as const)('webgpu, %s', (kernels) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());

  it.each(imageSketches)(
    '%s: within 5e-6 relative + 2e-8 absolute of the reference',
    { timeout: 240_000 },
    (_name, sketch) => expectReferenceSums(engine, randomProblem(sketch), tolerance),
  );

  it.each(imageSketches)(
    '%s, input moved: within 5e-6 relative + 2e-8 absolute of the reference',
    { timeout: 240_000 },
    (_name, sketch) => expectReferenceSums(engine, randomProblem(behindBatchnorm(sketch)), tolerance),
  );
});
