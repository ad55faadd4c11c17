/** Rows of the stage table that differences alone use. */
import { channels, flat, residual, source, triple, windows } from './stage-fields.js';
import { uniform } from './uniform.js';

/** Where the centre of differences is read, in vectors of four samples. */
const centre = {
  centre_first: 'u32', // first column
  centre_row: 'u32', // from row to row
  section: 'u32', // from array to array
  kept: 'u32', // first array that the stage reads
} as const;

/** Points that one invocation of `delta_pointwise` serves. */
export const DELTA_POINTS = 8;

export const deltaPointwiseShape = uniform('DeltaPointwiseShape', {
  ...flat,
  points: 'u32',
  plane: 'u32', // rows per channel
  ...source,
  ...residual,
  ...channels,
  ...centre,
  second: 'u32', // first array of the layer's second-order part
  norm: 'u32', // first array of the normalisation's
  factor: 'f32',
  slope: 'f32',
});

export const deltaLossShape = uniform('DeltaLossShape', {
  outputs: 'u32',
  rows: 'u32',
  columns: 'u32',
  blocks: 'u32',
  truth_first: 'u32',
  start: 'u32',
  end: 'u32',
  ...centre,
});

export const deltaPoolShape = uniform('DeltaPoolShape', {
  ...flat,
  out_height: 'u32',
  out_width: 'u32',
  ...windows,
  ...source,
  ...centre,
});

export const deltaMultiplyShape = uniform('DeltaMultiplyShape', {
  ...flat,
  ...triple('size', 'u32'),
  ...triple('one', 'u32'),
  ...triple('other', 'u32'),
  ...source,
  ...residual,
  ...centre,
  other_kept: 'u32', // first array of the other factor
  other_section: 'u32',
});

export const deltaStages = {
  delta_loss: {
    struct: deltaLossShape,
    bindings: [
      ['shape', 'uniform'],
      ['offsets', 'read'],
      ['logits', 'read'],
      ['truth', 'read'],
      ['centre', 'read'],
      ['partials', 'read_write'],
    ],
  },
  delta_multiply: {
    struct: deltaMultiplyShape,
    bindings: [
      ['shape', 'uniform'],
      ['offsets', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['centre', 'read'],
      ['output', 'read_write'],
    ],
  },
  delta_pointwise: {
    struct: deltaPointwiseShape,
    bindings: [
      ['shape', 'uniform'],
      ['offsets', 'read'],
      ['affine', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['centre', 'read'],
      ['output', 'read_write'],
    ],
  },
  delta_pool: {
    struct: deltaPoolShape,
    bindings: [
      ['shape', 'uniform'],
      ['offsets', 'read'],
      ['source', 'read'],
      ['centre', 'read'],
      ['output', 'read_write'],
    ],
  },
} as const;
