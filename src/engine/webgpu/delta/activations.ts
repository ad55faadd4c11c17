/** What the remainder of each activation (shaders/shared/remainder_*.wgsl) reads of the centre, beside its input's derivatives. */
import { logistic } from '../../../math/special.js';
import type { ActivationName } from '../../../model/graph.js';

/** Functions of the input's value z at the centre and of the node's slope, in float64: n0, n1, n2. */
type Needs = readonly ((z: number, slope: number) => number)[];

/** Activations that float32 can carry without losing digits; the others go to float64. */
export const remainders: Readonly<Partial<Record<ActivationName, Needs>>> = {
  identity: [],
  relu: [(z) => z],
  leaky_relu: [(z) => z],
  clipped_relu: [(z) => z, (z, ceiling) => z - ceiling],
  hardtanh: [(z, bound) => z + bound, (z, bound) => z - bound],
  sigmoid: [(z) => z, logistic, (z) => logistic(-z)],
  silu: [(z) => z, logistic, (z) => logistic(-z)],
  // 1 − tanh² without cancellation.
  tanh: [Math.tanh, (z) => 1 / Math.cosh(z) ** 2],
};
