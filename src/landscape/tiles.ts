/**
 * Grids that were computed, kept for other views of the same plane: nodes are compared by their numbers on the
 * lattice, so what is reused is exactly what was computed there, to the bit.
 */
import { type Axis, channelsOf, type Grid, type Totals } from './grid.js';

/** Points that are kept: 30 bytes each of the plain pass, some 30 MB in all. */
const MOST_POINTS = 1_000_000;

/** A bounded cache of grids, least recently used first. Grids of one `family` differ in their window alone. */
export class Tiles<T extends Totals> {
  readonly #tiles = new Map<string, { readonly family: string; readonly sums: T }>();
  readonly #make: (grid: Grid) => T;
  readonly #mostPoints: number;
  #points = 0;

  /** `make` gives sums of which nothing is known yet. */
  constructor(make: (grid: Grid) => T, mostPoints = MOST_POINTS) {
    this.#make = make;
    this.#mostPoints = mostPoints;
  }

  /**
   * The grid that is kept, or a new one; it gets every point that any kept one has. With `isFilled` a run adds to kept
   * grids now, which would add to what they got meanwhile: they stay as they are.
   */
  take(family: string, grid: Grid, isFilled = false): T {
    const key = `${family} ${nameOf(grid.columns)} ${nameOf(grid.rows)}`;
    const kept = this.#tiles.get(key);
    const sums = kept?.sums ?? this.#make(grid);
    if (kept === undefined || !isFilled) {
      for (const other of this.of(family)) if (other !== sums) copyKnown(other, sums);
    }
    this.#tiles.delete(key);
    this.#tiles.set(key, { family, sums });
    if (kept === undefined) this.#points += sums.samples.length;
    this.#forget();
    return sums;
  }

  /** All grids of a family, those with the closest nodes first. */
  of(family: string): T[] {
    const grids = [...this.#tiles.values()].filter((tile) => tile.family === family).map(({ sums }) => sums);
    return grids.sort((p, q) => spacing(p.grid) - spacing(q.grid));
  }

  #forget(): void {
    for (const [key, { sums }] of this.#tiles) {
      if (this.#points <= this.#mostPoints || this.#tiles.size === 1) return;
      this.#tiles.delete(key);
      this.#points -= sums.samples.length;
    }
  }
}

function spacing({ columns }: Grid): number {
  return (columns.to - columns.from) / (columns.count - 1);
}

function nameOf({ from, to, count, lattice }: Axis): string {
  if (lattice === undefined) return `${from}:${to}:${count}`;
  return `${lattice.range}/${lattice.parts}/2^${lattice.exponent}:${lattice.first}:${count}`;
}

/** Copies into `to` what `from` knows better at nodes that both have. */
function copyKnown(from: Totals, to: Totals): void {
  const columns = shared(from.grid.columns, to.grid.columns);
  const rows = shared(from.grid.rows, to.grid.rows);
  const [theirs, own] = [channelsOf(from), channelsOf(to)];
  for (const [fromRow, toRow] of rows) {
    for (const [fromColumn, toColumn] of columns) {
      const i = fromRow * from.grid.columns.count + fromColumn;
      const k = toRow * to.grid.columns.count + toColumn;
      if (from.samples[i]! <= to.samples[k]!) continue;
      own.forEach(([, sums], channel) => (sums[k] = theirs[channel]![1][i]!));
      to.samples[k] = from.samples[i]!;
      to.makers[k] = from.makers[i]!;
    }
  }
}

/** Pairs of indices of the nodes that two axes have in common; none unless both lie on one family of lattices. */
function shared(p: Axis, q: Axis): [p: number, q: number][] {
  const [u, v] = [p.lattice, q.lattice];
  if (!u || !v || u.range !== v.range || u.parts !== v.parts) return [];
  // On the finer of both lattices every node of the coarser one has a number; the coarser axis names them.
  const depth = v.exponent - u.exponent;
  const [coarse, fine] = depth >= 0 ? [u, v] : [v, u];
  const factor = 2 ** Math.abs(depth);
  const [coarseCount, fineCount] = depth >= 0 ? [p.count, q.count] : [q.count, p.count];
  const pairs: [number, number][] = [];
  const begin = Math.max(0, Math.ceil(fine.first / factor) - coarse.first);
  for (let i = begin; i < coarseCount; i++) {
    const k = (coarse.first + i) * factor - fine.first;
    if (k >= fineCount) break;
    pairs.push(depth >= 0 ? [i, k] : [k, i]);
  }
  return pairs;
}
