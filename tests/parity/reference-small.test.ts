import { describe, it } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import { presets } from '../../src/model/presets.js';
import { expectLogits, expectParity, runGrid } from '../helpers/parity.js';

/** PyTorch sums in another order; 40 layers of float64 leave 1e-12 and less. */
const tolerance = { relative: 1e-11, absolute: 1e-13 };
const minute = 60_000;

// The ResNets take half a minute each and have files of their own.
const names = presets.filter(({ data }) => data === 'digits').map(({ name }) => name);

describe.each(names)('reference engine on %s', (name) => {
  it('gives the logits of 8 samples within 1e-11 relative + 1e-13 absolute of PyTorch in float64', () => {
    expectLogits(name, tolerance);
  });

  it(
    'is within 1e-11 relative + 1e-13 absolute of PyTorch at every point of the small grid, accuracy equal',
    { timeout: 5 * minute },
    async () => {
      await expectParity(await runGrid(referenceEngine, name, 'small'), tolerance, 1e-11);
    },
  );
});
