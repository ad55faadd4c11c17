/**
 * The table of compute stages: one row per file `shaders/NAME.wgsl`, bindings in the file's order.
 * Layouts, pipelines and bind groups are made from this table alone.
 */
import type { LossName } from '../../model/data.js';
import { uniform, type UniformStruct } from './uniform.js';

/** Order of the `LOSS` constant. */
export const losses: readonly LossName[] = ['ce', 'mse', 'bce'];

/** Points that one workgroup of `dense` serves; points of a slice are padded to it. */
export const POINT_LANES = 4;
/** Invocations of `dense` along samples. */
export const SAMPLE_LANES = 8;
/** Samples that one workgroup of `dense` computes, 8 an invocation; samples of a slice are padded to it. */
export const SAMPLE_TILE = 8 * SAMPLE_LANES;
/** Outputs that one invocation of `dense` computes. */
export const OUTPUTS_EACH = 8;
const MAX_OUTPUT_LANES = 8;
/** Inputs of a weight tile: 4 points × 16 inputs × 64 outputs fill the 16 KiB of workgroup memory. */
export const DEPTH = 16;

/** Invocations of `dense` along outputs, for a layer of so many. */
export const outputLanes = (outputs: number): number =>
  Math.min(MAX_OUTPUT_LANES, Math.ceil(outputs / OUTPUTS_EACH));

/** Samples whose losses one workgroup of `loss` sums in float32. */
export const LOSS_BLOCK = 256;
/** Points that one invocation of `combine` serves. */
export const COMBINE_POINTS = 4;
/** Invocations along samples of the element-wise stages. */
export const POINTWISE_LANES = 64;

export const denseShape = uniform('DenseShape', {
  inputs: 'u32',
  rows: 'u32', // outputs, padded to the weight tile
  columns: 'u32', // samples / 4
  depth: 'u32', // inputs, padded to the weight tile
  slabs: 'u32', // outputs / 4, padded to the weight tile
  source_first: 'u32',
  source_row: 'u32',
  source_point: 'u32',
  residual_first: 'u32',
  residual_row: 'u32',
  residual_point: 'u32',
  channel: 'u32',
  channels: 'u32',
  slope: 'f32',
});

export const combineShape = uniform('CombineShape', {
  rows: 'u32', // of a point in the output
  plane: 'u32', // rows per channel
  points: 'u32',
  columns: 'u32',
  products_first: 'u32',
  products_row: 'u32',
  products_section: 'u32',
  residual_first: 'u32',
  residual_row: 'u32',
  residual_point: 'u32',
  channel: 'u32',
  channels: 'u32',
  slope: 'f32',
});

export const pointwiseShape = uniform('PointwiseShape', {
  rows: 'u32',
  plane: 'u32',
  columns: 'u32',
  source_first: 'u32',
  source_row: 'u32',
  source_point: 'u32',
  residual_first: 'u32',
  residual_row: 'u32',
  residual_point: 'u32',
  channel: 'u32',
  channels: 'u32',
  slope: 'f32',
});

export const affineShape = uniform('AffineShape', { channels: 'u32', nan_bits: 'u32' });

export const lossShape = uniform('LossShape', {
  outputs: 'u32',
  rows: 'u32', // of a point in the logits
  columns: 'u32',
  blocks: 'u32',
  truth_first: 'u32',
  truth_row: 'u32',
  start: 'u32', // first sample that counts
  end: 'u32', // one past the last
});

export type Access = 'uniform' | 'read' | 'read_write';

export interface Stage {
  readonly struct: UniformStruct;
  /** Variable and access of bindings 0, 1, …; 0 is always the uniform struct. */
  readonly bindings: readonly (readonly [variable: string, access: Access])[];
}

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
  dense: {
    struct: denseShape,
    bindings: [
      ['shape', 'uniform'],
      ['points', 'read'],
      ['weights', 'read'],
      ['affine', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
  loss: {
    struct: lossShape,
    bindings: [
      ['shape', 'uniform'],
      ['logits', 'read'],
      ['truth', 'read'],
      ['partials', 'read_write'],
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
} as const satisfies Readonly<Record<string, Stage>>;

export type StageName = keyof typeof stages;
