/**
 * The table of compute stages: one row per file `shaders/NAME.wgsl`, bindings in the file's order.
 * Layouts, pipelines and bind groups are made from this table alone.
 */
import type { LossName } from '../../model/data.js';
import { deltaStages } from './delta-stages.js';
import { channels, flat, residual, source, triple, windows } from './stage-fields.js';
import { trainingStages } from './training-stages.js';
import { uniform, type UniformStruct } from './uniform.js';
import { winogradStages } from './winograd-stages.js';

/** Order of the `LOSS` constant. */
export const losses: readonly LossName[] = ['ce', 'mse', 'bce'];

/** Samples are padded to pairs of vectors of four. */
export const OCTET = 8;
/** Points that one workgroup of `linear` serves; points of a slice are padded to it. */
export const POINT_LANES = 4;
/** Invocations of `linear` along pixels and samples, 8 samples each. */
export const SAMPLE_LANES = 8;
/** Outputs that one invocation of `linear` computes. */
export const OUTPUTS_EACH = 8;
const MAX_OUTPUT_LANES = 8;
/** Inputs of a weight tile: 4 points × 16 inputs × 64 outputs fill the 16 KiB of workgroup memory. */
export const DEPTH = 16;

/** Invocations of `linear` along outputs, for a layer of so many. */
export const outputLanes = (outputs: number): number =>
  Math.min(MAX_OUTPUT_LANES, Math.ceil(outputs / OUTPUTS_EACH));

/** Samples of an invocation of `direct`. */
export const DIRECT_SAMPLES = 16;
/** Invocations of a workgroup of `direct` along pixels and samples, and most along outputs, 8 each. */
export const DIRECT_SAMPLE_LANES = 16;
export const DIRECT_OUTPUT_LANES = 4;

/** Samples whose losses one workgroup of `loss` sums in float32. */
export const LOSS_BLOCK = 256;
/** Points of a workgroup of `loss_direct`, whose invocations sum a block each. */
export const LOSS_POINTS = 64;
/** Points that one invocation of `combine` serves. */
export const COMBINE_POINTS = 8;
/** Invocations of a workgroup of the element-wise stages, `FLAT_LANES` in shared/flat.wgsl. */
export const FLAT_LANES = 64;

export const linearShape = uniform('LinearShape', {
  inputs: 'u32', // of one group
  outputs: 'u32', // of one group
  groups: 'u32',
  depth: 'u32', // inputs, padded to the weight tile
  slabs: 'u32', // outputs / 4, padded to the weight tile
  rows: 'u32', // output channels of a point in the buffer
  columns: 'u32', // output pixels × samples / 8
  octets: 'u32', // samples / 8
  out_pixels: 'u32',
  out_width: 'u32',
  ...windows,
  ...source, // in octets
  ...residual, // in octets
  ...channels,
  slope: 'f32',
});

export const chainShape = uniform('ChainShape', {
  layers: 'u32',
  columns: 'u32', // samples / 4
  rows: 'u32', // of a point in the output
  channels: 'u32',
  products_first: 'u32',
  products_row: 'u32',
  products_section: 'u32',
});

export const combineShape = uniform('CombineShape', {
  ...flat,
  points: 'u32',
  plane: 'u32', // rows per channel
  products_first: 'u32',
  products_row: 'u32',
  products_section: 'u32',
  ...residual,
  ...channels,
  slope: 'f32',
});

export const pointwiseShape = uniform('PointwiseShape', {
  ...flat,
  plane: 'u32', // rows per channel
  ...source,
  ...residual,
  ...channels,
  slope: 'f32',
  factor: 'f32',
  offset: 'f32',
});

export const jetPointwiseShape = uniform('JetPointwiseShape', {
  ...flat,
  plane: 'u32', // rows per channel
  ...source,
  section: 'u32', // from product to product of a first layer
  ...residual,
  ...channels,
  slope: 'f32',
  factor: 'f32',
  offset: 'f32',
});

export const poolShape = uniform('PoolShape', {
  ...flat,
  out_height: 'u32',
  out_width: 'u32',
  ...windows,
  pad_bottom: 'i32',
  pad_right: 'i32',
  ...source,
  minus_infinity_bits: 'u32',
});

export const meanShape = uniform('MeanShape', {
  ...flat,
  ...triple('kept', 'u32'),
  ...triple('sum', 'u32'),
  stride_0: 'u32',
  stride_1: 'u32',
  ...source,
});

export const gatherShape = uniform('GatherShape', {
  ...flat,
  ...triple('size', 'u32'),
  ...triple('start', 'i32'),
  ...triple('step', 'i32'),
  ...triple('source_size', 'i32'),
  out_first: 'u32',
  out_size_1: 'u32',
  out_size_2: 'u32',
  ...source,
  fill: 'f32',
});

export const multiplyShape = uniform('MultiplyShape', {
  ...flat,
  ...triple('size', 'u32'),
  ...triple('one', 'u32'),
  ...triple('other', 'u32'),
  ...source,
  ...residual,
});

export const formShape = uniform('FormShape', { section: 'u32' }); // weights / 4

export const affineShape = uniform('AffineShape', { channels: 'u32', nan_bits: 'u32' });

export const lossShape = uniform('LossShape', {
  points: 'u32',
  outputs: 'u32',
  rows: 'u32', // of a point in the logits' buffer
  columns: 'u32', // samples / 4
  blocks: 'u32',
  truth_first: 'u32',
  truth_row: 'u32',
  start: 'u32', // first sample that counts
  end: 'u32', // one past the last
});

export const peakShape = uniform('PeakShape', { rounds: 'u32', factor: 'f32' });

export type Access = 'uniform' | 'read' | 'read_write';

export interface Stage {
  readonly struct: UniformStruct;
  /** Variable and access of bindings 0, 1, …; 0 is always the uniform struct. */
  readonly bindings: readonly (readonly [variable: string, access: Access])[];
}

const oneToOne = [
  ['shape', 'uniform'],
  ['source', 'read'],
  ['output', 'read_write'],
] as const;

const product = [
  ['shape', 'uniform'],
  ['points', 'read'],
  ['weights', 'read'],
  ['affine', 'read'],
  ['source', 'read'],
  ['residual', 'read'],
  ['output', 'read_write'],
] as const;

const tally = [
  ['shape', 'uniform'],
  ['logits', 'read'],
  ['truth', 'read'],
  ['partials', 'read_write'],
] as const;

export const stages = {
  affine: {
    struct: affineShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['channels', 'read'],
      ['affine', 'read_write'],
    ],
  },
  chain: {
    struct: chainShape,
    bindings: [
      ['shape', 'uniform'],
      ['layers', 'read'],
      ['points', 'read'],
      ['products', 'read'],
      ['weights', 'read'],
      ['affine', 'read'],
      ['output', 'read_write'],
    ],
  },
  combine: {
    struct: combineShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['products', 'read'],
      ['affine', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  direct: { struct: linearShape, bindings: product },
  form: {
    struct: formShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['weights', 'read'],
      ['output', 'read_write'],
    ],
  },
  gather: { struct: gatherShape, bindings: oneToOne },
  jet_affine: {
    struct: affineShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['channels', 'read'],
      ['affine', 'read_write'],
    ],
  },
  jet_loss: { struct: lossShape, bindings: tally },
  jet_multiply: {
    struct: multiplyShape,
    bindings: [
      ['shape', 'uniform'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  jet_pointwise: {
    struct: jetPointwiseShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['affine', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  jet_pool: { struct: poolShape, bindings: oneToOne },
  linear: { struct: linearShape, bindings: product },
  loss: { struct: lossShape, bindings: tally },
  loss_direct: { struct: lossShape, bindings: tally },
  mean: { struct: meanShape, bindings: oneToOne },
  multiply: {
    struct: multiplyShape,
    bindings: [
      ['shape', 'uniform'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  peak: {
    struct: peakShape,
    bindings: [
      ['shape', 'uniform'],
      ['output', 'read_write'],
    ],
  },
  pointwise: {
    struct: pointwiseShape,
    bindings: [
      ['shape', 'uniform'],
      ['affine', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  pool: { struct: poolShape, bindings: oneToOne },
  ...deltaStages,
  ...trainingStages,
  ...winogradStages,
} as const satisfies Readonly<Record<string, Stage>>;

export type StageName = keyof typeof stages;
