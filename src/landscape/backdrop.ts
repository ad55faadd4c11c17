/** What other windows of a plane say of a grid that is not computed yet: its picture, scaled, until its own comes. */
import { type Axis, coordinates, type Grid, type Totals } from './grid.js';

/** Distances between computed nodes that are tried in an unfinished grid, those of its coarse-to-fine order. */
const STRIDES = [1, 2, 4, 8, 16] as const;

/**
 * Values between the nodes of `others`, the first that has four computed ones around a point counting; NaN where
 * none has, and where `skip` is not 0. `valueOf` gives what is shown of point `i` of a grid. For the eye alone:
 * nothing is stored, measured or read out from it.
 */
export function backdrop<T extends Totals>(
  grid: Grid,
  skip: ArrayLike<number>,
  others: readonly T[],
  valueOf: (sums: T, i: number) => number,
): Float64Array {
  const values = new Float64Array(skip.length).fill(NaN);
  const [a, b] = [coordinates(grid.columns), coordinates(grid.rows)];
  for (const sums of others) {
    const [across, up] = [places(sums.grid.columns, a), places(sums.grid.rows, b)];
    for (const [row, y] of up) {
      for (const [column, x] of across) {
        const k = row * a.length + column;
        if (skip[k] || !Number.isNaN(values[k]!)) continue;
        values[k] = between(sums, x, y, valueOf);
      }
    }
  }
  return values;
}

/** Of the coordinates those within an axis, by their index, with their place among its nodes. */
function places({ from, to, count }: Axis, values: Float64Array): [index: number, place: number][] {
  const list: [number, number][] = [];
  values.forEach((value, i) => {
    const place = ((value - from) / (to - from)) * (count - 1);
    // An edge shared by two windows may lie a rounding outside.
    if (place >= -1e-6 && place <= count - 1 + 1e-6) {
      list.push([i, Math.min(count - 1, Math.max(0, place))]);
    }
  });
  return list;
}

function between<T extends Totals>(
  sums: T,
  x: number,
  y: number,
  valueOf: (sums: T, i: number) => number,
): number {
  const { columns, rows } = sums.grid;
  for (const stride of STRIDES) {
    const [left, right] = around(x, columns.count, stride);
    const [low, high] = around(y, rows.count, stride);
    if (left < 0 || low < 0 || right >= columns.count || high >= rows.count) return NaN;
    const at = [low, high].flatMap((row) => [left, right].map((column) => row * columns.count + column));
    if (!at.every((i) => sums.samples[i]! > 0)) continue;
    const [sw, se, nw, ne] = at.map((i) => valueOf(sums, i)) as [number, number, number, number];
    const [u, v] = [
      right > left ? (x - left) / (right - left) : 0,
      high > low ? (y - low) / (high - low) : 0,
    ];
    return (1 - v) * (sw + u * (se - sw)) + v * (nw + u * (ne - nw));
  }
  return NaN;
}

/** The nodes next to a place, of those at multiples of `stride` from the middle. */
function around(place: number, count: number, stride: number): [number, number] {
  const middle = (count - 1) >> 1;
  const below = middle + Math.floor((place - middle) / stride) * stride;
  return [below, place === below ? below : below + stride];
}
