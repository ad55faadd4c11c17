/** The order in which a grid is computed: dyadic lattices around the middle node, coarse to fine. */

/** The points that a lattice of this step adds to all coarser ones. */
export interface Level {
  /** Distance between neighbours of the lattice, in grid points: a power of two. */
  readonly step: number;
  /** Indices row · columns + column, those nearest to the middle first. */
  readonly points: Uint32Array;
}

/** The coarsest lattice has at least this many points along the longer axis, if the grid has. */
const COARSEST_POINTS = 3;

/** The node that all lattices share; the exact middle of an odd count. */
export function middle(count: number): number {
  return (count - 1) >> 1;
}

/**
 * Every point of the grid once, in levels: after each level the computed points are all those at a multiple
 * of `step` from the middle node in both axes. The first level holds the middle, the last has step 1.
 */
export function coarseToFine(columns: number, rows: number): Level[] {
  const longer = Math.max(columns, rows);
  let step = 1;
  while (latticePoints(longer, 2 * step) >= COARSEST_POINTS) step *= 2;
  const levels: Level[] = [];
  for (let coarser = 0; step >= 1; coarser = step, step /= 2) {
    levels.push({ step, points: pointsOf(columns, rows, step, coarser) });
  }
  return levels.filter(({ points }) => points.length > 0);
}

function latticePoints(count: number, step: number): number {
  const centre = middle(count);
  return Math.floor(centre / step) + 1 + Math.floor((count - 1 - centre) / step);
}

/** Points of the lattice `step` that the lattice `coarser` (0: none) lacks, sorted outwards. */
function pointsOf(columns: number, rows: number, step: number, coarser: number): Uint32Array {
  const centreColumn = middle(columns);
  const centreRow = middle(rows);
  const size = columns * rows;
  // One number per point, distance² first and index second, so that a plain numeric sort serves.
  const keys: number[] = [];
  for (let row = centreRow % step; row < rows; row += step) {
    for (let column = centreColumn % step; column < columns; column += step) {
      const up = row - centreRow;
      const right = column - centreColumn;
      if (coarser !== 0 && up % coarser === 0 && right % coarser === 0) continue;
      keys.push((up * up + right * right) * size + row * columns + column);
    }
  }
  const sorted = new Float64Array(keys).sort();
  const points = new Uint32Array(sorted.length);
  // Not Uint32Array.from(sorted, …): its iterator takes 400 ms for a million points, this loop 14.
  for (let i = 0; i < points.length; i++) points[i] = sorted[i]! % size;
  return points;
}
