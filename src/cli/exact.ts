/** What `eval` adds to losses: differences from the centre and derivatives, in float64 whatever the engine. */
import type { Evaluator, Points, SampleRange } from '../engine/engine.js';
import type { NpzEntry } from '../io/npz.js';
import { coordinates, offsetsOf, type Grid } from '../landscape/grid.js';
import type { EvalOptions, Window } from './options.js';

/** The options that ask for more than losses. */
export interface Wanted extends Pick<EvalOptions, 'window' | 'delta' | 'derivatives'> {
  readonly grid: Grid;
}

export function wantsMore({ delta, derivatives }: Pick<Wanted, 'delta' | 'derivatives'>): boolean {
  return delta || derivatives > 0;
}

/**
 * Arrays for the npz, means over all samples, [rows β, columns α]: `delta`, `da`, `db`, `daa`, `dab`, `dbb`, and for a
 * window `centre` (α, β) and `offset`, exact along either axis where a and b themselves are rounded.
 */
export async function exactArrays(
  evaluator: Evaluator,
  wanted: Wanted,
  samples: number,
): Promise<NpzEntry[]> {
  const { grid, window, derivatives } = wanted;
  const all = { first: 0, count: samples };
  const entries: NpzEntry[] = [];
  const plane = (name: string, sums: Float64Array): NpzEntry => {
    const shape = [grid.rows.count, grid.columns.count];
    return [name, { dtype: '<f8', shape, data: sums.map((sum) => sum / samples) }];
  };
  if (window !== null) {
    const offset = offsetsOf(window.halfWidth, window.points);
    entries.push(
      ['centre', { dtype: '<f8', shape: [2], data: Float64Array.of(window.a, window.b) }],
      ['offset', { dtype: '<f8', shape: [offset.length], data: offset }],
    );
    if (wanted.delta) entries.push(plane('delta', await delta(evaluator, window, all)));
  }
  if (derivatives > 0) {
    const points = everyPoint(coordinates(grid.columns), coordinates(grid.rows));
    const parts = await inParts(evaluator, points, async (part) => {
      const { a, b, aa, ab, bb } = await evaluator.derivatives(part, all, derivatives === 2 ? 2 : 1);
      return [a, b, aa, ab, bb].filter((array) => array !== null);
    });
    const names = ['da', 'db', 'daa', 'dab', 'dbb'];
    entries.push(...parts.map((part, k) => plane(names[k]!, part)));
  }
  return entries;
}

async function delta(evaluator: Evaluator, window: Window, samples: SampleRange): Promise<Float64Array> {
  const offset = offsetsOf(window.halfWidth, window.points);
  const [sums] = await inParts(evaluator, everyPoint(offset, offset), async (part) => {
    return [(await evaluator.differences(window, part, samples)).delta];
  });
  return sums!;
}

/** Every point of a grid, [row β][column α]. */
function everyPoint(columns: Float64Array, rows: Float64Array): Points {
  const size = columns.length * rows.length;
  return {
    a: Float64Array.from({ length: size }, (_, i) => columns[i % columns.length]!),
    b: Float64Array.from({ length: size }, (_, i) => rows[Math.floor(i / columns.length)]!),
  };
}

/** Computes points on all lanes at once, and joins the arrays that each part gives. */
async function inParts(
  { lanes }: Evaluator,
  { a, b }: Points,
  compute: (part: Points) => Promise<Float64Array[]>,
): Promise<Float64Array[]> {
  const size = Math.ceil(a.length / lanes);
  const calls = Array.from({ length: Math.ceil(a.length / size) }, (_, k) => {
    const [from, to] = [k * size, (k + 1) * size];
    return compute({ a: a.slice(from, to), b: b.slice(from, to) });
  });
  const parts = await Promise.all(calls);
  return parts[0]!.map((_, array) => Float64Array.from(parts.flatMap((part) => [...part[array]!])));
}
