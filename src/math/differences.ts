/**
 * f(x + d) − f(x) in float64 for the functions of special.ts, to full relative precision however small d is;
 * x counts as exact. NaN stays NaN.
 */
import { logistic, normalDensity, normalDistribution, softplus } from './special.js';

/** Of eˣ − 1. */
export function expm1Difference(x: number, d: number): number {
  return Math.exp(x) * Math.expm1(d);
}

/** Of the logistic function: σ(−x)·σ(x + d)·(1 − e^(−d)), from the lower point so that nothing overflows. */
export function logisticDifference(x: number, d: number): number {
  if (d < 0) return -logistic(-(x + d)) * logistic(x) * -Math.expm1(d);
  return logistic(-x) * logistic(x + d) * -Math.expm1(-d);
}

/** Beyond it a difference of two softplus values loses no digit that matters, while e^d may overflow and 1 − σ(x) cancel. */
const largeStep = 1;

/** Of log(1 + eˣ): log1p(σ(x)·(e^d − 1)). */
export function softplusDifference(x: number, d: number): number {
  if (Math.abs(d) > largeStep) return softplus(x + d) - softplus(x);
  return Math.log1p(logistic(x) * Math.expm1(d));
}

/** Abscissae and weights of the Gauss–Legendre rule with five points on [−1, 1]. */
const gauss = [
  [0, 128 / 225],
  [Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, (322 + 13 * Math.sqrt(70)) / 900],
  [Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3, (322 - 13 * Math.sqrt(70)) / 900],
] as const;
/** Up to it the rule integrates the normal density to 1e-15 of the result. */
const smallStep = 0.25;

/** Of the normal distribution function: the integral of its density. */
export function normalDistributionDifference(x: number, d: number): number {
  if (!(Math.abs(d) > smallStep)) {
    const half = d / 2;
    const middle = x + half;
    let sum = gauss[0][1] * normalDensity(middle);
    for (const [at, weight] of gauss.slice(1)) {
      sum += weight * (normalDensity(middle - half * at) + normalDensity(middle + half * at));
    }
    return half * sum;
  }
  // Both in the right tail: the left one's distances do not cancel.
  if (x > 0 && x + d > 0) return normalDistribution(-x) - normalDistribution(-(x + d));
  return normalDistribution(x + d) - normalDistribution(x);
}
