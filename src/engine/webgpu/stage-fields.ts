/** Fields that the uniform structs of several stages share. */

/** Where a stage reads: first vector, vectors from row to row and from point to point. */
export const source = { source_first: 'u32', source_row: 'u32', source_point: 'u32' } as const;
export const residual = { residual_first: 'u32', residual_row: 'u32', residual_point: 'u32' } as const;
/** Where an element-wise stage writes: rows it writes, rows of a point in the buffer, vectors of a row. */
export const flat = { count: 'u32', rows: 'u32', columns: 'u32' } as const;
/** First channel of the stage, channels of a point. */
export const channels = { channel: 'u32', channels: 'u32' } as const;
export const windows = {
  taps_y: 'u32',
  taps_x: 'u32',
  stride_y: 'u32',
  stride_x: 'u32',
  dilation_y: 'u32',
  dilation_x: 'u32',
  pad_top: 'i32',
  pad_left: 'i32',
  in_height: 'u32',
  in_width: 'u32',
} as const;
export const triple = <const P extends string, T extends 'u32' | 'i32'>(prefix: P, type: T) =>
  ({ [`${prefix}_0`]: type, [`${prefix}_1`]: type, [`${prefix}_2`]: type }) as Record<`${P}_${0 | 1 | 2}`, T>;
