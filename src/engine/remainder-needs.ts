/**
 * What the difference of each activation from a centre is made of in float32, beside the derivatives of its input: functions of
 * the input's value z at the centre and of the node's slope, in float64, whose meaning the engines' kernels say.
 */
import { logistic, normalDensity, normalDistribution } from '../math/special.js';
import { geluArgument } from '../model/activations.js';
import type { ActivationName } from '../model/graph.js';

export type Needs = readonly ((z: number, slope: number) => number)[];

/** What many need, and what no function has to be called for. */
export const itself = (z: number): number => z;

const shares = (argument: (z: number) => number): Needs => [
  itself,
  (z) => logistic(argument(z)),
  (z) => logistic(-argument(z)),
];

export const remainderNeeds: Readonly<Record<ActivationName, Needs>> = {
  identity: [],
  relu: [itself],
  leaky_relu: [itself],
  clipped_relu: [itself, (z, ceiling) => z - ceiling],
  hardtanh: [(z, bound) => z + bound, (z, bound) => z - bound],
  sigmoid: shares(itself),
  silu: shares(itself),
  // 1 − tanh² without cancellation.
  tanh: [Math.tanh, (z) => 1 / Math.cosh(z) ** 2],
  gelu: [itself, normalDensity, (z) => normalDistribution(-Math.abs(z))],
  gelu_tanh: shares((z) => geluArgument.value(z, 0)),
  elu: [itself, (z) => Math.exp(Math.min(z, 0))],
  softplus: [logistic, (z) => logistic(-z)],
};
