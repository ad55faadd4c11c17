import { describe, it } from 'vitest';
import { expectParity, runGrid } from '../helpers/parity.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

describe.each([...wasmBuilds])('WASM, %s', (_build, engine) => {
  it.each(['resnet20-fashion', 'resnet20-noshort-fashion'])(
    '%s is within 1e-5 relative + 2e-8 absolute of PyTorch at 7×7 points, accuracy equal up to ties within 1e-5',
    { timeout: 600_000 },
    async (name) => {
      const run = await runGrid(engine, name, 'grid');
      await expectParity(run, { relative: 1e-5, absolute: 2e-8 }, 1e-5);
    },
  );
});
