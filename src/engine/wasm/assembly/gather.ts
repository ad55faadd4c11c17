/** Samples and weights from the order in which they are kept into that in which kernels read them. */
import { Quad } from './quad';
import { ROW } from './lanes';

/**
 * The samples `indices[0 … 8·groups − 1]` (int32) of row-major data `[samples, width]` as `[groups][width][8]`.
 */
export function gather(data: usize, indices: usize, out: usize, width: i32, groups: i32): void {
  const stride = (<usize>width) << 2;
  const fours = width & ~3;
  for (let g: i32 = 0; g < groups; g++) {
    for (let half: usize = 0; half < ROW; half += 16) {
      const at = indices + <usize>g * ROW + half;
      const s0 = data + <usize>load<i32>(at) * stride;
      const s1 = data + <usize>load<i32>(at, 4) * stride;
      const s2 = data + <usize>load<i32>(at, 8) * stride;
      const s3 = data + <usize>load<i32>(at, 12) * stride;
      let to = out + half;
      let u: i32 = 0;
      for (; u < fours; u += 4) {
        const i = (<usize>u) << 2;
        Quad.transpose(v128.load(s0 + i), v128.load(s1 + i), v128.load(s2 + i), v128.load(s3 + i), to, ROW);
        to += ROW * 4;
      }
      for (; u < width; u++) {
        const i = (<usize>u) << 2;
        store<f32>(to, load<f32>(s0 + i));
        store<f32>(to, load<f32>(s1 + i), 4);
        store<f32>(to, load<f32>(s2 + i), 8);
        store<f32>(to, load<f32>(s3 + i), 12);
        to += ROW;
      }
    }
    out += <usize>width * ROW;
  }
}

/** Row-major weights `[outputs, inputs]` as `dense` reads them, `[⌈outputs/4⌉][inputs][4]`, zeros where outputs are missing. */
export function pack(weights: usize, out: usize, outputs: i32, inputs: i32): void {
  const stride = (<usize>inputs) << 2;
  const fours = inputs & ~3;
  for (let o: i32 = 0; o < outputs; o += 4) {
    const rows = min(4, outputs - o);
    let from = weights + <usize>o * stride;
    let k: i32 = 0;
    if (rows == 4) {
      for (; k < fours; k += 4) {
        Quad.transpose(
          v128.load(from),
          v128.load(from + stride),
          v128.load(from + stride * 2),
          v128.load(from + stride * 3),
          out,
          16,
        );
        from += 16;
        out += 64;
      }
    }
    for (; k < inputs; k++) {
      for (let row: i32 = 0; row < 4; row++) {
        const value: f32 = row < rows ? load<f32>(from + <usize>row * stride) : 0;
        store<f32>(out + ((<usize>row) << 2), value);
      }
      from += 4;
      out += 16;
    }
  }
}

/** Their transpose likewise, `[⌈inputs/4⌉][outputs][4]`, for the way back. */
export function pack_transposed(weights: usize, out: usize, outputs: i32, inputs: i32): void {
  const stride = (<usize>inputs) << 2;
  for (let k: i32 = 0; k < inputs; k += 4) {
    const columns = min(4, inputs - k);
    let from = weights + ((<usize>k) << 2);
    for (let o: i32 = 0; o < outputs; o++) {
      if (columns == 4) v128.store(out, v128.load(from));
      else {
        for (let column: i32 = 0; column < 4; column++) {
          const at = (<usize>column) << 2;
          store<f32>(out + at, column < columns ? load<f32>(from + at) : 0);
        }
      }
      from += stride;
      out += 16;
    }
  }
}
