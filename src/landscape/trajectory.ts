/** A run of training on a plane: where its steps fall, how far off the plane they are, and their true losses. */
import type { Direction, Engine, Evaluator, Problem } from '../engine/engine.js';
import { nextTask } from '../engine/pause.js';
import type { Model } from '../model/graph.js';
import { type Checkpoints, TrajectoryError, weightNames, type Weights } from './run-plane.js';

/** One number for each step of a run. */
export interface Trajectory {
  readonly steps: readonly number[];
  /** Coordinates of the point of the plane that is nearest to the step. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** ‖θ_k − θ* − αd1 − βd2‖ over all weights: the distance to that point. */
  readonly offPlane: Float64Array;
  /** ‖θ_k − θ*‖. */
  readonly distance: Float64Array;
}

/** Losses over all samples, one for each step. */
export interface TrajectoryLosses {
  /** At θ_k itself, with its own running statistics. */
  readonly loss: Float64Array;
  /** At the point of the plane that the step is drawn at. */
  readonly planeLoss: Float64Array;
}

/** Directions whose squared sine is smaller are parallel. */
const PARALLEL = 1e-12;
/** Points of the plane that are evaluated in one call. */
const POINTS_AT_ONCE = 32;
/** Milliseconds between two turns that others get. */
const PATIENCE = 10;

/**
 * Projects every step of a run on the plane θ* + α·d1 + β·d2 by least squares, in the Gram matrix of (d1, d2), which need
 * be neither orthogonal nor of unit length. Running statistics do not count. In float64; the off-plane distance is the
 * norm of what is left, not a difference of squares. Throws TrajectoryError for parallel directions.
 */
export async function projectRun(
  model: Model,
  run: Checkpoints,
  centre: Weights,
  d1: Direction,
  d2: Direction,
): Promise<Trajectory> {
  const parts = weightNames(model).map((name) => ({
    name,
    origin: centre.get(name)!,
    x: d1.get(name) ?? null,
    y: d2.get(name) ?? null,
  }));
  let [g11, g12, g22] = [0, 0, 0];
  for (const { origin, x, y } of parts) {
    for (let p = 0; p < origin.length; p++) {
      const [u, v] = [x?.[p] ?? 0, y?.[p] ?? 0];
      g11 += u * u;
      g12 += u * v;
      g22 += v * v;
    }
  }
  const determinant = g11 * g22 - g12 * g12;
  if (!(determinant > PARALLEL * g11 * g22)) {
    throw new TrajectoryError(
      'the two directions are parallel or move no weights, so that nothing can be projected on them; choose others',
    );
  }
  const count = run.steps.length;
  const make = (): Float64Array => new Float64Array(count);
  const trajectory = { steps: run.steps, a: make(), b: make(), offPlane: make(), distance: make() };
  let turn = performance.now();
  for (const [k, step] of run.steps.entries()) {
    const weights = run.parameters.get(step)!;
    let [b1, b2, square] = [0, 0, 0];
    for (const { name, origin, x, y } of parts) {
      const data = weights.get(name)!;
      for (let p = 0; p < origin.length; p++) {
        const w = data[p]! - origin[p]!;
        square += w * w;
        if (x !== null) b1 += w * x[p]!;
        if (y !== null) b2 += w * y[p]!;
      }
    }
    const a = (g22 * b1 - g12 * b2) / determinant;
    const b = (g11 * b2 - g12 * b1) / determinant;
    let rest = 0;
    for (const { name, origin, x, y } of parts) {
      const data = weights.get(name)!;
      for (let p = 0; p < origin.length; p++) {
        const w = data[p]! - origin[p]! - a * (x?.[p] ?? 0) - b * (y?.[p] ?? 0);
        rest += w * w;
      }
    }
    // −0 would be another number than 0 to whoever compares.
    trajectory.a[k] = a + 0;
    trajectory.b[k] = b + 0;
    trajectory.offPlane[k] = Math.sqrt(rest);
    trajectory.distance[k] = Math.sqrt(square);
    if (performance.now() - turn > PATIENCE) {
      await nextTask();
      turn = performance.now();
    }
  }
  return trajectory;
}

/** Off-plane distance of a step as a share of its distance from the centre, 0 … 1; 0 at the centre itself. */
export function offPlaneShare({ offPlane, distance }: Trajectory, k: number): number {
  return distance[k] === 0 ? 0 : offPlane[k]! / distance[k]!;
}

/** The same of the whole path: √(Σ off² / Σ distance²), so that 1 − its square is what the plane explains about θ*. */
export function pathOffPlane({ offPlane, distance }: Pick<Trajectory, 'offPlane' | 'distance'>): number {
  const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
  const whole = squares(distance);
  return whole === 0 ? 0 : Math.sqrt(squares(offPlane) / whole);
}

/** Whether the plane holds less than half of the squared distances: the drawn path is then mostly a shadow. */
export function isMostlyOff(trajectory: Pick<Trajectory, 'offPlane' | 'distance'>): boolean {
  return pathOffPlane(trajectory) ** 2 > 0.5;
}

/** Half-width of a square around the centre that holds the path, with some room; 0 for a path that stays there. */
export function reachOf({ a, b }: Pick<Trajectory, 'a' | 'b'>): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]!), Math.abs(b[k]!));
  return 1.2 * most;
}

/** What a run's losses are computed from. */
export interface LossSource {
  readonly engine: Engine;
  /** Of the plane's problem. */
  readonly evaluator: Evaluator;
  readonly problem: Problem;
  /** The network at a step. */
  readonly modelAt: (step: number) => Model;
}

/**
 * The losses of a trajectory. Each step is a problem of its own to the engine; whatever is done is told to `onStep`, and
 * what is `known` of it already is not computed again. Rejects as the engine does, and with the signal's reason when
 * aborted.
 */
export async function trajectoryLosses(
  { steps, a, b }: Pick<Trajectory, 'steps' | 'a' | 'b'>,
  { engine, evaluator, problem, modelAt }: LossSource,
  signal?: AbortSignal,
  onStep: (losses: TrajectoryLosses) => void = () => undefined,
  known: TrajectoryLosses | null = null,
): Promise<TrajectoryLosses> {
  const { samples } = problem.data;
  const all = { first: 0, count: samples };
  const nowhere: Direction = new Map();
  const origin = { a: Float64Array.of(0), b: Float64Array.of(0) };
  const losses = {
    loss: known?.loss.slice() ?? new Float64Array(steps.length).fill(NaN),
    planeLoss: known?.planeLoss.slice() ?? new Float64Array(steps.length).fill(NaN),
  };
  for (let from = 0; known === null && from < steps.length; from += POINTS_AT_ONCE) {
    const to = from + POINTS_AT_ONCE;
    const points = { a: a.slice(from, to), b: b.slice(from, to) };
    const sums = await evaluator.evaluate(points, all, signal);
    losses.planeLoss.set(
      sums.loss.map((sum) => sum / samples),
      from,
    );
  }
  for (const [k, step] of steps.entries()) {
    if (!Number.isNaN(losses.loss[k]!)) continue;
    const own = await engine.prepare({ ...problem, model: modelAt(step), d1: nowhere, d2: nowhere }, signal);
    try {
      losses.loss[k] = (await own.evaluate(origin, all, signal)).loss[0]! / samples;
    } finally {
      own.dispose();
    }
    onStep(losses);
  }
  return losses;
}
