import { it } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import { expectParity, runGrid } from '../helpers/parity.js';

it(
  'reference engine on bnmlp20-plain is within 1e-11 relative + 1e-13 absolute of PyTorch at 21×21 points, accuracy equal',
  { timeout: 1_200_000 },
  async () => {
    const run = await runGrid(referenceEngine, 'bnmlp20-plain', 'grid');
    await expectParity(run, { relative: 1e-11, absolute: 1e-13 }, 1e-11);
  },
);
