import type { Sums } from '../engine/engine.js';

/** Where nodes lie exactly: number k at range · k / parts · 2^−exponent, `parts` odd, k a safe integer. */
export interface Lattice {
  readonly range: number;
  readonly parts: number;
  readonly exponent: number;
  /** Number of the axis' first node. */
  readonly first: number;
}

/** `count` equally spaced coordinates from `from` to `to`, both included. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** What the coordinates come from where they are those of a view; from the ends otherwise. */
  readonly lattice?: Lattice;
  /** Of a window of this half-width: every coordinate is its centre and an offset, added and rounded once. */
  readonly window?: { readonly centre: number; readonly halfWidth: number };
}

/** Along an axis of a window; the middle one is 0, the outer ones ± the half-width. */
export function offsetsOf(halfWidth: number, points: number): Float64Array {
  const middle = (points - 1) / 2;
  return Float64Array.from({ length: points }, (_, i) => ((i - middle) / middle) * halfWidth);
}

/** A grid of the plane: `columns` along α, `rows` along β; index = row · columns.count + column. */
export interface Grid {
  readonly columns: Axis;
  readonly rows: Axis;
}

/**
 * What is known of a grid: per point sums over its first `samples[i]` samples (0 = not computed), in as many
 * float64 arrays as the pass has results, by their names. Sums are only ever added to.
 */
export interface Totals {
  readonly grid: Grid;
  readonly samples: Uint32Array;
  /** Per point the bits of those who computed it (LandscapeJob's `maker`). */
  readonly makers: Uint16Array;
}

/** The sums of the plain pass. */
export interface GridSums extends Sums, Totals {}

/** The arrays of sums by name. */
export function channelsOf(totals: Totals): [name: string, sums: Float64Array][] {
  return Object.entries(totals as unknown as Record<string, unknown>).filter(
    (entry): entry is [string, Float64Array] => entry[1] instanceof Float64Array,
  );
}

/** Coordinate of node number `node` of a lattice, float64. */
export function coordinateOf({ range, parts, exponent }: Omit<Lattice, 'first'>, node: number): number {
  return range * (node / parts) * 2 ** -exponent;
}

/**
 * Coordinates of an axis, float64. For an odd count the middle one is exactly the middle of the
 * range, so that the centre of a symmetric range is exactly 0. A count of 1 gives `from`.
 */
export function coordinates(axis: Axis): Float64Array {
  const { from, to, count, lattice, window } = axis;
  if (window) return offsetsOf(window.halfWidth, count).map((offset) => window.centre + offset);
  if (lattice)
    return Float64Array.from({ length: count }, (_, i) => coordinateOf(lattice, lattice.first + i));
  const last = count - 1;
  return Float64Array.from({ length: count }, (_, i) => {
    if (i === 0 || last === 0) return from;
    if (i === last) return to;
    return (from * (last - i) + to * i) / last;
  });
}

/** A grid of which nothing is known yet. */
export function emptySums(grid: Grid): GridSums {
  const size = grid.columns.count * grid.rows.count;
  return {
    grid,
    loss: new Float64Array(size),
    squares: new Float64Array(size),
    correct: new Float64Array(size),
    samples: new Uint32Array(size),
    makers: new Uint16Array(size),
  };
}

/** Mean loss of every point; NaN where nothing is computed (tell the two apart by `samples`). */
export function meanLoss(sums: GridSums): Float64Array {
  return sums.loss.map((loss, i) => loss / sums.samples[i]!);
}

/** Share of correctly classified samples of every point, 0 … 1; NaN where nothing is computed. */
export function accuracy(sums: GridSums): Float64Array {
  return sums.correct.map((correct, i) => correct / sums.samples[i]!);
}

/**
 * Standard error of a point's mean loss as an estimate of the mean over all `total` samples, of which those
 * it has are a random subset: √(s²/n · (1 − n/total)), s² the variance among them. 0 when it has all, NaN
 * below two samples. Stratified subsets (subsets.ts) do a little better.
 */
export function standardError({ loss, squares, samples }: GridSums, index: number, total: number): number {
  const n = samples[index]!;
  if (n >= total) return 0;
  if (n < 2) return NaN;
  const sum = loss[index]!;
  const variance = (squares[index]! - (sum * sum) / n) / (n - 1);
  // Rounding can take a variance of zero a little below it.
  return Math.sqrt((Math.max(0, variance) / n) * (1 - n / total));
}

/** The same of a point's accuracy, 0 … 1. */
export function accuracyError({ correct, samples }: GridSums, index: number, total: number): number {
  const n = samples[index]!;
  if (n >= total) return 0;
  const right = correct[index]! / n;
  return Math.sqrt(((right * (1 - right)) / (n - 1)) * (1 - n / total));
}
