/**
 * The kernels of assembly/ as TypeScript sees them. All numbers but factors are addresses, byte counts and counts in the
 * module's memory; address 0 means absent where a kernel says so.
 */
import { type DeltaKernels, deltaStages } from './delta-kernels.js';
import { type JetKernels, jetStages } from './jet-kernels.js';

type Elementwise = (x: number, out: number, bytes: number) => void;
type ElementwiseWithSlope = (x: number, out: number, bytes: number, slope: number) => void;
type Regression = (
  z: number,
  targets: number,
  labels: number,
  outputs: number,
  groups: number,
  stride: number,
  first: number,
  end: number,
  sums: number,
) => void;

/** One function for each export of assembly/index.ts, documented there. */
export interface Kernels extends DeltaKernels, JetKernels {
  form(base: number, d1: number, d2: number, out: number, count: number, a: number, b: number): void;
  dense(
    x: number,
    weights: number,
    weightsStride: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    inputs: number,
    outputs: number,
    groups: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  combine(
    products: number,
    alongA: number,
    alongB: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    outputs: number,
    groups: number,
    stride: number,
    residualStride: number,
    outStride: number,
    a: number,
    aLow: number,
    b: number,
    bLow: number,
    activation: number,
    slope: number,
  ): void;
  conv2d(
    x: number,
    weights: number,
    offsets: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    taps: number,
    outputs: number,
    groups: number,
    rows: number,
    columns: number,
    rowStep: number,
    columnStep: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  winograd(
    x: number,
    weights: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    scratch: number,
    inputs: number,
    outputs: number,
    groups: number,
    rows: number,
    columns: number,
    line: number,
    plane: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  relu: Elementwise;
  leaky_relu: ElementwiseWithSlope;
  tanh: Elementwise;
  sigmoid: Elementwise;
  gelu: Elementwise;
  gelu_tanh: Elementwise;
  silu: Elementwise;
  elu: ElementwiseWithSlope;
  softplus: Elementwise;
  clipped_relu: ElementwiseWithSlope;
  hardtanh: ElementwiseWithSlope;
  add(x: number, y: number, out: number, bytes: number): void;
  affine(
    x: number,
    centre: number,
    scale: number,
    shift: number,
    out: number,
    channels: number,
    area: number,
    groups: number,
  ): void;
  multiply_rows(
    x: number,
    y: number,
    out: number,
    xRows: number,
    yRows: number,
    count: number,
    groups: number,
    xStride: number,
    yStride: number,
  ): void;
  copy_rows(
    x: number,
    out: number,
    from: number,
    to: number,
    count: number,
    groups: number,
    xStride: number,
    outStride: number,
  ): void;
  fill(out: number, bytes: number, value: number): void;
  pad_image(
    x: number,
    out: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    outHeight: number,
    outWidth: number,
    groups: number,
  ): void;
  max_rows(
    x: number,
    out: number,
    starts: number,
    taps: number,
    count: number,
    groups: number,
    xStride: number,
  ): void;
  sum_rows(
    x: number,
    out: number,
    starts: number,
    taps: number,
    factors: number,
    count: number,
    groups: number,
    xStride: number,
  ): void;
  ce(
    z: number,
    labels: number,
    outputs: number,
    groups: number,
    stride: number,
    first: number,
    end: number,
    sums: number,
  ): void;
  mse: Regression;
  bce: Regression;
  peak(rounds: number, factor: number): number;
}

/** Every kernel and what it is for; a test holds the names against the compiled modules' exports. */
export const stages: Readonly<Record<keyof Kernels, string>> = {
  form: 'parameters of a point, W + α·D1 + β·D2 in the order in which they are read',
  dense: 'matrix product with batch normalisation, residual and relu while in registers',
  combine: 'first perturbed layer from its three precomputed products',
  conv2d: 'convolution with the epilogue of dense',
  winograd: 'the same for 3×3 with stride 1, with 16 products instead of 36',
  relu: 'activation',
  leaky_relu: 'activation',
  tanh: 'activation',
  sigmoid: 'activation',
  gelu: 'activation',
  gelu_tanh: 'activation',
  silu: 'activation',
  elu: 'activation',
  softplus: 'activation',
  clipped_relu: 'activation',
  hardtanh: 'activation',
  add: 'sum of two values',
  affine: 'batch normalisation or scaling on its own',
  multiply_rows: 'product of two values, one repeated along axes',
  copy_rows: 'concatenation, slices, padding',
  fill: 'the constant of a padding',
  pad_image: 'zeros around an image, for conv2d',
  max_rows: 'max pooling',
  sum_rows: 'average pooling and means',
  ce: 'softmax cross-entropy',
  ...deltaStages,
  ...jetStages,
  mse: 'mean squared error',
  bce: 'binary cross-entropy with logits',
  peak: 'multiply-adds on registers alone, for benchmarks',
};
