/** What tests of an engine's differences share: windows, and how far the differences in one may be from float64's. */
import type { Direction, Points, Problem } from '../../src/engine/engine.js';

/** Of the largest |Δ| of a window. */
export const tolerance = 1e-5;
export const minimum = { a: 0, b: 0 };
export const generic = { a: 0.31, b: -0.2 };
export const halfWidths = [1e-1, 1e-2, 1e-3, 1e-6, 1e-9, 1e-12];

/** Five offsets all over a window, its corner first; the last is 0. */
export function offsetsIn(halfWidth: number): Points {
  return {
    a: Float64Array.of(-1, 1, 0.3, -0.55, 0).map((x) => x * halfWidth),
    b: Float64Array.of(-1, 0.2, -0.7, 0.9, 0).map((x) => x * halfWidth),
  };
}

/** The first `count` of some offsets. */
export function firstOf({ a, b }: Points, count: number): Points {
  return { a: a.subarray(0, count), b: b.subarray(0, count) };
}

/** Offsets, and then those on the other side of the centre. */
export function withOpposites({ a, b }: Points): Points {
  const both = (x: Float64Array) => new Float64Array([...x, ...x.map((value) => -value)]);
  return { a: both(a), b: both(b) };
}

/** Δ(o) + Δ(−o) of such offsets. */
export function even(delta: Float64Array): Float64Array {
  const count = delta.length / 2;
  return delta.subarray(0, count).map((value, i) => value + delta[count + i]!);
}

/** Largest error over largest |Δ|. */
export function errorIn(delta: Float64Array, truth: Float64Array): number {
  const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));
  return largest(delta.map((value, i) => value - truth[i]!)) / largest(truth);
}

/** A problem whose directions move its biases too. */
export function withBiases(problem: Problem): Problem {
  const moved = (direction: Direction, factor: number): Direction =>
    new Map(
      [...problem.model.parameters.values()].map(({ name, kind, data }) => {
        const own = direction.get(name);
        const isSet = own?.some((value) => value !== 0) ?? false;
        if (isSet || kind === 'statistic' || name.includes('.bn')) return [name, own ?? data.map(() => 0)];
        return [name, data.map((value) => factor * value)];
      }),
    );
  return { ...problem, d1: moved(problem.d1, 0.7), d2: moved(problem.d2, -0.4) };
}
