/**
 * Random directions in parameter space, normalised as in Li, Xu, Taylor, Studer, Goldstein, *Visualizing
 * the Loss Landscape of Neural Nets* (NeurIPS 2018, arXiv 1712.09913). Norms and products are float64; a
 * direction is float32, rounded once at the end.
 */
import type { Direction } from '../engine/engine.js';
import { fnv1a32 } from '../math/hash.js';
import { normals } from '../math/normal.js';
import { elements, type Model, type Parameter } from '../model/graph.js';

/**
 * What a draw is scaled to: `filter` every index of dimension 0 to the norm of the weights there; `layer`
 * every parameter to its norm; `weight` every element multiplied by its weight; `none` as drawn.
 */
export type Normalise = 'filter' | 'layer' | 'weight' | 'none';

/** Parameters of at most one dimension: left where they are, or moved randomly, scaled to their norm. */
export type BiasPolicy = 'ignore' | 'scale';

export interface DirectionOptions {
  /** 0 … 2⁵³ − 1. */
  readonly seed: number;
  /** 0 gives d1, 1 gives d2. */
  readonly index: 0 | 1;
  readonly normalise: Normalise;
  readonly bias: BiasPolicy;
  /**
   * Move BatchNorm's running statistics too, scaled to their norm whatever `bias` says. A variance may
   * turn negative on the way; the loss is then NaN there, and that is what the picture shows.
   */
  readonly states?: boolean;
}

/** The directions asked for do not exist; the message says what to do. */
export class DirectionError extends Error {
  override readonly name = 'DirectionError';
}

/** Keeps the quotient finite for a draw of norm zero; Li et al.'s value. */
const NORM_EPSILON = 1e-10;
/** Below this share of its norm, what is left of a group after projection is rounding. */
const PARALLEL = 1e-12;

/** A run of elements of one parameter that share a norm. */
interface Group {
  readonly start: number;
  readonly end: number;
}

/**
 * A Gaussian direction. Parameter p's draws come from the key (seed mod 2³², FNV-1a-32 of p's name) and
 * the counter (block, index, ⌊seed / 2³²⌋, 0), so they depend on nothing but seed, index and name.
 * Parameters that do not move are left out, which means zero. A filter of norm zero gets zeros.
 */
export function drawDirection(model: Model, options: DirectionOptions): Direction {
  const { seed, index, normalise, bias, states = false } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`the seed ${seed} is no whole number from 0 to 2^53 - 1; choose another`);
  }
  const direction = new Map<string, Float32Array>();
  for (const parameter of model.parameters.values()) {
    const { name, kind, data } = parameter;
    const moves = kind === 'statistic' ? states : isMatrix(parameter) || bias === 'scale';
    if (!moves) continue;
    const stream = [index, Math.floor(seed / 2 ** 32), 0] as const;
    const drawn = normals([seed % 2 ** 32, fnv1a32(name)], stream, data.length);
    direction.set(name, scaled(parameter, drawn, normalise));
  }
  return direction;
}

/** Cosine of the angle between two directions over all their elements; NaN when one of them is zero. */
export function cosine(d1: Direction, d2: Direction): number {
  return inner(d1, d2) / Math.sqrt(inner(d1, d1) * inner(d2, d2));
}

/**
 * d2 made orthogonal to d1 by Gram–Schmidt, with its norms kept.
 *
 * With `filter` and `layer` each normalisation group (a filter, a layer, a bias vector) is projected by
 * itself and scaled back to the norm it had, so the result is orthogonal and still normalised, which a
 * projection of the whole direction followed by renormalisation is not. Groups of one element cannot
 * turn; the product they leave, R, is made up by all others, each tilted by the same sine
 * s = −R / Σ‖d1_j‖‖d2_j‖ towards its part of d1. With `weight` and `none` the whole direction is one group.
 *
 * Throws DirectionError when no such direction exists, e.g. because d1 and d2 are parallel.
 */
export function orthogonalise(
  model: Model,
  d1: Direction,
  d2: Direction,
  options: { readonly normalise: Normalise },
): Direction {
  if (options.normalise === 'filter' || options.normalise === 'layer') {
    return orthogonaliseGroups(model, d1, d2, options.normalise);
  }
  const share = inner(d1, d2) / inner(d1, d1);
  const norm = Math.sqrt(inner(d2, d2));
  const rest = new Map([...d2].map(([name, b]) => [name, minus(b, share, d1.get(name))]));
  const left = Math.sqrt(inner(rest, rest));
  if (!(left > PARALLEL * norm)) throw parallel();
  return new Map([...rest].map(([name, b]) => [name, new Float32Array(b.map((x) => (x * norm) / left))]));
}

function orthogonaliseGroups(model: Model, d1: Direction, d2: Direction, normalise: Normalise): Direction {
  const result = new Map<string, Float32Array>();
  const turning: {
    out: Float32Array;
    start: number;
    a: Float32Array;
    rest: Float64Array;
    n1: number;
    n2: number;
  }[] = [];
  let fixed = 0;
  let reach = 0;
  for (const [name, b] of d2) {
    const out = b.slice();
    result.set(name, out);
    const a = d1.get(name);
    const parameter = model.parameters.get(name);
    if (parameter === undefined)
      throw new DirectionError(`the network has no parameter ${name}; load another direction`);
    if (a === undefined) continue;
    for (const { start, end } of groupsOf(parameter, normalise)) {
      const a_j = a.subarray(start, end);
      const b_j = b.subarray(start, end);
      const n1 = norm(a_j);
      const n2 = norm(b_j);
      if (n1 === 0 || n2 === 0) continue;
      const rest = minus(b_j, dot(a_j, b_j) / (n1 * n1), a_j);
      if (end - start < 2 || norm(rest) <= PARALLEL * n2) {
        fixed += dot(a_j, b_j);
      } else {
        turning.push({ out, start, a: a_j, rest, n1, n2 });
        reach += n1 * n2;
      }
    }
  }
  const sine = fixed === 0 ? 0 : -fixed / reach;
  if (!(Math.abs(sine) < 1)) throw parallel();
  const cos = Math.sqrt(1 - sine * sine);
  for (const { out, start, a, rest, n1, n2 } of turning) {
    const left = norm(rest);
    for (let i = 0; i < rest.length; i++)
      out[start + i] = n2 * ((cos * rest[i]!) / left + (sine * a[i]!) / n1);
  }
  return result;
}

function parallel(): DirectionError {
  return new DirectionError(
    'the two directions are parallel and cannot be made orthogonal; draw with another seed',
  );
}

function scaled(parameter: Parameter, drawn: Float32Array, normalise: Normalise): Float32Array {
  const { data } = parameter;
  if (isMatrix(parameter)) {
    if (normalise === 'none') return drawn;
    if (normalise === 'weight') return drawn.map((d, i) => d * data[i]!);
  }
  for (const { start, end } of groupsOf(parameter, normalise)) {
    const d = drawn.subarray(start, end);
    const factor = norm(data.subarray(start, end)) / (norm(d) + NORM_EPSILON);
    for (let i = 0; i < d.length; i++) d[i]! *= factor;
  }
  return drawn;
}

/** The groups of a parameter that keep their norm under `filter`; one group in every other case. */
function groupsOf(parameter: Parameter, normalise: Normalise): Group[] {
  const { shape, data } = parameter;
  if (normalise !== 'filter' || !isMatrix(parameter)) return [{ start: 0, end: data.length }];
  const size = elements(shape.slice(1));
  return Array.from({ length: shape[0]! }, (_, j) => ({ start: j * size, end: (j + 1) * size }));
}

/** Weights of two or more dimensions, which are normalised; the others follow the bias policy. */
function isMatrix({ kind, shape }: Parameter): boolean {
  return kind === 'weight' && shape.length >= 2;
}

type Numbers = Float32Array | Float64Array;

/** Sum of products over the parameters that both have. */
export function inner(d1: ReadonlyMap<string, Numbers>, d2: ReadonlyMap<string, Numbers>): number {
  let sum = 0;
  for (const [name, a] of d1) {
    const b = d2.get(name);
    if (b !== undefined) sum += dot(a, b);
  }
  return sum;
}

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(a: Numbers): number {
  return Math.sqrt(dot(a, a));
}

/** b − share · a, with a missing part of a direction as zero. */
function minus(b: Float32Array, share: number, a: Float32Array | undefined): Float64Array {
  const rest = new Float64Array(b);
  if (a !== undefined) for (let i = 0; i < rest.length; i++) rest[i]! -= share * a[i]!;
  return rest;
}
