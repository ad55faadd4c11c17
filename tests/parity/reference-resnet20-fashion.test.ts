import { expect, it } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import { expectLogits, expectParity, runGrid } from '../helpers/parity.js';

// Float64 keeps 1e-15 here; 1e-10 is what is promised.
const tolerance = { relative: 1e-10, absolute: 0 };
const minute = 60_000;

it(
  'resnet20-fashion: logits of 8 samples within 1e-10 relative of PyTorch in float64',
  { timeout: minute },
  () => {
    expectLogits('resnet20-fashion', tolerance);
  },
);

it(
  'resnet20-fashion: 3×3 points with 20 samples within 1e-10 relative of PyTorch in float64, accuracy equal',
  { timeout: 10 * minute },
  async () => {
    const run = await runGrid(referenceEngine, 'resnet20-fashion', 'small');
    expect(run.grid.samples).toBe(20);
    await expectParity(run, tolerance, 1e-10);
  },
);
