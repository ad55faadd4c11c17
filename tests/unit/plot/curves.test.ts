import { expect, test } from 'vitest';
import { withinReach } from '../../../src/plot/curves.js';

test('a curve that diverges leaves the frame, and one that overshoots stays in it', () => {
  const curves = [{ values: [2, 1, 1e-3] }, { values: [2, 1e9, 1e280] }];
  expect(withinReach({ min: 1e-3, max: 1e280 }, curves, 'log')).toEqual({ min: 1e-3, max: 2000 });
  expect(withinReach({ min: 1e-3, max: 30 }, curves, 'log')).toEqual({ min: 1e-3, max: 30 });
  expect(withinReach({ min: -1, max: 1e280 }, curves, 'linear')).toEqual({ min: -1, max: 32 });
  // Nothing is known of a reach without a start, or from one that is the lowest.
  const limits = { min: 1, max: 50 };
  expect(withinReach(limits, [{ values: [NaN, 1, 50] }], 'log')).toEqual(limits);
  expect(withinReach(limits, [], 'linear')).toEqual(limits);
  expect(withinReach(limits, [{ values: [1, 50] }], 'linear')).toEqual(limits);
});
