/** The kernels that training alone uses; kernels.ts has the rest and says what their numbers are. */

type Backward = (x: number, gradient: number, out: number, bytes: number, added: boolean) => void;
type BackwardWithSlope = (
  x: number,
  gradient: number,
  out: number,
  bytes: number,
  added: boolean,
  slope: number,
) => void;
type LossGradient = (
  z: number,
  targets: number,
  out: number,
  outputs: number,
  groups: number,
  samples: number,
  factor: number,
) => void;

export interface TrainingKernels {
  gather(data: number, indices: number, out: number, width: number, groups: number): void;
  pack(weights: number, out: number, outputs: number, inputs: number): void;
  pack_transposed(weights: number, out: number, outputs: number, inputs: number): void;
  outer(
    gradient: number,
    plane: number,
    x: number,
    offsets: number,
    out: number,
    outputs: number,
    taps: number,
    rows: number,
    columns: number,
    gradientLine: number,
    gradientStep: number,
    xLine: number,
    xStep: number,
  ): void;
  channel_sums(x: number, out: number, channels: number, area: number, groups: number): void;
  batchnorm_forward(
    x: number,
    scale: number,
    shift: number,
    mean: number,
    inverse: number,
    runningMean: number,
    runningVariance: number,
    out: number,
    channels: number,
    area: number,
    groups: number,
    samples: number,
    epsilon: number,
    momentum: number,
  ): void;
  batchnorm_backward(
    x: number,
    gradient: number,
    scale: number,
    mean: number,
    inverse: number,
    byScale: number,
    byShift: number,
    into: number,
    added: boolean,
    channels: number,
    area: number,
    groups: number,
    samples: number,
  ): void;
  relu_backward: Backward;
  leaky_relu_backward: BackwardWithSlope;
  tanh_backward: Backward;
  sigmoid_backward: Backward;
  gelu_backward: Backward;
  gelu_tanh_backward: Backward;
  silu_backward: Backward;
  elu_backward: BackwardWithSlope;
  softplus_backward: Backward;
  clipped_relu_backward: BackwardWithSlope;
  hardtanh_backward: BackwardWithSlope;
  ce_gradient: LossGradient;
  mse_gradient: LossGradient;
  bce_gradient: LossGradient;
  scaled(x: number, out: number, bytes: number, factor: number, added: boolean): void;
  add_rows(
    x: number,
    out: number,
    from: number,
    to: number,
    count: number,
    groups: number,
    xStride: number,
    outStride: number,
  ): void;
  multiply_rows_backward(
    gradient: number,
    y: number,
    out: number,
    from: number,
    to: number,
    count: number,
    groups: number,
    yStride: number,
    outStride: number,
  ): void;
  sum_rows_backward(
    gradient: number,
    out: number,
    starts: number,
    taps: number,
    factors: number,
    count: number,
    groups: number,
    outStride: number,
  ): void;
  max_rows_backward(
    x: number,
    gradient: number,
    out: number,
    starts: number,
    taps: number,
    count: number,
    groups: number,
    xStride: number,
  ): void;
  dilate_image(
    x: number,
    out: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    verticalStep: number,
    horizontalStep: number,
    outHeight: number,
    outWidth: number,
    groups: number,
  ): void;
}

/** Rows of the stage table. */
export const trainingStages: Readonly<Record<keyof TrainingKernels, string>> = {
  gather: 'samples of a batch, into lanes',
  pack: 'weights in the order in which products read them',
  pack_transposed: 'the same of their transpose, for the way back',
  outer: 'gradient of a product’s weights',
  channel_sums: 'gradient of a bias',
  batchnorm_forward: 'batch normalisation by the batch’s own mean and variance',
  batchnorm_backward: 'its way back',
  relu_backward: 'way back through an activation',
  leaky_relu_backward: 'way back through an activation',
  tanh_backward: 'way back through an activation',
  sigmoid_backward: 'way back through an activation',
  gelu_backward: 'way back through an activation',
  gelu_tanh_backward: 'way back through an activation',
  silu_backward: 'way back through an activation',
  elu_backward: 'way back through an activation',
  softplus_backward: 'way back through an activation',
  clipped_relu_backward: 'way back through an activation',
  hardtanh_backward: 'way back through an activation',
  ce_gradient: 'gradient of cross-entropy by the logits',
  mse_gradient: 'gradient of the mean squared error by the outputs',
  bce_gradient: 'gradient of binary cross-entropy by the logits',
  scaled: 'a gradient handed on or scaled',
  add_rows: 'way back through concatenation, slices, padding',
  multiply_rows_backward: 'way back through a product of two values',
  sum_rows_backward: 'way back through average pooling and means',
  max_rows_backward: 'way back through max pooling',
  dilate_image: 'a gradient spread by the stride, for the way back through conv2d',
};
