import { describe, expect, test } from 'vitest';
import {
  accuracy,
  accuracyError,
  coordinates,
  emptySums,
  meanLoss,
  standardError,
} from '../../../src/landscape/grid.js';

describe('coordinates', () => {
  test('have both ends and, for an odd count, exactly the middle', () => {
    for (const count of [3, 21, 51, 401]) {
      const values = coordinates({ from: -0.3, to: 0.3, count });
      expect([values[0], values[(count - 1) / 2], values[count - 1]]).toEqual([-0.3, 0, 0.3]);
      const shifted = coordinates({ from: 0.1, to: 0.4, count });
      expect([shifted[0], shifted[count - 1]]).toEqual([0.1, 0.4]);
      expect(shifted[(count - 1) / 2]).toBeCloseTo(0.25, 15);
    }
  });

  test('are equally spaced; a single one is the beginning', () => {
    const values = coordinates({ from: -1, to: 1, count: 21 });
    values.forEach((value, i) => expect(value).toBeCloseTo(-1 + i / 10, 15));
    expect([...coordinates({ from: 2, to: 5, count: 1 })]).toEqual([2]);
    expect([...coordinates({ from: 2, to: 5, count: 2 })]).toEqual([2, 5]);
  });
});

test('means are over the samples of each point, NaN where there are none', () => {
  const axis = { from: 0, to: 1, count: 2 };
  const sums = emptySums({ columns: axis, rows: { ...axis, count: 1 } });
  sums.loss[0] = 3;
  sums.correct[0] = 1;
  sums.samples[0] = 2;
  expect([...meanLoss(sums)]).toEqual([1.5, NaN]);
  expect([...accuracy(sums)]).toEqual([0.5, NaN]);
});

describe('standard errors', () => {
  const axis = { from: 0, to: 0, count: 1 };
  const one = (losses: readonly number[], right: number) => {
    const sums = emptySums({ columns: axis, rows: axis });
    sums.loss[0] = losses.reduce((sum, loss) => sum + loss, 0);
    sums.squares[0] = losses.reduce((sum, loss) => sum + loss * loss, 0);
    sums.correct[0] = right;
    sums.samples[0] = losses.length;
    return sums;
  };

  test('are √(s²/n) of the samples, less what is not left to chance, and 0 with all samples', () => {
    const sums = one([1, 2, 3, 6], 1);
    // s² = 14/3.
    expect(standardError(sums, 0, 1e12)).toBeCloseTo(Math.sqrt(14 / 3 / 4), 9);
    expect(standardError(sums, 0, 8)).toBeCloseTo(Math.sqrt(14 / 3 / 8), 12);
    expect(standardError(sums, 0, 4)).toBe(0);
    expect(accuracyError(sums, 0, 8)).toBeCloseTo(Math.sqrt((0.25 * 0.75) / 3 / 2), 12);
    expect(standardError(one([5], 1), 0, 8)).toBeNaN();
    // Rounded sums of a single sample seem to have a variance.
    const single = {
      ...one([0.1], 1),
      loss: Float64Array.of(Math.fround(0.1)),
      squares: Float64Array.of(Math.fround(0.01)),
    };
    expect(standardError(single, 0, 8)).toBeNaN();
    expect(standardError(one([0.1, 0.1, 0.1], 1), 0, 8)).toBeLessThan(1e-9);
  });

  test('bound the true deviation: of 400 subsets about two thirds lie within one', () => {
    const all = Array.from({ length: 200 }, (_, i) => Math.exp(Math.sin(i * 12.9898) * 2));
    const mean = all.reduce((sum, loss) => sum + loss, 0) / 200;
    let within = 0;
    for (let k = 0; k < 400; k++) {
      const subset = Array.from(
        { length: 40 },
        (_, i) => all[(k * 37 + i * i * 7 + i * (k % 13) * 11 + i * 5) % 200]!,
      );
      const sums = one(subset, 0);
      if (Math.abs(sums.loss[0]! / 40 - mean) < standardError(sums, 0, 200)) within++;
    }
    expect(within / 400).toBeGreaterThan(0.45);
    expect(within / 400).toBeLessThan(0.9);
  });
});
