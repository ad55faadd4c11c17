/** The kernels of differences (assembly/delta*.ts, wide.ts) as TypeScript sees them; part of those in kernels.ts. */

export type DeltaActivation = (
  rest: number,
  centre: number,
  out: number,
  bytes: number,
  a: number,
  b: number,
  rho: number,
  slope: number,
) => void;
type DeltaLoss = (
  rest: number,
  centre: number,
  labels: number,
  outputs: number,
  groups: number,
  a: number,
  b: number,
  rho: number,
  first: number,
  end: number,
  sum: number,
) => void;

export interface DeltaKernels {
  delta_form(base: number, d1: number, d2: number, out: number, count: number, a: number, b: number): void;
  delta_interleave(x: number, out: number, bytes: number): void;
  delta_product(rest: number, centre: number, bytes: number, aa: number, ab: number, bb: number): void;
  delta_product_relu(
    rest: number,
    product: number,
    centre: number,
    out: number,
    bytes: number,
    lanes: number,
    stride: number,
    coefficients: number,
  ): void;
  delta_relu: DeltaActivation;
  delta_clipped_relu: DeltaActivation;
  delta_hardtanh: DeltaActivation;
  delta_leaky_relu: DeltaActivation;
  delta_sigmoid: DeltaActivation;
  delta_silu: DeltaActivation;
  delta_tanh: DeltaActivation;
  delta_elu: DeltaActivation;
  delta_gelu: DeltaActivation;
  delta_gelu_tanh: DeltaActivation;
  delta_softplus: DeltaActivation;
  delta_max(
    rest: number,
    centre: number,
    part: number,
    out: number,
    starts: number,
    taps: number,
    count: number,
    groups: number,
    stride: number,
    a: number,
    b: number,
    rho: number,
  ): void;
  delta_multiply(
    left: number,
    right: number,
    leftCentre: number,
    rightCentre: number,
    out: number,
    leftRows: number,
    rightRows: number,
    count: number,
    groups: number,
    leftStride: number,
    rightStride: number,
    a: number,
    b: number,
    rho: number,
  ): void;
  delta_affine(
    rest: number,
    centre: number,
    factors: number,
    out: number,
    channels: number,
    area: number,
    groups: number,
    a: number,
    b: number,
  ): void;
  delta_ce: DeltaLoss;
  delta_mse: DeltaLoss;
  delta_bce: DeltaLoss;
  wide_form(base: number, d1: number, d2: number, out: number, count: number, a: number, b: number): void;
  wide_widen(x: number, out: number, bytes: number): void;
  wide_narrow(x: number, out: number, bytes: number): void;
  wide_add(x: number, y: number, out: number, bytes: number): void;
  wide_relu(x: number, out: number, part: number): void;
  wide_product(
    x: number,
    weights: number,
    offsets: number,
    out: number,
    taps: number,
    outputs: number,
    groups: number,
    rows: number,
    columns: number,
    rowStep: number,
    columnStep: number,
    xStride: number,
    outStride: number,
  ): void;
  wide_finish(
    five: number,
    products: number,
    residual: number,
    out: number,
    vectors: number,
    channels: number,
    area: number,
    groups: number,
  ): void;
}

export const deltaStages: Readonly<Record<keyof DeltaKernels, string>> = {
  delta_form: 'weights at an offset from the centre',
  delta_interleave: 'what delta_product_relu reads of the centre, in the order in which it does',
  delta_product: 'second-order part of a product’s difference from the centre',
  delta_product_relu: 'that and delta_relu in one, for several offsets',
  delta_relu: 'difference of an activation',
  delta_clipped_relu: 'difference of an activation',
  delta_hardtanh: 'difference of an activation',
  delta_leaky_relu: 'difference of an activation',
  delta_sigmoid: 'difference of an activation',
  delta_silu: 'difference of an activation',
  delta_tanh: 'difference of an activation',
  delta_elu: 'difference of an activation',
  delta_gelu: 'difference of an activation',
  delta_gelu_tanh: 'difference of an activation',
  delta_softplus: 'difference of an activation',
  delta_max: 'difference of maximum pooling',
  delta_multiply: 'difference of a product of two values',
  delta_affine: 'difference of batch normalisation whose scale moves',
  delta_ce: 'difference of softmax cross-entropy',
  delta_mse: 'difference of mean squared error',
  delta_bce: 'difference of binary cross-entropy with logits',
  wide_form: 'parameters of the centre in float64',
  wide_widen: 'float32 to float64',
  wide_narrow: 'float64 to float32',
  wide_add: 'sum of two values in float64',
  wide_relu: 'values and derivatives of relu in float64',
  wide_product: 'dense layers and convolutions in float64',
  wide_finish: 'values and derivatives of a layer in float64 from its products',
};
