/** The kernels of derivatives (assembly/jet*.ts) as TypeScript sees them; part of those in kernels.ts. */

type JetActivation = (x: number, out: number, part: number, parts: number, slope: number) => void;
type JetLoss = (
  z: number,
  truth: number,
  outputs: number,
  groups: number,
  parts: number,
  part: number,
  first: number,
  end: number,
  sums: number,
) => void;

export interface JetKernels {
  jet_sums(x: number, out: number, part: number): void;
  jet_finish(
    mode: number,
    parts: number,
    products: number,
    alongA: number,
    alongB: number,
    residual: number,
    out: number,
    centre: number,
    centreA: number,
    centreB: number,
    scale: number,
    scaleA: number,
    scaleB: number,
    shift: number,
    shiftA: number,
    shiftB: number,
    channels: number,
    area: number,
    groups: number,
    activation: number,
    slope: number,
  ): void;
  jet_max(
    x: number,
    out: number,
    starts: number,
    taps: number,
    count: number,
    groups: number,
    xStride: number,
    parts: number,
    xPart: number,
    outPart: number,
  ): void;
  jet_clipped_relu: JetActivation;
  jet_elu: JetActivation;
  jet_gelu: JetActivation;
  jet_gelu_tanh: JetActivation;
  jet_hardtanh: JetActivation;
  jet_leaky_relu: JetActivation;
  jet_relu: JetActivation;
  jet_sigmoid: JetActivation;
  jet_silu: JetActivation;
  jet_softplus: JetActivation;
  jet_tanh: JetActivation;
  jet_ce: JetLoss;
  jet_mse: JetLoss;
  jet_bce: JetLoss;
}

export const jetStages: Readonly<Record<keyof JetKernels, string>> = {
  jet_sums: 'what three of the nine products of a layer’s derivatives take',
  jet_finish: 'derivatives of a layer from its products, with the epilogue of dense',
  jet_max: 'derivatives of max pooling',
  jet_clipped_relu: 'derivatives of an activation',
  jet_elu: 'derivatives of an activation',
  jet_gelu: 'derivatives of an activation',
  jet_gelu_tanh: 'derivatives of an activation',
  jet_hardtanh: 'derivatives of an activation',
  jet_leaky_relu: 'derivatives of an activation',
  jet_relu: 'derivatives of an activation',
  jet_sigmoid: 'derivatives of an activation',
  jet_silu: 'derivatives of an activation',
  jet_softplus: 'derivatives of an activation',
  jet_tanh: 'derivatives of an activation',
  jet_ce: 'derivatives of softmax cross-entropy',
  jet_mse: 'derivatives of mean squared error',
  jet_bce: 'derivatives of binary cross-entropy with logits',
};
