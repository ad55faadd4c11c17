import type { Shape } from './graph.js';

/**
 * A data set as every engine sees it: float32 inputs, already scaled, row-major `[samples, ...shape]`.
 * Exactly one of `labels` and `targets` is set.
 */
export interface Dataset {
  readonly name: string;
  readonly samples: number;
  /** Shape of one sample. */
  readonly shape: Shape;
  readonly inputs: Float32Array;
  /** Class index of every sample. */
  readonly labels: Int32Array | null;
  /** Real targets, `[samples, outputs]`, for regression. */
  readonly targets: Float32Array | null;
}

/**
 * Per sample, over its outputs z:
 * `ce`  softmax cross-entropy −log softmax(z)[label];
 * `mse` mean over outputs of (z − t)², t the targets or the label's one-hot vector;
 * `bce` mean over outputs of binary cross-entropy with logits, t likewise.
 * With a single output and labels (0 or 1) t is the label itself, for `mse` and `bce` alike.
 *
 * A sample is classified correctly when its first largest output is the label's (NaN counts as largest, as
 * in PyTorch's argmax); with a single output, when z > 0 for `bce`, z > ½ for `mse`, agrees with the label. With real
 * targets there is no such thing, and counts of correct samples are NaN.
 */
export type LossName = 'ce' | 'mse' | 'bce';
