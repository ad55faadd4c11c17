/** Rows of the stage table that only Winograd's tiles need. */
import { uniform } from './uniform.js';

export const winogradShape = uniform('WinogradShape', {
  count: 'u32', // channels × tiles
  rows: 'u32', // of a point in the output
  columns: 'u32', // samples / 4
  height: 'u32', // of the image that is read or written
  width: 'u32',
  tiles: 'u32',
  tiles_x: 'u32',
  pad_top: 'i32',
  pad_left: 'i32',
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

export const winogradStages = {
  winograd_input: {
    struct: winogradShape,
    bindings: [
      ['shape', 'uniform'],
      ['source', 'read'],
      ['output', 'read_write'],
    ],
  },
  winograd_output: {
    struct: winogradShape,
    bindings: [
      ['shape', 'uniform'],
      ['affine', 'read'],
      ['source', 'read'],
      ['residual', 'read'],
      ['output', 'read_write'],
    ],
  },
} as const;
