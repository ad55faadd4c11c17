/** What the difference kernel of each activation reads of the centre, beside the derivatives of its input. */
import { logistic } from '../../math/special.js';
import type { ActivationName } from '../../model/graph.js';
import type { DeltaKernels } from './delta-kernels.js';

export interface DifferenceKernel {
  readonly kernel: Extract<keyof DeltaKernels, `delta_${ActivationName}`>;
  /** Functions of the input at the centre, in float64, and of the node's slope. */
  readonly needs: readonly ((z: number, slope: number) => number)[];
}

/** Activations that float32 can carry without losing digits; the others go to float64. */
export const differenceKernels: Readonly<Partial<Record<ActivationName, DifferenceKernel>>> = {
  relu: { kernel: 'delta_relu', needs: [(z) => z] },
  leaky_relu: { kernel: 'delta_leaky_relu', needs: [(z) => z] },
  clipped_relu: { kernel: 'delta_clipped_relu', needs: [(z) => z, (z, ceiling) => z - ceiling] },
  hardtanh: { kernel: 'delta_hardtanh', needs: [(z, bound) => z + bound, (z, bound) => z - bound] },
  sigmoid: { kernel: 'delta_sigmoid', needs: [(z) => z, logistic, (z) => logistic(-z)] },
  silu: { kernel: 'delta_silu', needs: [(z) => z, logistic, (z) => logistic(-z)] },
  // 1 − tanh² without cancellation.
  tanh: { kernel: 'delta_tanh', needs: [Math.tanh, (z) => 1 / Math.cosh(z) ** 2] },
};
