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
