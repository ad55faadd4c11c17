import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { requireEngine } from '../helpers/gpu.js';
import { behindBatchnorm, imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };

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
