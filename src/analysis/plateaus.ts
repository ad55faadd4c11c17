/** Plateaus: connected parts of a view that are flat and lie well above the lowest loss that was found. */
import type { Point } from '../engine/engine.js';
import type { Axis } from '../landscape/grid.js';
import { areaOf, type Metric, steepnessOf } from './metric.js';
import type { Slopes } from './slopes.js';

export interface Plateau {
  /** Indices of its nodes in the grid. */
  readonly nodes: readonly number[];
  /** Of the view's area, 0 … 1. */
  readonly share: number;
  /** The rectangle around its nodes' cells. */
  readonly from: Point;
  readonly to: Point;
  /** Means over its nodes: of the loss, and of ‖∇L‖ = |(∂L/∂α, ∂L/∂β)| per unit of α and β. */
  readonly loss: number;
  readonly slope: number;
  /**
   * In the space of the weights: the diameter of a circle of its area, and the mean length of the gradient's
   * projection on the plane. Null where the directions span no plane.
   */
  readonly weights: { readonly width: number; readonly slope: number } | null;
}

export interface PlateauLimits {
  /** Largest ‖∇L‖ of a node that is flat, per unit of α and β. */
  readonly flat: number;
  /** Least loss of a plateau: a flat part that reaches below it is the basin of the minimum. */
  readonly loss: number;
}

/** Smaller parts are no more than a few nodes that happen to be flat. */
export const LEAST_NODES = 4;
/** Share of a view's points that are flat where nobody chose a limit. */
const FLAT_SHARE = 0.1;

/** The limit of ‖∇L‖ below which a tenth of all nodes of these grids lie; 0 where nothing is known. */
export function flatLimit(grids: readonly Slopes[]): number {
  const known = grids.flatMap(({ a, b }) => [...a.keys()].map((i) => Math.hypot(a[i]!, b[i]!)));
  const sorted = Float64Array.from(known.filter(Number.isFinite)).sort();
  return sorted.length === 0 ? 0 : sorted[Math.floor(FLAT_SHARE * (sorted.length - 1))]!;
}

/**
 * The plateaus of a view, largest first; nodes that touch at a side or a corner are connected. `losses` are those of
 * the nodes; a node without a finite loss or slope belongs to none.
 */
export function findPlateaus(
  slopes: Slopes,
  losses: ArrayLike<number>,
  metric: Metric | null,
  limits: PlateauLimits,
): Plateau[] {
  const size = slopes.a.length;
  const isFlat = (i: number) =>
    Math.hypot(slopes.a[i]!, slopes.b[i]!) <= limits.flat && Number.isFinite(losses[i]!);
  const seen = new Uint8Array(size);
  const found: Plateau[] = [];
  for (let start = 0; start < size; start++) {
    if (seen[start] || !isFlat(start)) continue;
    const nodes = connected(slopes, start, seen, isFlat);
    if (nodes.length < LEAST_NODES || nodes.some((i) => losses[i]! < limits.loss)) continue;
    found.push(describe(slopes, losses, metric, nodes));
  }
  return found.sort((p, q) => q.share - p.share);
}

function connected(
  { columns, rows }: Slopes,
  start: number,
  seen: Uint8Array,
  isFlat: (i: number) => boolean,
): number[] {
  const nodes = [start];
  seen[start] = 1;
  // Grows while it is walked through.
  for (const i of nodes) {
    const [column, row] = [i % columns.count, Math.floor(i / columns.count)];
    for (let y = Math.max(0, row - 1); y <= Math.min(rows.count - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns.count - 1, column + 1); x++) {
        const k = y * columns.count + x;
        if (seen[k] || !isFlat(k)) continue;
        seen[k] = 1;
        nodes.push(k);
      }
    }
  }
  return nodes;
}

function describe(
  { columns, rows, a, b }: Slopes,
  losses: ArrayLike<number>,
  metric: Metric | null,
  nodes: readonly number[],
): Plateau {
  const count = columns.count;
  const mean = (of: (i: number) => number): number => nodes.reduce((sum, i) => sum + of(i), 0) / nodes.length;
  const column = span(columns, (i) => i % count, nodes);
  const row = span(rows, (i) => Math.floor(i / count), nodes);
  // A node stands for the cell around it; those at the rim are cut in half there.
  const cell = (axis: Axis, k: number) => (k === 0 || k === axis.count - 1 ? 0.5 : 1) / (axis.count - 1);
  const share = nodes.reduce(
    (sum, i) => sum + cell(columns, i % count) * cell(rows, Math.floor(i / count)),
    0,
  );
  const area = share * (columns.to - columns.from) * (rows.to - rows.from);
  return {
    nodes,
    share,
    from: { a: column.from, b: row.from },
    to: { a: column.to, b: row.to },
    loss: mean((i) => losses[i]!),
    slope: mean((i) => Math.hypot(a[i]!, b[i]!)),
    weights: metric && {
      width: 2 * Math.sqrt((area * areaOf(metric)) / Math.PI),
      slope: mean((i) => steepnessOf(metric, { a: a[i]!, b: b[i]! })),
    },
  };
}

/** From the first cell's edge to the last one's, within the axis. */
function span(
  axis: Axis,
  place: (i: number) => number,
  nodes: readonly number[],
): { from: number; to: number } {
  const places = nodes.map(place);
  const first = places.reduce((p, q) => Math.min(p, q));
  const last = places.reduce((p, q) => Math.max(p, q));
  const spacing = (axis.to - axis.from) / (axis.count - 1);
  return {
    from: axis.from + spacing * Math.max(0, first - 0.5),
    to: axis.from + spacing * Math.min(axis.count - 1, last + 0.5),
  };
}

/**
 * Steps that gradient descent without momentum takes across at the mean slope, seen in the plane: a step is `rate`
 * times the slope long. Infinite where there is no slope, NaN where the directions span no plane.
 */
export function stepsAcross({ weights }: Plateau, rate: number): number {
  return weights === null ? NaN : weights.width / (rate * weights.slope);
}
