/** What the difference kernel of each activation reads of the centre, beside the derivatives of its input. */
import { logistic, normalDensity, normalDistribution } from '../../math/special.js';
import { geluArgument } from '../../model/activations.js';
import type { ActivationName } from '../../model/graph.js';
import type { DeltaKernels } from './delta-kernels.js';

export interface DifferenceKernel {
  readonly kernel: Extract<keyof DeltaKernels, `delta_${ActivationName}`>;
  /** Functions of the input at the centre, in float64, and of the node's slope. */
  readonly needs: readonly ((z: number, slope: number) => number)[];
}

/** What many need, and what no function has to be called for. */
export const itself = (z: number): number => z;

const shares = (argument: (z: number) => number): DifferenceKernel['needs'] => [
  itself,
  (z) => logistic(argument(z)),
  (z) => logistic(-argument(z)),
];

/** By the functions that have one; the identity is no step. */
export const differenceKernels: Readonly<Record<Exclude<ActivationName, 'identity'>, DifferenceKernel>> = {
  relu: { kernel: 'delta_relu', needs: [itself] },
  leaky_relu: { kernel: 'delta_leaky_relu', needs: [itself] },
  clipped_relu: { kernel: 'delta_clipped_relu', needs: [itself, (z, ceiling) => z - ceiling] },
  hardtanh: { kernel: 'delta_hardtanh', needs: [(z, bound) => z + bound, (z, bound) => z - bound] },
  sigmoid: { kernel: 'delta_sigmoid', needs: shares(itself) },
  silu: { kernel: 'delta_silu', needs: shares(itself) },
  // 1 − tanh² without cancellation.
  tanh: { kernel: 'delta_tanh', needs: [Math.tanh, (z) => 1 / Math.cosh(z) ** 2] },
  gelu: { kernel: 'delta_gelu', needs: [itself, normalDensity, (z) => normalDistribution(-Math.abs(z))] },
  gelu_tanh: { kernel: 'delta_gelu_tanh', needs: shares((z) => geluArgument.value(z, 0)) },
  elu: { kernel: 'delta_elu', needs: [itself, (z) => Math.exp(Math.min(z, 0))] },
  softplus: { kernel: 'delta_softplus', needs: [logistic, (z) => logistic(-z)] },
};

/** Throws `TypeError` for the identity, which is no step. */
export function differenceKernel(fn: ActivationName): DifferenceKernel {
  if (fn === 'identity') throw new TypeError('identity renames its input and has no step');
  return differenceKernels[fn];
}
