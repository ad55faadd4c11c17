import { describe, it } from 'vitest';
import { expectParity, runGrid } from '../helpers/parity.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const names = [
  'mlp-plain-relu',
  'mlp-residual-relu',
  'mlp-tanh',
  'bnmlp10-plain',
  'bnmlp10-residual',
  'bnmlp20-plain',
  'bnmlp20-residual',
];

describe('WASM, relaxed SIMD', () => {
  it.each(names)(
    '%s is within 5e-6 relative + 2e-8 absolute of PyTorch at 21×21 points, accuracy equal up to ties within 1e-6',
    { timeout: 300_000 },
    async (name) => {
      const run = await runGrid(wasmBuilds.get('relaxed SIMD')!, name, 'grid');
      await expectParity(run, { relative: 5e-6, absolute: 2e-8 }, 1e-6);
    },
  );
});
