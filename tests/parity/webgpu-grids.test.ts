import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { Kernels } from '../../src/engine/webgpu/recipe.js';
import { requireEngine } from '../helpers/gpu.js';
import { expectParity, runGrid } from '../helpers/parity.js';
import { stride } from '../helpers/slow.js';

/**
 * Where the adapter is too slow for every point on every kernel 10 leaves corners, edges and centre. The kernels that such
 * adapters are given by themselves see every fifth point of a line.
 */
const strideOf = (kernels: Kernels): number => (kernels === 'direct' ? Math.min(stride, 5) : stride);

const names = [
  'mlp-plain-relu',
  'mlp-residual-relu',
  'mlp-tanh',
  'bnmlp10-plain',
  'bnmlp10-residual',
  'bnmlp20-plain',
  'bnmlp20-residual',
];

/** Networks by kernels; what the kernels do alike need not be seen seven times on each. */
const kernelNetworks = [
  ['chain', names],
  ['tiled', ['mlp-tanh', 'bnmlp20-residual']],
  ['direct', names],
] as const;

describe.each(kernelNetworks)('webgpu, %s', (kernels, networks) => {
  const side = 20 / strideOf(kernels) + 1;
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());

  it.each(networks)(
    `%s is within 5e-6 relative + 2e-8 absolute of PyTorch at ${side}×${side} of its 21×21 points, accuracy equal up to ties within 1e-6`,
    { timeout: 900_000 },
    async (name) => {
      const run = await runGrid(engine, name, 'grid', strideOf(kernels));
      await expectParity(run, { relative: 5e-6, absolute: 2e-8 }, 1e-6);
    },
  );
});
