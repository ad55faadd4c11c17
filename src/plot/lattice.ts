/** Grids of which only a coarser lattice is computed, as they are while they are refined, and what lies between its nodes. */
import { nearestKnown } from './nearest.js';

/** Every `stride`-th node of a grid in both directions. */
export interface Lattice {
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
}

export function wholeGrid({ columns, rows }: { readonly columns: number; readonly rows: number }): Lattice {
  return { firstColumn: 0, firstRow: 0, stride: 1, columns, rows };
}

/** Strides tried, the middle node being part of each sub-grid: those of dyadic refinement. */
const strides = [1, 2, 4, 8, 16] as const;

/** The finest sub-grid around the middle node of which every point is computed; null when there is none. */
export function finestLattice(computed: ArrayLike<number>, columns: number, rows: number): Lattice | null {
  for (const stride of strides) {
    const firstColumn = ((columns - 1) >> 1) % stride;
    const firstRow = ((rows - 1) >> 1) % stride;
    const lattice = {
      firstColumn,
      firstRow,
      stride,
      columns: Math.floor((columns - 1 - firstColumn) / stride) + 1,
      rows: Math.floor((rows - 1 - firstRow) / stride) + 1,
    };
    if (isComplete(computed, columns, lattice)) return lattice;
  }
  return null;
}

function isComplete(computed: ArrayLike<number>, width: number, lattice: Lattice): boolean {
  for (let row = 0; row < lattice.rows; row++) {
    const start = (lattice.firstRow + row * lattice.stride) * width + lattice.firstColumn;
    for (let column = 0; column < lattice.columns; column++) {
      if (!computed[start + column * lattice.stride]) return false;
    }
  }
  return true;
}

/**
 * The values with something in the place of those that are not computed: `interpolate`'s where it has any, else that of
 * the nearest computed node; NaN when none is.
 */
export function filled(
  values: ArrayLike<number>,
  computed: ArrayLike<number>,
  columns: number,
  rows: number,
): Float64Array {
  const all = Float64Array.from(nearestKnown(computed, columns, rows), (source) => values[source] ?? NaN);
  interpolate(all, computed, columns, rows);
  return all;
}

/**
 * Gives the nodes that are not computed the mean of their neighbours, halving the distance from that of the finest complete
 * lattice on: what is linear comes out exact, and finer nodes that are computed count. Where a neighbour is not finite, and
 * without such a lattice, nothing is changed. Index = row · columns + column.
 */
export function interpolate(
  values: Float64Array,
  computed: ArrayLike<number>,
  columns: number,
  rows: number,
): void {
  const from = finestLattice(computed, columns, rows)?.stride ?? 1;
  for (let step = from; step > 1; step /= 2) {
    const half = step / 2;
    const [firstColumn, firstRow] = [((columns - 1) >> 1) % step, ((rows - 1) >> 1) % step];
    // Nodes half-way along one axis come first: those half-way along both lie between them.
    for (const both of [false, true]) {
      for (let row = firstRow % half; row < rows; row += half) {
        const isUp = (row - firstRow) % step !== 0;
        for (let column = firstColumn % half; column < columns; column += half) {
          const isAcross = (column - firstColumn) % step !== 0;
          const i = row * columns + column;
          const isNext = both ? isUp && isAcross : isUp !== isAcross;
          if (!isNext || computed[i]) continue;
          const mean = meanOf(values, [
            isAcross && column >= half ? i - half : -1,
            isAcross && column + half < columns ? i + half : -1,
            isUp && row >= half ? i - half * columns : -1,
            isUp && row + half < rows ? i + half * columns : -1,
          ]);
          if (Number.isFinite(mean)) values[i] = mean;
        }
      }
    }
  }
}

/** Of the values at these places, −1 being none. */
function meanOf(values: Float64Array, places: readonly [number, number, number, number]): number {
  let [sum, count] = [0, 0];
  for (const place of places) {
    if (place < 0) continue;
    sum += values[place]!;
    count++;
  }
  return sum / count;
}
