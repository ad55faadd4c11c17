/**
 * Batch normalisation while training (Ioffe and Szegedy 2015), as `torch.nn.BatchNorm1d` and `2d`: the batch's mean and
 * biased variance normalise it; the running statistics follow with the unbiased variance.
 */
import { ModelError } from '../errors.js';
import { elements, type BatchNormNode } from '../graph.js';
import type { Backward, Forward } from './op.js';

/** PyTorch's. */
export const defaultMomentum = 0.1;

/** Per channel. */
interface Moments {
  readonly mean: Float64Array;
  /** Biased: the mean of squared deviations. */
  readonly variance: Float64Array;
  /** Numbers behind each. */
  readonly count: number;
}

/** Throws `ModelError` for a single number per channel, as PyTorch does: it has no variance. */
export function checkCount({ name }: BatchNormNode, count: number): void {
  if (count >= 2) return;
  throw new ModelError(
    `batchnorm node ${name}: a batch of one sample has no variance; train with two or more at a time`,
  );
}

/** Throws `ModelError` as `checkCount` does. */
function moments(call: Forward<BatchNormNode>): Moments {
  const { node, inputs, samples, shape } = call;
  const x = inputs[0]!;
  const channels = shape[0]!;
  const count = (samples * elements(shape)) / channels;
  checkCount(node, count);
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  eachChannel(call, (c, start, end) => {
    for (let i = start; i < end; i++) mean[c]! += x[i]!;
  });
  for (let c = 0; c < channels; c++) mean[c]! /= count;
  eachChannel(call, (c, start, end) => {
    for (let i = start; i < end; i++) variance[c]! += (x[i]! - mean[c]!) ** 2;
  });
  for (let c = 0; c < channels; c++) variance[c]! /= count;
  return { mean, variance, count };
}

export const training = {
  forward(call: Forward<BatchNormNode>): void {
    const { node, inputs, output, parameter } = call;
    const x = inputs[0]!;
    const { mean, variance } = moments(call);
    const scale = node.scale === null ? null : parameter(node.scale).data;
    const shift = node.shift === null ? null : parameter(node.shift).data;
    eachChannel(call, (c, start, end) => {
      const factor = (scale === null ? 1 : scale[c]!) / Math.sqrt(variance[c]! + node.epsilon);
      const offset = shift === null ? 0 : shift[c]!;
      for (let i = start; i < end; i++) output[i] = (x[i]! - mean[c]!) * factor + offset;
    });
  },

  // With x̂ the normalised input: ∂x = γ/√(v + ε) · (g − mean(g) − x̂·mean(g·x̂)), as mean and variance move along.
  backward(call: Backward<BatchNormNode>): void {
    const { node, inputs, gradient, gradients, parameter, gradientOf, shape } = call;
    const x = inputs[0]!;
    const { mean, variance, count } = moments(call);
    const inverse = variance.map((v) => 1 / Math.sqrt(v + node.epsilon));
    const sums = new Float64Array(shape[0]!);
    const products = new Float64Array(shape[0]!);
    eachChannel(call, (c, start, end) => {
      for (let i = start; i < end; i++) {
        sums[c]! += gradient[i]!;
        products[c]! += gradient[i]! * (x[i]! - mean[c]!) * inverse[c]!;
      }
    });
    const byScale = node.scale === null ? null : gradientOf(node.scale);
    const byShift = node.shift === null ? null : gradientOf(node.shift);
    if (byScale) for (let c = 0; c < products.length; c++) byScale[c]! += products[c]!;
    if (byShift) for (let c = 0; c < sums.length; c++) byShift[c]! += sums[c]!;
    const into = gradients[0];
    if (!into) return;
    const scale = node.scale === null ? null : parameter(node.scale).data;
    eachChannel(call, (c, start, end) => {
      const factor = (scale === null ? 1 : scale[c]!) * inverse[c]!;
      for (let i = start; i < end; i++) {
        const normalised = (x[i]! - mean[c]!) * inverse[c]!;
        into[i]! += factor * (gradient[i]! - (sums[c]! + normalised * products[c]!) / count);
      }
    });
  },
};

/** Moves running mean and variance, in place, towards those of the batch that `call` normalises. */
export function followBatch(
  call: Forward<BatchNormNode>,
  runningMean: Float64Array,
  runningVariance: Float64Array,
): void {
  const { mean, variance, count } = moments(call);
  const momentum = call.node.momentum ?? defaultMomentum;
  for (let c = 0; c < mean.length; c++) {
    const unbiased = (variance[c]! * count) / (count - 1);
    runningMean[c] = (1 - momentum) * runningMean[c]! + momentum * mean[c]!;
    runningVariance[c] = (1 - momentum) * runningVariance[c]! + momentum * unbiased;
  }
}

/** Visits the elements of each channel of each sample. */
export function eachChannel(
  { samples, shape }: Pick<Forward<BatchNormNode>, 'samples' | 'shape'>,
  visit: (channel: number, start: number, end: number) => void,
): void {
  const channels = shape[0]!;
  const area = elements(shape) / channels;
  for (let s = 0; s < samples; s++) {
    for (let c = 0; c < channels; c++) visit(c, (s * channels + c) * area, (s * channels + c + 1) * area);
  }
}
