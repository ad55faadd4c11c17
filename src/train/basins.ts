/** Where an optimizer ends from every start of a grid, and how long it takes. */
import type { Problem } from './problems/problems.js';
import { moveOf, type Racer } from './race.js';

export interface Basins {
  /** Starts per side; start (column, row) is index row · size + column, from the range's ends. */
  readonly size: number;
  /** Number of the place where the run ends, from 0, the place of most starts first; or one of the two below. */
  readonly ends: Int16Array;
  /** Steps until the run stays within `NEAR` of its end for good. */
  readonly steps: Uint32Array;
}

/** Left the finite numbers. */
export const DIVERGED = -1;
/** Was still on its way when the steps were used up. */
export const UNDERWAY = -2;

/** Share of the picture's width within which two ends are one place, and a run has arrived. */
const NEAR = 0.02;
/** A run has settled when it stayed near its end for this share of the steps, and a critical point is near too. */
const SETTLED = 0.1;
/** A slope this small against the largest curvature times `NEAR` is none: along a valley of minima. */
const LEVEL = 1e-6;

/**
 * Computes basins bit by bit: each `next()` runs one row of starts, and the last gives the result. Ends that
 * touch, cell by cell of size `NEAR`, are one place, so a whole valley of minima is one basin.
 */
export function* basins(
  problem: Problem,
  racer: Racer,
  size: number,
  steps: number,
): Generator<undefined, Basins> {
  const count = size * size;
  const ends = new Int16Array(count);
  const taken = new Uint32Array(count);
  const places = new Float64Array(2 * count);
  const path = new Float64Array(2 * (steps + 1));
  const jet = new Float64Array(6);
  const near = [NEAR * (problem.w1[1] - problem.w1[0]), NEAR * (problem.w2[1] - problem.w2[0])] as const;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const i = row * size + column;
      const isFinite = follow(
        problem,
        racer,
        [at(problem.w1, column, size), at(problem.w2, row, size)],
        path,
        jet,
      );
      if (!isFinite) {
        ends[i] = DIVERGED;
        continue;
      }
      const [x, y] = [path[2 * steps]!, path[2 * steps + 1]!];
      let k = steps;
      while (k > 0 && Math.hypot((path[2 * k - 2]! - x) / near[0], (path[2 * k - 1]! - y) / near[1]) <= 1)
        k--;
      ends[i] = steps - k >= SETTLED * steps && isCritical(jet, Math.min(...near)) ? 0 : UNDERWAY;
      taken[i] = k;
      places[2 * i] = x / near[0];
      places[2 * i + 1] = y / near[1];
    }
    yield;
  }
  label(ends, places);
  return { size, ends, steps: taken };
}

/** Start number `k` of `size` along an axis. */
export function at([from, to]: readonly [number, number], k: number, size: number): number {
  return from + ((to - from) * k) / (size - 1);
}

/** Fills the path; `jet` is that of its end. Whether all of it is finite. */
function follow(
  problem: Problem,
  racer: Racer,
  start: [number, number],
  path: Float64Array,
  jet: Float64Array,
): boolean {
  const move = moveOf(problem, racer);
  const w = Float64Array.from(start);
  for (let k = 0; k < path.length; k += 2) {
    path[k] = w[0]!;
    path[k + 1] = w[1]!;
    problem.evaluate(w[0]!, w[1]!, jet);
    if (!Number.isFinite(w[0]! + w[1]! + jet[0]!)) return false;
    if (k + 2 < path.length) move(w, jet);
  }
  return true;
}

/** Whether Newton's step to the critical point of the local quadratic is at most `reach` along both axes of curvature. */
function isCritical(jet: Float64Array, reach: number): boolean {
  const [, gx, gy, hxx, hxy, hyy] = jet as unknown as [number, number, number, number, number, number];
  const angle = Math.atan2(2 * hxy, hxx - hyy) / 2;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const curvatures = [
    hxx * c * c + 2 * hxy * c * s + hyy * s * s,
    hxx * s * s - 2 * hxy * c * s + hyy * c * c,
  ] as const;
  const slopes = [gx * c + gy * s, gy * c - gx * s] as const;
  const largest = Math.max(Math.abs(curvatures[0]), Math.abs(curvatures[1]));
  return slopes.every(
    (slope, i) => Math.abs(slope) <= reach * Math.max(Math.abs(curvatures[i]!), LEVEL * largest),
  );
}

/** Numbers the places, in units of the cell, where runs have settled; most starts first. */
function label(ends: Int16Array, places: Float64Array): void {
  const cells = new Map<string, { x: number; y: number; starts: number[]; place: number }>();
  for (let i = 0; i < ends.length; i++) {
    if (ends[i] !== 0) continue;
    const [x, y] = [Math.floor(places[2 * i]!), Math.floor(places[2 * i + 1]!)];
    const key = `${x},${y}`;
    const cell = cells.get(key);
    if (cell) cell.starts.push(i);
    else cells.set(key, { x, y, starts: [i], place: -1 });
  }
  const found: number[][] = [];
  for (const first of cells.values()) {
    if (first.place >= 0) continue;
    const place = found.push([]) - 1;
    const waiting = [first];
    first.place = place;
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      found[place]!.push(...cell.starts);
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          const beside = cells.get(`${cell.x + dx},${cell.y + dy}`);
          if (beside === undefined || beside.place >= 0) continue;
          beside.place = place;
          waiting.push(beside);
        }
      }
    }
  }
  found.sort((p, q) => q.length - p.length);
  for (const [place, starts] of found.entries()) for (const i of starts) ends[i] = place;
}
