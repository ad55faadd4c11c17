/**
 * How much rounding there is in what a view shows, measured beside it and apart from its picture, by the scatter of values
 * along short lines (scatter.ts).
 */
import type { Evaluator, Precision, Problem, SampleRange } from '../engine/engine.js';
import type { Parameters } from '../model/graph.js';
import type { Order } from '../model/jet.js';
import { linesIn, ROUNDING, scatterOf, startsOf, type Window } from './scatter.js';

/** What is known of a pass in a window. */
export interface Floor {
  /** Standard deviation of the pass's rounding from point to point, in units of what is shown. */
  readonly noise: number;
  /** Largest less smallest of what is shown at the centre and the four corners. */
  readonly range: number;
}

/** What is known of the plain pass in a window before that is drawn. */
export interface NoiseFloor extends Floor {
  /** With what the window's differences from its centre are to be computed. */
  readonly pass: Pass;
}

/** Values of `evaluate`; or `differences`, which the evaluator has in float32 (`delta`) or in float64. */
export type Pass = 'plain' | 'delta' | 'float64';

/**
 * The estimate lies within this factor of the errors' standard deviation over a window whose half-width is at most 0.1
 * of the parameters' own length; tests hold it to that, and to half of it up to 0.01. Wider ones are not equally loud
 * all over.
 */
export const NOISE_FACTOR = 8;
/** Differences' errors are less alike all over a window: up to half-width 0.01 their estimate lies within this factor. */
export const DIFFERENCE_FACTOR = 16;
/** A window whose range is below this many times its noise shows rounding where it should show the loss. */
export const LEAST_SIGNAL = 10;
/** From this many times the noise on the plain pass has three digits, more than the 256 colours of a map tell apart. */
const PLAIN_SIGNAL = 1000;

/** Half-width of an evenly loud window, in the parameters' own length. */
const EVEN = 1 / 4;

/** Steps change a parameter by about this many times what its rounding may. */
const STEP = 64;
/** Derivatives of networks with kinks jump: shorter lines cross fewer of them. */
const SHORT_STEP = 8;

/**
 * Looks at a window with 40 points of the evaluator's plain pass over the samples that its picture is over; noise is
 * smaller over more of them. `noise` and `range` are not finite where a loss is not. Rejects as `evaluate` does.
 */
export async function noiseFloor(
  problem: Problem,
  evaluator: Evaluator,
  window: Window,
  samples: SampleRange,
  signal?: AbortSignal,
): Promise<NoiseFloor> {
  const { evaluate, differences } = evaluator.passes;
  const points = linesIn(window, STEP * ROUNDING[evaluate] * lengthRatio(problem));
  const { loss } = await evaluator.evaluate(points, samples, signal);
  const means = loss.map((sum) => sum / samples.count);
  const range = rangeOf(startsOf(means));
  // Where the loss hardly depends on the parameters, what is left is the rounding of the samples' own losses: uniform
  // within half a unit, whose variance is a third of that of its bound.
  const least = (ROUNDING[evaluate] * Math.abs(means[0]!)) / Math.sqrt(3 * samples.count);
  const noise = Math.hypot(scatterOf(means), least);
  return { noise, range, pass: passFor(range, noise, differences) };
}

/** The same of differences from the window's centre, in units of the mean loss. Rejects as `differences` does. */
export async function differenceFloor(
  evaluator: Evaluator,
  { centre, halfWidth }: Window,
  samples: SampleRange,
  signal?: AbortSignal,
): Promise<Floor> {
  const step = STEP * ROUNDING[evaluator.passes.differences] * halfWidth;
  const offsets = linesIn({ centre: { a: 0, b: 0 }, halfWidth }, step);
  const { delta } = await evaluator.differences(centre, offsets, samples, signal);
  const means = delta.map((sum) => sum / samples.count);
  return { noise: scatterOf(means, 'mean'), range: rangeOf(startsOf(means)) };
}

/**
 * The same of derivatives. Of the first (`order` 1): `noise` is the length of the gradient's error, `range` that of the
 * gradients' lengths. Of the second: `noise` is the Frobenius norm of the Hessian's error, which no eigenvalue's exceeds,
 * and `range` the largest |eigenvalue|, as what is shown is its sign. Rejects as `derivatives` does.
 */
export async function derivativeFloor(
  problem: Problem,
  evaluator: Evaluator,
  window: Window,
  samples: SampleRange,
  order: Order,
  signal?: AbortSignal,
): Promise<Floor> {
  const step = SHORT_STEP * ROUNDING[evaluator.passes.derivatives] * lengthRatio(problem);
  const points = linesIn(window, step);
  const sums = await evaluator.derivatives(points, samples, order, signal);
  const mean = (values: Float64Array) => values.map((sum) => sum / samples.count);
  if (order === 1) {
    const [a, b] = [mean(sums.a), mean(sums.b)];
    const lengths = startsOf(a.map((x, i) => Math.hypot(x, b[i]!)));
    return { noise: Math.hypot(scatterOf(a), scatterOf(b)), range: rangeOf(lengths) };
  }
  const [aa, ab, bb] = [mean(sums.aa!), mean(sums.ab!), mean(sums.bb!)];
  const noise = Math.hypot(scatterOf(aa), Math.SQRT2 * scatterOf(ab), scatterOf(bb));
  // Of a symmetric 2×2 matrix the larger |eigenvalue| is half the |trace| and half the eigenvalues' distance.
  const sizes = aa.map((x, i) => Math.abs(x + bb[i]!) / 2 + Math.hypot((x - bb[i]!) / 2, ab[i]!));
  return { noise, range: Math.max(...startsOf(sizes)) };
}

/** Whether a picture with this range of values shows mostly rounding. */
export function isDrowned({ range, noise }: Floor): boolean {
  return range < LEAST_SIGNAL * noise;
}

function passFor(range: number, noise: number, differences: Precision): Pass {
  // Where the loss is no number, no pass knows better.
  if (!(range < PLAIN_SIGNAL * noise)) return 'plain';
  return differences === 'float32' ? 'delta' : 'float64';
}

function rangeOf(values: Float64Array): number {
  return Math.max(...values) - Math.min(...values);
}

/**
 * Largest half-width of a window that is about equally loud all over: farther out a network's losses, and their rounding,
 * may be a million times those of the middle.
 */
export function evenHalfWidth(problem: Problem): number {
  return EVEN * lengthRatio(problem);
}

/** Length of the parameters over that of both directions together: so far along both axes moves them by their own length. */
function lengthRatio({ model, d1, d2 }: Problem): number {
  const moved = Math.hypot(norm(d1.values()), norm(d2.values()));
  return moved === 0 ? 1 : norm(weights(model.parameters)) / moved;
}

function* weights(parameters: Parameters): Iterable<Float32Array> {
  for (const { kind, data } of parameters.values()) if (kind === 'weight') yield data;
}

function norm(arrays: Iterable<Float32Array>): number {
  let sum = 0;
  for (const array of arrays) for (const value of array) sum += value * value;
  return Math.sqrt(sum);
}
