/**
 * How much rounding there is in a loss that the plain pass gives, measured beside the view and apart from its picture:
 * the loss is smooth over steps that only just change the rounding of the parameters, so what third differences over
 * such steps leave is noise. After Hamming's difference table as J. Moré and S. Wild use it, "Estimating computational
 * noise", SIAM J. Sci. Comput. 33 (2011), section 4.
 */
import type { Evaluator, Points, Precision, Problem, SampleRange } from '../engine/engine.js';
import type { Parameters } from '../model/graph.js';
import type { Point } from './view.js';

/** A square window of the plane. */
export interface Window {
  readonly centre: Point;
  readonly halfWidth: number;
}

/** What is known of a window before it is drawn. */
export interface NoiseFloor {
  /** Standard deviation of the plain pass's rounding from point to point, in units of the mean loss. */
  readonly noise: number;
  /** Largest less smallest mean loss of the centre and the four corners. */
  readonly range: number;
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
/** A window whose range is below this many times its noise shows rounding where it should show the loss. */
export const LEAST_SIGNAL = 10;
/** From this many times the noise on the plain pass has three digits, more than the 256 colours of a map tell apart. */
const PLAIN_SIGNAL = 1000;

/** Points of a line; eight give five third differences. */
const LINE = 8;
/** Γ = (k!)² / (2k)! for k = 3: the variance of noise over that of its third differences. */
const THIRD = 36 / 720;
/** Largest relative error of rounding to nearest. */
const ROUNDING: Readonly<Record<Precision, number>> = { float32: 2 ** -24, float64: 2 ** -53 };
/** A step changes a parameter by about this many times what its rounding may. */
const STEP = 64;

/**
 * Looks at a window with 40 points of the evaluator's plain pass over the samples that its picture is over; noise is
 * smaller over more of them. `noise` and `range` are not finite where a loss is not. Rejects as `evaluate` does.
 */
export async function noiseFloor(
  problem: Problem,
  evaluator: Evaluator,
  { centre, halfWidth }: Window,
  samples: SampleRange,
  signal?: AbortSignal,
): Promise<NoiseFloor> {
  const { evaluate, differences } = evaluator.passes;
  const rounding = ROUNDING[evaluate];
  const step = STEP * rounding * lengthRatio(problem);
  const starts = places(centre, halfWidth);
  const { loss } = await evaluator.evaluate(lines(starts, step), samples, signal);
  const means = loss.map((sum) => sum / samples.count);
  const firsts = starts.map((_, i) => means[i * LINE]!);
  const range = Math.max(...firsts) - Math.min(...firsts);
  // Where the loss hardly depends on the parameters, what is left is the rounding of the samples' own losses: uniform
  // within half a unit, whose variance is a third of that of its bound.
  const least = (rounding * Math.abs(firsts[0]!)) / Math.sqrt(3 * samples.count);
  const noise = Math.hypot(scatterOf(means), least);
  return { noise, range, pass: passFor(range, noise, differences) };
}

/** Whether a picture with this range of values shows mostly rounding. */
export function isDrowned(range: number, noise: number): boolean {
  return range < LEAST_SIGNAL * noise;
}

function passFor(range: number, noise: number, differences: Precision): Pass {
  // Where the loss is no number, no pass knows better.
  if (!(range < PLAIN_SIGNAL * noise)) return 'plain';
  return differences === 'float32' ? 'delta' : 'float64';
}

function places({ a, b }: Point, halfWidth: number): Point[] {
  const sides = [-halfWidth, halfWidth];
  const corners = sides.flatMap((da) => sides.map((db) => ({ a: a + da, b: b + db })));
  return [{ a, b }, ...corners];
}

function lines(starts: readonly Point[], step: number): Points {
  const along = (axis: 'a' | 'b') =>
    Float64Array.from({ length: starts.length * LINE }, (_, i) => {
      return starts[Math.floor(i / LINE)]![axis] + (i % LINE) * step;
    });
  return { a: along('a'), b: along('b') };
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

/**
 * Standard deviation of the noise in lines of LINE values: that of the middle line, as in a wide window one corner may
 * be far louder than the rest.
 */
function scatterOf(values: Float64Array): number {
  const variances: number[] = [];
  for (let start = 0; start < values.length; start += LINE) {
    let sum = 0;
    for (let i = start; i + 3 < start + LINE; i++) {
      sum += (values[i + 3]! - 3 * values[i + 2]! + 3 * values[i + 1]! - values[i]!) ** 2;
    }
    variances.push((THIRD * sum) / (LINE - 3));
  }
  if (variances.some(Number.isNaN)) return NaN;
  variances.sort((left, right) => left - right);
  return Math.sqrt(variances[(variances.length - 1) / 2]!);
}
