/**
 * Rows of the stage table that training alone uses. All of them work on one buffer, the arena, in which everything of a
 * session lies; places in it count floats.
 */
import { uniform } from './uniform.js';

/** Rows and columns of the part of a product that one workgroup makes. */
export const TILE = 32;

const matrix = <const P extends string>(prefix: P) =>
  ({
    [`${prefix}_first`]: 'u32',
    [`${prefix}_line`]: 'u32', // from row to row of A, from column to column of B and C
    [`${prefix}_inner`]: 'u32', // the other index is split by it: quotient · outer + remainder · step
    [`${prefix}_outer`]: 'u32',
    [`${prefix}_step`]: 'u32',
  }) as Record<`${P}_${'first' | 'line' | 'inner' | 'outer' | 'step'}`, 'u32'>;

export const trainProductShape = uniform('TrainProductShape', {
  rows: 'u32',
  columns: 'u32',
  depth: 'u32',
  slice: 'u32', // of the depth, for a workgroup
  ...matrix('a'),
  ...matrix('b'),
  ...matrix('c'),
  bias_first: 'u32',
  image_first: 'u32',
  image_sample: 'u32',
  kernel: 'u32', // taps of a channel
  kernel_width: 'u32',
  stride_y: 'u32',
  stride_x: 'u32',
  dilation_y: 'u32',
  dilation_x: 'u32',
  pad_top: 'i32',
  pad_left: 'i32',
  in_height: 'u32',
  in_width: 'u32',
  out_height: 'u32',
  out_width: 'u32',
});

export const trainFoldShape = uniform('TrainFoldShape', {
  count: 'u32',
  slices: 'u32',
  source: 'u32',
  output: 'u32',
});

export const trainChannelShape = uniform('TrainChannelShape', {
  samples: 'u32',
  area: 'u32',
  sample: 'u32', // from sample to sample
  source: 'u32',
  output: 'u32',
  gradient: 'u32',
  scale: 'u32',
  shift: 'u32',
  mean: 'u32',
  variance: 'u32',
  by_scale: 'u32',
  by_shift: 'u32',
  epsilon: 'f32',
});

export const trainElementShape = uniform('TrainElementShape', {
  count: 'u32',
  area: 'u32',
  source: 'u32',
  gradient: 'u32',
  output: 'u32',
  slope: 'f32',
  factor: 'f32',
  offset: 'f32',
});

export const trainLossShape = uniform('TrainLossShape', {
  samples: 'u32',
  outputs: 'u32',
  logits: 'u32',
  truth: 'u32',
  output: 'u32',
  factor: 'f32',
});

export const trainPoolShape = uniform('TrainPoolShape', {
  count: 'u32',
  source: 'u32',
  gradient: 'u32',
  output: 'u32',
  in_height: 'u32',
  in_width: 'u32',
  out_height: 'u32',
  out_width: 'u32',
  kernel_height: 'u32',
  kernel_width: 'u32',
  stride_y: 'u32',
  stride_x: 'u32',
  dilation_y: 'u32',
  dilation_x: 'u32',
  pad_top: 'i32',
  pad_left: 'i32',
  pad_bottom: 'i32',
  pad_right: 'i32',
  minus_infinity_bits: 'u32', // which WGSL cannot spell
});

const bindings = [
  ['shape', 'uniform'],
  ['arena', 'read_write'],
] as const;

export const trainingStages = {
  train_activation: { struct: trainElementShape, bindings },
  train_fold: { struct: trainFoldShape, bindings },
  train_loss: { struct: trainLossShape, bindings },
  train_mean: { struct: trainElementShape, bindings },
  train_norm: { struct: trainChannelShape, bindings },
  train_norm_backward: { struct: trainChannelShape, bindings },
  train_pool: { struct: trainPoolShape, bindings },
  train_product: { struct: trainProductShape, bindings },
  train_scaled: { struct: trainElementShape, bindings },
  train_slope: { struct: trainElementShape, bindings },
  train_sums: { struct: trainChannelShape, bindings },
} as const;
