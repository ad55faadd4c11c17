import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { requireEngine } from '../helpers/gpu.js';
import { expectParity, runGrid } from '../helpers/parity.js';

/** Set by the test command where the adapter is slow even for software: one corner has to do there. */
const isSlow = Number(process.env['GRID_STRIDE'] ?? 1) > 1;
const [stride, points] = isSlow ? [3, 'one corner'] : [2, 'the corners'];

describe.each(['tiled', 'direct'] as const)('webgpu, %s', (kernels) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());

  it.each(['resnet20-fashion', 'resnet20-noshort-fashion'])(
    `%s is within 1e-5 relative + 2e-8 absolute of PyTorch at ${points} of its small grid, accuracy equal up to ties within 1e-5`,
    { timeout: 600_000 },
    async (name) => {
      const run = await runGrid(engine, name, 'small', stride);
      await expectParity(run, { relative: 1e-5, absolute: 2e-8 }, 1e-5);
    },
  );
});
