/** What every engine checks before it computes. */
import type { Points, Problem, SampleRange } from './engine.js';

/** Throws `RangeError` unless coordinates go in pairs and the samples are among the data's. */
export function checkCall({ data }: Problem, { a, b }: Points, { first, count }: SampleRange): void {
  if (a.length !== b.length) throw new RangeError(`points have ${a.length} α and ${b.length} β`);
  const whole = Number.isSafeInteger(first) && Number.isSafeInteger(count);
  if (!whole || first < 0 || count < 1 || first + count > data.samples) {
    throw new RangeError(`samples ${first} … ${first + count - 1} are not among the data's ${data.samples}`);
  }
}

/**
 * What differences in float32 are scaled by: the largest |offset| of either coordinate, or 1 where only the centre itself is
 * asked for, for which any scale does. Null where float32 has no room for it, its square or their inverses.
 */
export function offsetScale({ a, b }: Points): number | null {
  let rho = 0;
  for (const axis of [a, b]) for (const offset of axis) rho = Math.max(rho, Math.abs(offset));
  if (rho === 0) return 1;
  return rho > 1e-18 && rho < 1e18 ? rho : null;
}
