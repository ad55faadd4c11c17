import type { Points, Problem } from '../../src/engine/engine.js';
import { parametersAt } from '../../src/engine/float64.js';
import { allocateValues, forward } from '../../src/model/forward.js';

/** Samples forwarded at once; a ResNet's values of one sample take 4 MB. */
const batch = 16;

/**
 * How many of the first `samples` samples have two largest logits, or one NaN, too close to call at (a, b):
 * they differ by at most `rounding` times the sample's largest |logit|, float64.
 */
export function closeCalls(
  problem: Problem,
  a: number,
  b: number,
  samples: number,
  rounding: number,
): number {
  const { model, data } = problem;
  const parameters = parametersAt(problem, a, b);
  const values = allocateValues(model, batch);
  const width = values[0]!.length / batch;
  let close = 0;
  for (let first = 0; first < samples; first += batch) {
    const count = Math.min(batch, samples - first);
    values[0]!.set(data.inputs.subarray(first * width, (first + count) * width));
    const logits = forward(model, (name) => parameters.get(name)!, values, count);
    const outputs = logits.length / count;
    for (let s = 0; s < count; s++) {
      const row = [...logits.subarray(s * outputs, (s + 1) * outputs)];
      const size = Math.max(...row.map(Math.abs));
      const [largest, next] = row.sort((x, y) => y - x);
      if (!(largest! - next! > rounding * size)) close++;
    }
  }
  return close;
}

/**
 * Throws unless the counts of correct samples (per point, of the first `samples`) are the expected ones; a
 * point's count may be off by as many samples as have logits too close to call there (`closeCalls`).
 * That is worked out for the points that differ alone, so points that agree cost nothing.
 */
export function expectSameCounts(
  problem: Problem,
  points: Points,
  samples: number,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  rounding: number,
): void {
  if (actual.length !== expected.length || actual.length !== points.a.length) {
    throw new Error(`${actual.length} counts, expected ${expected.length} at ${points.a.length} points`);
  }
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (difference === 0) continue;
    const [a, b] = [points.a[i]!, points.b[i]!];
    const close = closeCalls(problem, a, b, samples, rounding);
    if (difference <= close) continue;
    throw new Error(
      `point ${i} (α ${a}, β ${b}): ${actual[i]} of ${samples} correct, expected ${expected[i]};` +
        ` only ${close} have two logits within ${rounding} relative`,
    );
  }
}
