import {
  expm1Difference,
  logisticDifference,
  normalDistributionDifference,
  softplusDifference,
} from '../math/differences.js';
import {
  logistic,
  logisticDerivative,
  logisticSecondDerivative,
  normalDensity,
  normalDistribution,
  softplus,
} from '../math/special.js';
import type { ActivationName } from './graph.js';

/** A scalar function, its derivatives and its differences in float64; `slope` is the node's, unused by most. */
export interface Activation {
  value(x: number, slope: number): number;
  derivative(x: number, slope: number): number;
  second(x: number, slope: number): number;
  /** value(x + dx) − value(x) without cancellation, however small dx; x counts as exact. */
  difference(x: number, dx: number, slope: number): number;
}

const geluScale = 2 * Math.sqrt(2 / Math.PI);
const geluCubic = 0.044715;

/** GELU's tanh form is x·(1 + tanh u)/2 = x·logistic(2u), which does not cancel; this is 2u. */
export const geluArgument: Activation = {
  value: (x) => geluScale * (x + geluCubic * x * x * x),
  derivative: (x) => geluScale * (1 + 3 * geluCubic * x * x),
  second: (x) => geluScale * 6 * geluCubic * x,
  difference: (x, dx) => geluScale * dx * (1 + geluCubic * (3 * x * x + 3 * x * dx + dx * dx)),
};

/** PyTorch's softplus (β 1) is the identity above this. */
const softplusThreshold = 20;

/** Of a function that is slope·x up to 0 and x above: exact where both points are on one side, and across the kink. */
function kinkDifference(x: number, dx: number, slope: number): number {
  if (Number.isNaN(x)) return NaN;
  const moved = x + dx;
  if (x > 0) return moved > 0 ? dx : below(moved, slope) - x;
  return moved > 0 ? moved - below(x, slope) : below(dx, slope);
}

/** slope·x, also for −∞ with a slope of 0. */
function below(x: number, slope: number): number {
  return slope === 0 && x === -Infinity ? 0 : slope * x;
}

/** Of a function that is x between two bounds and stays at them beyond, likewise exact. */
function clampDifference(x: number, dx: number, low: number, high: number): number {
  if (Number.isNaN(x)) return NaN;
  const moved = x + dx;
  if (x > low && x < high) return moved <= low ? low - x : moved >= high ? high - x : dx;
  const bound = x <= low ? low : high;
  return moved <= low ? low - bound : moved >= high ? high - bound : moved - bound;
}

/**
 * PyTorch's definitions. NaN stays NaN. Where a function has a kink the derivatives are those PyTorch's
 * autograd gives: 0 for relu at 0 and at the bounds of clipped_relu and hardtanh, the left one for
 * leaky_relu and elu.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  identity: { value: (x) => x, derivative: () => 1, second: () => 0, difference: (_x, dx) => dx },
  relu: {
    // Written so that NaN, which no comparison holds for, passes through.
    value: (x) => (x <= 0 ? 0 : x),
    derivative: (x) => (x <= 0 ? 0 : 1),
    second: () => 0,
    difference: (x, dx) => kinkDifference(x, dx, 0),
  },
  leaky_relu: {
    value: (x, slope) => (x > 0 ? x : slope * x),
    derivative: (x, slope) => (x > 0 ? 1 : slope),
    second: () => 0,
    difference: kinkDifference,
  },
  tanh: {
    value: (x) => Math.tanh(x),
    // tanh x = 2·logistic(2x) − 1: its derivatives and differences are the logistic function's, without cancellation.
    derivative: (x) => 4 * logisticDerivative(2 * x),
    second: (x) => 8 * logisticSecondDerivative(2 * x),
    difference: (x, dx) => 2 * logisticDifference(2 * x, 2 * dx),
  },
  sigmoid: {
    value: logistic,
    derivative: logisticDerivative,
    second: logisticSecondDerivative,
    difference: logisticDifference,
  },
  gelu: {
    value: (x) => x * normalDistribution(x),
    derivative: (x) => normalDistribution(x) + x * normalDensity(x),
    second: (x) => (2 - x * x) * normalDensity(x),
    difference: (x, dx) => dx * normalDistribution(x + dx) + x * normalDistributionDifference(x, dx),
  },
  gelu_tanh: {
    value: (x) => x * logistic(geluArgument.value(x, 0)),
    derivative: (x) => {
      const u = geluArgument.value(x, 0);
      return logistic(u) + x * logisticDerivative(u) * geluArgument.derivative(x, 0);
    },
    second: (x) => {
      const u = geluArgument.value(x, 0);
      const first = geluArgument.derivative(x, 0);
      const bend = 2 * first + x * geluArgument.second(x, 0);
      return logisticDerivative(u) * bend + x * logisticSecondDerivative(u) * first * first;
    },
    difference: (x, dx) =>
      dx * logistic(geluArgument.value(x + dx, 0)) +
      x * logisticDifference(geluArgument.value(x, 0), geluArgument.difference(x, dx, 0)),
  },
  silu: {
    value: (x) => x * logistic(x),
    derivative: (x) => logistic(x) + x * logisticDerivative(x),
    second: (x) => 2 * logisticDerivative(x) + x * logisticSecondDerivative(x),
    difference: (x, dx) => dx * logistic(x + dx) + x * logisticDifference(x, dx),
  },
  elu: {
    value: (x, slope) => (x > 0 ? x : slope * Math.expm1(x)),
    derivative: (x, slope) => (x > 0 ? 1 : slope * Math.exp(x)),
    second: (x, slope) => (x > 0 ? 0 : slope * Math.exp(x)),
    difference: (x, dx, slope) => {
      const moved = x + dx;
      if (x > 0) return moved > 0 ? dx : slope * Math.expm1(moved) - x;
      return moved > 0 ? moved - slope * Math.expm1(x) : slope * expm1Difference(x, dx);
    },
  },
  softplus: {
    value: (x) => (x > softplusThreshold ? x : softplus(x)),
    derivative: (x) => (x > softplusThreshold ? 1 : logistic(x)),
    second: (x) => (x > softplusThreshold ? 0 : logisticDerivative(x)),
    difference: (x, dx) => {
      const moved = x + dx;
      if (x > softplusThreshold) return moved > softplusThreshold ? dx : softplus(moved) - x;
      return moved > softplusThreshold ? moved - softplus(x) : softplusDifference(x, dx);
    },
  },
  clipped_relu: {
    value: (x, ceiling) => (x <= 0 ? 0 : x >= ceiling ? ceiling : x),
    derivative: (x, ceiling) => (x <= 0 || x >= ceiling ? 0 : 1),
    second: () => 0,
    difference: (x, dx, ceiling) => clampDifference(x, dx, 0, ceiling),
  },
  hardtanh: {
    value: (x, bound) => (x <= -bound ? -bound : x >= bound ? bound : x),
    derivative: (x, bound) => (x <= -bound || x >= bound ? 0 : 1),
    second: () => 0,
    difference: (x, dx, bound) => clampDifference(x, dx, -bound, bound),
  },
};
