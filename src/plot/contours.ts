/**
 * Lines of equal value, traced by d3-contour on the scale's own measure (logarithms on a log scale).
 */
import { contours as marchingSquares } from 'd3-contour';
import type { HeatmapGrid } from './heatmap.js';
import { finestLattice, type Lattice, wholeGrid } from './lattice.js';
import { nearestKnown } from './nearest.js';
import type { Norm } from './scale.js';
import { finish, type Steps } from './steps.js';

export interface ContourLine {
  readonly level: number;
  /** x0, y0, x1, y1, … in grid coordinates: node (column, row) lies at (column, row). */
  readonly points: Float64Array;
  readonly closed: boolean;
}

/** Values a log scale cannot show lie this many scales below the lowest level. */
const depthOfUnshown = 1;

/**
 * Lines at the given levels inside the hull of the nodes. Where nodes are NaN, infinite or not computed
 * there is a hole, and lines end at the last cell whose four nodes are known. While a grid is refined
 * coarse to fine, the finest complete sub-grid is traced.
 */
export function traceContours(grid: HeatmapGrid, norm: Norm, levels: readonly number[]): ContourLine[] {
  return finish(contourSteps(grid, norm, levels));
}

/** The same, a step for each level. */
export function* contourSteps(
  grid: HeatmapGrid,
  norm: Norm,
  levels: readonly number[],
): Steps<ContourLine[]> {
  const lattice = grid.computed ? finestLattice(grid.computed, grid.columns, grid.rows) : wholeGrid(grid);
  if (!lattice || lattice.columns < 2 || lattice.rows < 2 || levels.length === 0) return [];
  const { columns, rows } = lattice;
  const places = levels.map((level) => norm.unit(level));
  const floor = Math.min(...places.filter(Number.isFinite)) - depthOfUnshown;
  const { units, known } = unitsOf(grid, lattice, norm, floor);
  const filled = fillHoles(units, known, columns, rows);
  const marching = marchingSquares().size([columns, rows]);
  const lines: ContourLine[] = [];
  for (const [i, level] of levels.entries()) {
    if (!Number.isFinite(places[i]!)) continue;
    yield;
    const { coordinates } = marching.contour(filled, places[i]!);
    for (const ring of coordinates.flat()) {
      for (const line of insideOf(ring as [number, number][], known, columns, rows)) {
        lines.push({ level, points: line.points.map((v, k) => toGrid(v, k, lattice)), closed: line.closed });
      }
    }
  }
  return lines;
}

function toGrid(value: number, k: number, { firstColumn, firstRow, stride }: Lattice): number {
  return (k % 2 === 0 ? firstColumn : firstRow) + stride * value;
}

function unitsOf(
  grid: HeatmapGrid,
  lattice: Lattice,
  norm: Norm,
  floor: number,
): { units: Float64Array; known: Uint8Array } {
  const units = new Float64Array(lattice.columns * lattice.rows);
  const known = new Uint8Array(units.length);
  for (let i = 0; i < units.length; i++) {
    const row = lattice.firstRow + Math.floor(i / lattice.columns) * lattice.stride;
    const column = lattice.firstColumn + (i % lattice.columns) * lattice.stride;
    const value = grid.values[row * grid.columns + column]!;
    if (!Number.isFinite(value)) continue;
    known[i] = 1;
    units[i] = Math.max(floor, norm.unit(value));
  }
  return { units, known };
}

/**
 * Holes take their nearest neighbour's value: a line then enters them at its true place, and the part
 * inside is cut away. Left as NaN, they would count as low ground and get a false shore.
 */
function fillHoles(units: Float64Array, known: Uint8Array, columns: number, rows: number): number[] {
  const source = known.includes(0) ? nearestKnown(known, columns, rows) : null;
  const filled: number[] = [];
  for (let i = 0; i < units.length; i++) {
    const from = source ? source[i]! : i;
    filled.push(from < 0 ? 0 : units[from]!);
  }
  return filled;
}

/** The parts of a ring that run in cells with four known nodes, shifted to grid coordinates. */
function insideOf(
  ring: readonly (readonly [number, number])[],
  known: Uint8Array,
  columns: number,
  rows: number,
): { points: Float64Array; closed: boolean }[] {
  // d3-contour puts node (i, j) at (i + ½, j + ½), repeats the first point at the end, and closes rings
  // half a cell outside the grid.
  const last = ring.length - 1;
  const x = Float64Array.from(ring, (point) => point[0] - 0.5);
  const y = Float64Array.from(ring, (point) => point[1] - 0.5);
  const isInside = Uint8Array.from({ length: last }, (_, k) => {
    const [left, right, low, high] = [
      Math.min(x[k]!, x[k + 1]!),
      Math.max(x[k]!, x[k + 1]!),
      Math.min(y[k]!, y[k + 1]!),
      Math.max(y[k]!, y[k + 1]!),
    ];
    if (left < 0 || right > columns - 1 || low < 0 || high > rows - 1) return 0;
    const column = Math.min(columns - 2, Math.floor((left + right) / 2));
    const row = Math.min(rows - 2, Math.floor((low + high) / 2));
    const at = row * columns + column;
    return known[at]! & known[at + 1]! & known[at + columns]! & known[at + columns + 1]!;
  });
  const start = isInside.indexOf(0);
  if (start < 0) return [{ points: slice(0, last), closed: true }];
  const lines: { points: Float64Array; closed: boolean }[] = [];
  for (let k = start + 1; k < start + last; k++) {
    if (!isInside[k % last]) continue;
    const first = k;
    while (isInside[k % last]) k++;
    lines.push({ points: slice(first, k), closed: false });
  }
  return lines;

  function slice(from: number, to: number): Float64Array {
    const points = new Float64Array(2 * (to - from + 1));
    for (let k = from; k <= to; k++) {
      points[2 * (k - from)] = x[k % last]!;
      points[2 * (k - from) + 1] = y[k % last]!;
    }
    return points;
  }
}
