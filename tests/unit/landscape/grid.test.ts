import { describe, expect, test } from 'vitest';
import { accuracy, coordinates, emptySums, meanLoss } from '../../../src/landscape/grid.js';

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
