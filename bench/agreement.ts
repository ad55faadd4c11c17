/** Everybody must compute the same before any time counts. */
import type { CaseName } from '../src/cli/bench-cases.js';

/** Relative difference from the float64 reference above which a contender's time does not count. */
export const AGREEMENT = 1e-3;

/** Points that are compared: one where the float64 reference takes seconds for it. */
export const CHECKED: Readonly<Record<CaseName, number>> = { a: 3, b: 3, c: 1, d: 3, e: 5 };

/** Largest |actual − expected| ÷ |expected|; NaN when one is missing or no number. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return NaN;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / Math.abs(expected[i]!);
    if (!(difference <= most)) most = difference;
    if (Number.isNaN(most)) return NaN;
  }
  return most;
}
