/** A grid of derivatives by α and β, read anywhere between its nodes. */
import type { Point } from '../engine/engine.js';
import type { Axis } from '../landscape/grid.js';
import type { GradientSums } from '../landscape/passes.js';

export interface Slopes {
  readonly columns: Axis;
  readonly rows: Axis;
  /** Mean ∂L/∂α and ∂L/∂β of every node, index row · columns.count + column; NaN where nothing is known. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** The means of what a pass has summed. */
export function slopesOf({ grid, a, b, samples }: Omit<GradientSums, 'makers'>): Slopes {
  const mean = (sums: Float64Array) => sums.map((sum, i) => (samples[i]! > 0 ? sum / samples[i]! : NaN));
  return { ...grid, a: mean(a), b: mean(b) };
}

/** Slope at shares (u, v) of the grid's width and height, bilinear between nodes; NaN outside and beside nodes without. */
export function slopeAt({ columns, rows, a, b }: Slopes, u: number, v: number): Point {
  if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return { a: NaN, b: NaN };
  const [x, y] = [u * (columns.count - 1), v * (rows.count - 1)];
  const column = Math.min(columns.count - 2, Math.floor(x));
  const row = Math.min(rows.count - 2, Math.floor(y));
  const [p, q] = [x - column, y - row];
  const i = row * columns.count + column;
  const mix = (values: Float64Array): number => {
    const low = values[i]! + p * (values[i + 1]! - values[i]!);
    const above = i + columns.count;
    return low + q * (values[above]! + p * (values[above + 1]! - values[above]!) - low);
  };
  return { a: mix(a), b: mix(b) };
}
