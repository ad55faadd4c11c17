/** The largest curvature of a loss, and with it the learning rate above which gradient descent is unstable. */
import type { TrainingSession, Vector } from '../engine/training.js';
import { normals } from '../math/normal.js';

/** Samples that curvature is computed over, at most: a Hessian's product takes two gradients over all of them. */
const MOST_SAMPLES = 512;
const MOST_PRODUCTS = 40;
/** Relative change of λ_max between two products that ends them. */
const ENOUGH = 1e-3;
/** Products before that is believed. */
const FEWEST_PRODUCTS = 6;

export interface Sharpness {
  /** Steps taken when it was computed. */
  readonly step: number;
  /** Largest eigenvalue of the Hessian. */
  readonly largest: number;
  /** Of the batch that it is for, the first so many samples. */
  readonly samples: number;
}

/**
 * λ_max of the Hessian of the loss of the first samples, in training mode as the steps see it, at the session's
 * weights; those are the same afterwards. A product H·v is (∇L(w + εv) − ∇L(w − εv))/(2ε), ‖v‖ = 1, with ε such that
 * neither rounding nor the third derivative matters to three digits. Its error at kinks of ReLU is of the order of ε.
 * `check` is called before each product; what it rejects with ends the search.
 */
export async function sharpness(
  session: TrainingSession,
  samples: number,
  step: number,
  check: () => Promise<void> = async () => {},
): Promise<Sharpness> {
  const count = Math.min(samples, MOST_SAMPLES);
  const batch = Int32Array.from({ length: count }, (_, i) => i);
  const { weights, statistics, gradient } = session;
  const [before, kept] = [weights.slice(), statistics.slice()];
  const epsilon = weights instanceof Float64Array ? 1e-5 : 3e-3;
  const at = async (v: Float64Array, by: number): Promise<Vector> => {
    for (let i = 0; i < weights.length; i++) weights[i] = before[i]! + by * v[i]!;
    await session.learn(batch);
    return gradient.slice();
  };
  try {
    const largest = await largestEigenvalue(weights.length, async (v) => {
      await check();
      const [up, down] = [await at(v, epsilon), await at(v, -epsilon)];
      return Float64Array.from(up, (g, i) => (g - down[i]!) / (2 * epsilon));
    });
    return { step, largest, samples: count };
  } finally {
    weights.set(before);
    statistics.set(kept);
  }
}

/**
 * The algebraically largest eigenvalue of a symmetric matrix by Lanczos's method (Golub & Van Loan, *Matrix
 * Computations*, section 10.1) with full reorthogonalisation; `apply` gives the product with a unit vector.
 */
export async function largestEigenvalue(
  size: number,
  apply: (v: Float64Array) => Promise<Float64Array>,
): Promise<number> {
  const basis: Float64Array[] = [];
  const alpha: number[] = [];
  const beta: number[] = [];
  let next: Float64Array = Float64Array.from(normals([1, 0], [0, 0, 3], size));
  let found = NaN;
  while (basis.length < Math.min(size, MOST_PRODUCTS)) {
    const norm = Math.sqrt(dot(next, next));
    // The space is used up: the eigenvalues are exact.
    if (basis.length > 0 && !(norm > 1e-12 * Math.abs(found))) break;
    if (basis.length > 0) beta.push(norm);
    const v = next.map((x) => x / norm);
    basis.push(v);
    next = await apply(v);
    alpha.push(dot(next, v));
    for (let round = 0; round < 2; round++) for (const b of basis) subtract(next, dot(next, b), b);
    const before = found;
    found = largestOfTridiagonal(alpha, beta);
    if (basis.length >= FEWEST_PRODUCTS && Math.abs(found - before) <= ENOUGH * Math.abs(found)) break;
  }
  return found;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! -= factor * b[i]!;
}

/**
 * Largest eigenvalue of the symmetric matrix with `alpha` on its diagonal and `beta` beside it, by bisection: T − x is
 * negative definite exactly when all pivots of its elimination are negative. NaN where an entry is.
 */
function largestOfTridiagonal(alpha: readonly number[], beta: readonly number[]): number {
  const radius = alpha.map((_, i) => Math.abs(beta[i - 1] ?? 0) + Math.abs(beta[i] ?? 0));
  let high = Math.max(...alpha.map((a, i) => a + radius[i]!));
  let low = Math.max(...alpha);
  const isAbove = (x: number): boolean => {
    let pivot = alpha[0]! - x;
    for (let i = 1; pivot < 0 && i < alpha.length; i++) pivot = alpha[i]! - x - beta[i - 1]! ** 2 / pivot;
    return pivot < 0;
  };
  while (high - low > 1e-10 * Math.max(Math.abs(high), Math.abs(low))) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
