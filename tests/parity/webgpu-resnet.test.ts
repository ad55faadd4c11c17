import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { requireEngine } from '../helpers/gpu.js';
import { expectParity, runGrid } from '../helpers/parity.js';
import { fewer, isSlow } from '../helpers/slow.js';

/** One corner has to do where the adapter is slow even for software, and one network with the kernels for GPUs. */
const [step, points] = isSlow ? [3, 'one corner'] : [2, 'the corners'];
const networks = ['resnet20-fashion', 'resnet20-noshort-fashion'];

describe.each(['tiled', 'direct'] as const)('webgpu, %s', (kernels) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());

  it.each(kernels === 'tiled' ? fewer(networks, 'resnet20-noshort-fashion') : networks)(
    `%s is within 1e-5 relative + 2e-8 absolute of PyTorch at ${points} of its small grid, accuracy equal up to ties within 1e-5`,
    { timeout: 600_000 },
    async (name) => {
      const run = await runGrid(engine, name, 'small', step);
      await expectParity(run, { relative: 1e-5, absolute: 2e-8 }, 1e-5);
    },
  );
});
