/**
 * Rounding in values that are smooth but for it: what third differences leave over steps that only just change it. After
 * Hamming's difference table as J. Moré and S. Wild use it, "Estimating computational noise", SIAM J. Sci. Comput. 33
 * (2011), section 4.
 */
import type { Points, Precision } from '../engine/engine.js';
import type { Point } from './view.js';

/** A square window of the plane. */
export interface Window {
  readonly centre: Point;
  readonly halfWidth: number;
}

/** Points of a line; eight give five third differences. */
const LINE = 8;
/** Γ = (k!)² / (2k)! for k = 3: the variance of noise over that of its third differences. */
const THIRD = 36 / 720;
/** Median of the square of a standard normal variable. */
const MEDIAN = 0.4549364;
/** Largest relative error of rounding to nearest. */
export const ROUNDING: Readonly<Record<Precision, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** Where a window's rounding is looked at: short lines from its centre and its corners on, along α and β at once. */
export function linesIn({ centre, halfWidth }: Window, step: number): Points {
  const sides = [-halfWidth, halfWidth];
  const corners = sides.flatMap((a) => sides.map((b) => ({ a: centre.a + a, b: centre.b + b })));
  const starts = [centre, ...corners];
  const along = (axis: 'a' | 'b') =>
    Float64Array.from({ length: starts.length * LINE }, (_, i) => {
      return starts[Math.floor(i / LINE)]![axis] + (i % LINE) * step;
    });
  return { a: along('a'), b: along('b') };
}

/** Of values along such lines those at their beginnings: of the centre and the four corners. */
export function startsOf(values: Float64Array): Float64Array {
  return values.filter((_, i) => i % LINE === 0);
}

/**
 * Standard deviation of the noise in values along such lines. NaN where a value is not finite.
 *
 * By the median of the squared third differences, as in a wide window one corner may be far louder than the rest, and
 * where a line crosses a kink of the network three differences of five are those of a derivative's jump; or by their mean,
 * where what is rare is part of the noise.
 */
export function scatterOf(values: Float64Array, by: 'median' | 'mean' = 'median'): number {
  if (!values.every(Number.isFinite)) return NaN;
  const squares: number[] = [];
  for (let start = 0; start < values.length; start += LINE) {
    for (let i = start; i + 3 < start + LINE; i++) {
      squares.push((values[i + 3]! - 3 * values[i + 2]! + 3 * values[i + 1]! - values[i]!) ** 2);
    }
  }
  if (by === 'mean') return Math.sqrt((THIRD * squares.reduce((sum, x) => sum + x, 0)) / squares.length);
  squares.sort((left, right) => left - right);
  return Math.sqrt((THIRD * squares[(squares.length - 1) / 2]!) / MEDIAN);
}
