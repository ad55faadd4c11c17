/**
 * Evenly spaced streamlines of steepest descent, after B. Jobard and W. Lefer, "Creating evenly-spaced streamlines of
 * arbitrary density", Visualization in Scientific Computing '97, 43–55. Distances are shares of the width of the view,
 * so that a picture of any size is as full.
 */
import type { Point } from '../engine/engine.js';
import { descentOf, type Metric } from './metric.js';
import { type Slopes, slopeAt } from './slopes.js';

/** A place of the view: shares of its width and height, up and to the right. */
interface Place {
  readonly u: number;
  readonly v: number;
}

/** Between neighbouring lines where they begin; they end where they come closer than half of it. */
export const SEPARATION = 1 / 24;
const CLOSEST = 0.5 * SEPARATION;
/** Length of a step: that of a Runge–Kutta of fourth order, short beside the grid's cells and the lines' distance. */
const STEP = SEPARATION / 10;
/** Shorter lines are dots. */
const SHORTEST = SEPARATION;
/** Longer ones go round in circles. */
const MOST_STEPS = 4000;

/** Metric of a plane whose directions are taken as orthogonal and equally long. */
export const plainMetric: Metric = { aa: 1, ab: 0, bb: 1 };

/**
 * Lines that follow −G⁻¹·∇L, the way of gradient descent on the weights as seen in the plane: α, β of their points,
 * downhill, at equal distances in the view. None goes where a slope is not known.
 */
export function streamlines(slopes: Slopes, metric: Metric): Float64Array[] {
  const field = fieldOf(slopes, metric);
  const taken = new Taken();
  const lines: Place[][] = [];
  const begin = (seed: Place): void => {
    if (!taken.isFree(seed, SEPARATION)) return;
    const line = trace(field, seed, taken);
    if (line === null) return;
    line.forEach((place) => taken.add(place));
    lines.push(line);
  };
  begin({ u: 0.5, v: 0.5 });
  // Each line seeds its neighbours; the lattice finds the parts that no line led to. Grows while it is walked through.
  let followed = 0;
  const follow = (): void => {
    for (; followed < lines.length; followed++) besides(lines[followed]!).forEach(begin);
  };
  follow();
  const across = Math.round(1 / SEPARATION);
  for (let i = 0; i < across * across; i++) {
    begin({ u: ((i % across) + 0.5) / across, v: (Math.floor(i / across) + 0.5) / across });
    follow();
  }
  return lines.map((line) => inPlane(slopes, line));
}

/** Unit vector downhill at a place; NaN where there is none. */
type Field = (place: Place) => Place;

function fieldOf(slopes: Slopes, metric: Metric): Field {
  const width = slopes.columns.to - slopes.columns.from;
  const height = slopes.rows.to - slopes.rows.from;
  return ({ u, v }) => {
    const down = descentOf(metric, slopeAt(slopes, u, v));
    const [x, y] = [down.a / width, down.b / height];
    const length = Math.hypot(x, y);
    return { u: x / length, v: y / length };
  };
}

function trace(field: Field, seed: Place, taken: Taken): Place[] | null {
  const down = follow(field, seed, STEP, taken);
  const up = follow(field, seed, -STEP, taken);
  const line = [...up.reverse(), seed, ...down];
  return (line.length - 1) * STEP < SHORTEST ? null : line;
}

/** From a seed until it leaves the view, comes close to another line or its own, or the way turns back: at a minimum or in a gorge. */
function follow(field: Field, seed: Place, step: number, taken: Taken): Place[] {
  const places: Place[] = [];
  const own = new Taken();
  let here = seed;
  let way = field(seed);
  for (let k = 0; k < MOST_STEPS; k++) {
    const next = advance(field, here, step);
    const wayThere = field(next);
    // NaN, outside or beside what is not known, is not above it either.
    if (!(wayThere.u * way.u + wayThere.v * way.v > 0)) break;
    if (!taken.isFree(next, CLOSEST) || !own.isFree(next, CLOSEST)) break;
    places.push(next);
    // Its last points are always close.
    const behind = places[places.length - 1 - Math.ceil((2 * CLOSEST) / STEP)];
    if (behind) own.add(behind);
    [here, way] = [next, wayThere];
  }
  return places;
}

function advance(field: Field, { u, v }: Place, step: number): Place {
  const at = (way: Place, share: number): Place => ({
    u: u + share * step * way.u,
    v: v + share * step * way.v,
  });
  const k1 = field({ u, v });
  const k2 = field(at(k1, 0.5));
  const k3 = field(at(k2, 0.5));
  const k4 = field(at(k3, 1));
  const mean = (p: number, q: number, r: number, s: number): number => (p + 2 * q + 2 * r + s) / 6;
  return at({ u: mean(k1.u, k2.u, k3.u, k4.u), v: mean(k1.v, k2.v, k3.v, k4.v) }, 1);
}

/** Seeds for neighbours: to both sides of every few points. */
function besides(line: readonly Place[]): Place[] {
  const seeds: Place[] = [];
  const every = Math.round(SEPARATION / (2 * STEP));
  for (let i = 1; i < line.length; i += every) {
    const [before, here] = [line[i - 1]!, line[i]!];
    const length = Math.hypot(here.u - before.u, here.v - before.v);
    const across = { u: (-(here.v - before.v) / length) * 1.001, v: ((here.u - before.u) / length) * 1.001 };
    for (const side of [SEPARATION, -SEPARATION]) {
      const seed = { u: here.u + side * across.u, v: here.v + side * across.v };
      if (seed.u > 0 && seed.u < 1 && seed.v > 0 && seed.v < 1) seeds.push(seed);
    }
  }
  return seeds;
}

function inPlane(slopes: Slopes, line: readonly Place[]): Float64Array {
  return Float64Array.from(line.map((place) => pointAt(slopes, place)).flatMap(({ a, b }) => [a, b]));
}

/** Points of lines in square boxes, for the question whether any is near. */
class Taken {
  readonly #boxes = new Map<number, Place[]>();

  add(place: Place): void {
    const key = this.#key(this.#box(place.u), this.#box(place.v));
    const box = this.#boxes.get(key);
    if (box === undefined) this.#boxes.set(key, [place]);
    else box.push(place);
  }

  /** `distance` at most SEPARATION. */
  isFree({ u, v }: Place, distance: number): boolean {
    const [column, row] = [this.#box(u), this.#box(v)];
    for (let y = row - 1; y <= row + 1; y++) {
      for (let x = column - 1; x <= column + 1; x++) {
        for (const other of this.#boxes.get(this.#key(x, y)) ?? []) {
          if (Math.hypot(other.u - u, other.v - v) < distance) return false;
        }
      }
    }
    return true;
  }

  #box(at: number): number {
    return Math.floor(at / SEPARATION);
  }

  #key(column: number, row: number): number {
    return row * 1000 + column;
  }
}

/** From its tail to its tip, downhill. */
export interface Arrow {
  readonly from: Point;
  readonly to: Point;
}

/** Arrows along either side of a view. */
const ARROWS = 16;
/** Length of the longest one as a share of their distance, and of the shortest one as a share of the longest. */
const MOST_LENGTH = 0.86;
const LEAST_LENGTH = 0.35;
/** Of the logarithm of the slopes: one that varies by less is nearly the same everywhere, and so are arrows. */
const LEAST_SPREAD = Math.LN10;

/** Arrows downhill, as long as the logarithm of the slope says between the view's least and greatest; none where nothing is known. */
export function arrows(slopes: Slopes, metric: Metric): Arrow[] {
  const field = fieldOf(slopes, metric);
  const places = Array.from({ length: ARROWS * ARROWS }, (_, i) => {
    const place = { u: ((i % ARROWS) + 0.5) / ARROWS, v: (Math.floor(i / ARROWS) + 0.5) / ARROWS };
    const { a, b } = slopeAt(slopes, place.u, place.v);
    return { ...place, way: field(place), size: Math.log(Math.hypot(a, b)) };
  }).filter(({ way, size }) => Number.isFinite(way.u) && Number.isFinite(size));
  const least = places.reduce((low, { size }) => Math.min(low, size), Infinity);
  const greatest = places.reduce((high, { size }) => Math.max(high, size), -Infinity);
  const spread = Math.max(LEAST_SPREAD, greatest - least);
  return places.map(({ u, v, way, size }) => {
    const share = 1 - (1 - LEAST_LENGTH) * ((greatest - size) / spread);
    const half = (share * MOST_LENGTH) / ARROWS / 2;
    return {
      from: pointAt(slopes, { u: u - half * way.u, v: v - half * way.v }),
      to: pointAt(slopes, { u: u + half * way.u, v: v + half * way.v }),
    };
  });
}

function pointAt({ columns, rows }: Slopes, { u, v }: Place): Point {
  return {
    a: columns.from + u * (columns.to - columns.from),
    b: rows.from + v * (rows.to - rows.from),
  };
}
