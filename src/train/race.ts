/** Optimizers from one start on a problem of two parameters, each with its path; and their stability limit. */
import { createOptimizer, optimizerNames, optimizers } from './optimizers.js';
import type { Problem } from './problems/problems.js';

/** `flow` is gradient flow dw/dt = −∇L, the learning rate being the time that one step covers. */
export const racerNames = [...optimizerNames, 'flow'] as const;
export type RacerName = (typeof racerNames)[number];

export interface Racer {
  readonly name: RacerName;
  readonly rate: number;
}

export interface Path {
  /** w1, w2 of the start and after every step. */
  readonly points: Float64Array;
  /** The loss at each of these. */
  readonly loss: Float64Array;
  /** Steps taken: fewer than asked for when the next one left the finite numbers. */
  readonly steps: number;
  readonly diverged: boolean;
}

/** Runge–Kutta steps of gradient flow for one step of the race: stable up to rate · λ_max = 11. */
export const FLOW_STEPS = 4;

/** A step in place of `w`; its gradient in `jet[1]`, `jet[2]` is that of `w` before. */
type Move = (w: Float64Array, jet: Float64Array) => void;

export function moveOf(problem: Problem, { name, rate }: Racer): Move {
  if (name === 'flow') return flow(problem, rate);
  const optimizer = createOptimizer(name, {}, 2);
  const gradient = new Float64Array(2);
  return (w, jet) => {
    gradient[0] = jet[1]!;
    gradient[1] = jet[2]!;
    optimizer.step(w, gradient, rate);
  };
}

/** The path of one optimizer, of at most `steps` steps. */
export function run(
  problem: Problem,
  racer: Racer,
  start: readonly [w1: number, w2: number],
  steps: number,
): Path {
  const points = new Float64Array(2 * (steps + 1));
  const loss = new Float64Array(steps + 1);
  const move = moveOf(problem, racer);
  const w = Float64Array.from(start);
  const jet = new Float64Array(6);
  problem.evaluate(w[0]!, w[1]!, jet);
  for (let k = 0; ; k++) {
    points[2 * k] = w[0]!;
    points[2 * k + 1] = w[1]!;
    loss[k] = jet[0]!;
    if (k === steps) return { points, loss, steps, diverged: false };
    move(w, jet);
    problem.evaluate(w[0]!, w[1]!, jet);
    if (!Number.isFinite(w[0]! + w[1]! + jet[0]!)) {
      return {
        points: points.slice(0, 2 * (k + 1)),
        loss: loss.slice(0, k + 1),
        steps: k,
        diverged: true,
      };
    }
  }
}

/** All of them from one start, in the order given. */
export function race(
  problem: Problem,
  racers: readonly Racer[],
  start: readonly [w1: number, w2: number],
  steps: number,
): Path[] {
  return racers.map((racer) => run(problem, racer, start, steps));
}

/** Classical Runge–Kutta. */
function flow({ evaluate }: Problem, rate: number): Move {
  const h = rate / FLOW_STEPS;
  const k = Array.from({ length: 4 }, () => new Float64Array(6)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [k1, k2, k3, k4] = k;
  return (w) => {
    for (let s = 0; s < FLOW_STEPS; s++) {
      const [x, y] = [w[0]!, w[1]!];
      evaluate(x, y, k1);
      evaluate(x - (h / 2) * k1[1]!, y - (h / 2) * k1[2]!, k2);
      evaluate(x - (h / 2) * k2[1]!, y - (h / 2) * k2[2]!, k3);
      evaluate(x - h * k3[1]!, y - h * k3[2]!, k4);
      w[0] = x - (h / 6) * (k1[1]! + 2 * k2[1]! + 2 * k3[1]! + k4[1]!);
      w[1] = y - (h / 6) * (k1[2]! + 2 * k2[2]! + 2 * k3[2]! + k4[2]!);
    }
  };
}

/** Eigenvalues of the Hessian at (w1, w2), the larger one first. */
export function curvatures({ evaluate }: Problem, w1: number, w2: number): [number, number] {
  const jet = new Float64Array(6);
  evaluate(w1, w2, jet);
  const middle = (jet[3]! + jet[5]!) / 2;
  const radius = Math.hypot((jet[3]! - jet[5]!) / 2, jet[4]!);
  return [middle + radius, middle - radius];
}

/**
 * Learning rate above which gradient descent leaves a minimum whose largest curvature is λ_max: 2/λ_max, and
 * with a velocity of factor µ, 2(1 + µ)/λ_max (Polyak's heavy ball; Goh, *Why Momentum Really Works*, 2017).
 * With Nesterov's, 2(1 + µ)/((1 + 2µ)·λ_max). Null for optimizers whose step is no fixed multiple of the
 * gradient, and where no direction curves upward.
 */
export function stabilityLimit(
  name: RacerName,
  largest: number,
  momentum = name === 'flow' ? 0 : (optimizers[name].defaults.momentum ?? 0),
): number | null {
  if (!(largest > 0)) return null;
  if (name === 'gd') return 2 / largest;
  if (name === 'momentum') return (2 * (1 + momentum)) / largest;
  if (name === 'nesterov') return (2 * (1 + momentum)) / ((1 + 2 * momentum) * largest);
  return null;
}
