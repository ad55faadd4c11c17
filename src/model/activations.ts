import {
  logistic,
  logisticDerivative,
  normalDensity,
  normalDistribution,
  softplus,
} from '../math/special.js';
import type { ActivationName } from './graph.js';

/** A scalar function and its derivative in float64; `slope` is the node's, unused by most. */
export interface Activation {
  value(x: number, slope: number): number;
  derivative(x: number, slope: number): number;
}

/** GELU's tanh form is x·(1 + tanh u)/2 = x·logistic(2u), which does not cancel; this is 2u. */
const geluArgument = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
const geluArgumentDerivative = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);

/** PyTorch's softplus (β 1) is the identity above this. */
const softplusThreshold = 20;

/**
 * PyTorch's definitions. NaN stays NaN. Where a function has a kink the derivative is the one PyTorch's
 * autograd gives: 0 for relu at 0 and at the bounds of clipped_relu and hardtanh, the left one for
 * leaky_relu and elu.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  identity: { value: (x) => x, derivative: () => 1 },
  relu: {
    // Written so that NaN, which no comparison holds for, passes through.
    value: (x) => (x <= 0 ? 0 : x),
    derivative: (x) => (x <= 0 ? 0 : 1),
  },
  leaky_relu: {
    value: (x, slope) => (x > 0 ? x : slope * x),
    derivative: (x, slope) => (x > 0 ? 1 : slope),
  },
  tanh: {
    value: (x) => Math.tanh(x),
    // 1 − tanh² x = 4·logistic′(2x), without cancellation.
    derivative: (x) => 4 * logisticDerivative(2 * x),
  },
  sigmoid: { value: logistic, derivative: logisticDerivative },
  gelu: {
    value: (x) => x * normalDistribution(x),
    derivative: (x) => normalDistribution(x) + x * normalDensity(x),
  },
  gelu_tanh: {
    value: (x) => x * logistic(geluArgument(x)),
    derivative: (x) =>
      logistic(geluArgument(x)) + x * logisticDerivative(geluArgument(x)) * geluArgumentDerivative(x),
  },
  silu: {
    value: (x) => x * logistic(x),
    derivative: (x) => logistic(x) + x * logisticDerivative(x),
  },
  elu: {
    value: (x, slope) => (x > 0 ? x : slope * Math.expm1(x)),
    derivative: (x, slope) => (x > 0 ? 1 : slope * Math.exp(x)),
  },
  softplus: {
    value: (x) => (x > softplusThreshold ? x : softplus(x)),
    derivative: (x) => (x > softplusThreshold ? 1 : logistic(x)),
  },
  clipped_relu: {
    value: (x, ceiling) => (x <= 0 ? 0 : x >= ceiling ? ceiling : x),
    derivative: (x, ceiling) => (x <= 0 || x >= ceiling ? 0 : 1),
  },
  hardtanh: {
    value: (x, bound) => (x <= -bound ? -bound : x >= bound ? bound : x),
    derivative: (x, bound) => (x <= -bound || x >= bound ? 0 : 1),
  },
};
