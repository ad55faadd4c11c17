/** The epilogue of a layer at the centre, in float64. */
import type { BatchNormNode, Shape } from '../../model/graph.js';
import type { Point } from '../engine.js';
import type { Step } from './lower.js';
import type { Plane } from './plane.js';

type Vector = Float64Array;

/** Vectors of a step. */
export const vectorCount = 9;

/** What γ/√(variance + ε) of a channel is at a centre and how it moves, one vector each. */
export interface Factor {
  readonly gamma: Vector;
  /** γ's slopes. */
  readonly gammaA: Vector;
  readonly gammaB: Vector;
  /** 1/√(variance + ε). */
  readonly inverse: Vector;
  /** Slopes of the variance over variance + ε. */
  readonly shareA: Vector;
  readonly shareB: Vector;
}

/** A parameter in float64 at a point, and its slopes. */
function moved(plane: Plane, name: string, { a, b }: Point): { at: Vector; a: Vector; b: Vector } {
  const { base, d1, d2 } = plane.values(name);
  const at = Float64Array.from(base, (value, c) => value + (a * d1[c]! + b * d2[c]!));
  return { at, a: Float64Array.from(d1), b: Float64Array.from(d2) };
}

/** Of a normalisation at a centre. */
export function factorOf({ scale, variance, epsilon }: BatchNormNode, plane: Plane, point: Point): Factor {
  const w = moved(plane, variance, point);
  const spread = w.at.map((value) => value + epsilon);
  const still = new Float64Array(spread.length);
  const gamma = scale === null ? { at: still.map(() => 1), a: still, b: still } : moved(plane, scale, point);
  return {
    gamma: gamma.at,
    gammaA: gamma.a,
    gammaB: gamma.b,
    inverse: spread.map((value) => 1 / Math.sqrt(value)),
    shareA: w.a.map((slope, c) => slope / spread[c]!),
    shareB: w.b.map((slope, c) => slope / spread[c]!),
  };
}

/**
 * A channel's factor F at an offset ρ·(a, b) from the centre as F + ρ·rate, rate = F₁ + ρ·bend with F₁ linear in the
 * offset: with q the relative change of variance + ε, 1/√(1 + q) = 1 − q/2 + q²·(r + 2)/(2r·(1 + r)²), r = √(1 + q). NaN
 * where the variance has become too negative.
 */
export function factorAt(
  { gamma, gammaA, gammaB, inverse, shareA, shareB }: Factor,
  c: number,
  { a, b, rho }: { readonly a: number; readonly b: number; readonly rho: number },
): { readonly moved: number; readonly rate: number; readonly bend: number } {
  const grows = a * gammaA[c]! + b * gammaB[c]!;
  const spreads = a * shareA[c]! + b * shareB[c]!;
  const r = Math.sqrt(1 + rho * spreads);
  const h = (r + 2) / (2 * r * (1 + r) ** 2);
  const falls = -spreads / 2 + rho * spreads * spreads * h;
  const bend = inverse[c]! * (gamma[c]! * spreads * spreads * h + grows * falls);
  const rate = inverse[c]! * (grows - (gamma[c]! * spreads) / 2) + rho * bend;
  return { moved: gamma[c]! * inverse[c]! + rho * rate, rate, bend };
}

/**
 * What follows a step's sums, nine vectors one after the other: y = (sum + centre)·scale + shift with centre = bias − mean
 * and scale = γ/√(variance + ε); of centre and shift their slopes along α and β come after them, those of scale last.
 */
export function writeVectors(step: Step, plane: Plane, point: Point, out: Float64Array): void {
  const channels = out.length / vectorCount;
  const entries = (name: string | null | undefined) =>
    name === null || name === undefined ? null : moved(plane, name, point);
  const [centre, centreA, centreB, scale, shift, shiftA, shiftB, scaleA, scaleB] = Array.from(
    { length: vectorCount },
    (_, k) => out.subarray(k * channels, (k + 1) * channels),
  ) as [Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector];
  out.fill(0);
  scale.fill(1);
  if (step.kind === 'affine' && step.node.op === 'scale') {
    scale.fill(step.node.factor);
    shift.fill(step.node.offset);
    return;
  }
  const norm = step.kind === 'product' ? step.epilogue.norm : step.kind === 'affine' ? step.node : null;
  const batch = norm?.op === 'batchnorm' ? norm : null;
  const bias = entries(step.kind === 'product' ? step.node.bias : null);
  const mean = entries(batch?.mean);
  const shifts = entries(batch?.shift);
  const factor = batch === null ? null : factorOf(batch, plane, point);
  for (let c = 0; c < channels; c++) {
    centre[c] = (bias?.at[c] ?? 0) - (mean?.at[c] ?? 0);
    centreA[c] = (bias?.a[c] ?? 0) - (mean?.a[c] ?? 0);
    centreB[c] = (bias?.b[c] ?? 0) - (mean?.b[c] ?? 0);
    shift[c] = shifts?.at[c] ?? 0;
    shiftA[c] = shifts?.a[c] ?? 0;
    shiftB[c] = shifts?.b[c] ?? 0;
    if (factor === null) continue;
    const { gamma, gammaA, gammaB, inverse, shareA, shareB } = factor;
    scale[c] = gamma[c]! * inverse[c]!;
    scaleA[c] = inverse[c]! * (gammaA[c]! - (gamma[c]! * shareA[c]!) / 2);
    scaleB[c] = inverse[c]! * (gammaB[c]! - (gamma[c]! * shareB[c]!) / 2);
  }
}

/** Channels of a step's vectors. */
export function channelsOf(step: Step, shape: Shape): number {
  return step.kind === 'affine' && step.node.op === 'scale' ? 1 : shape[0]!;
}
