/**
 * Rows of a block moved, added and reduced. A row is one unit of a group; tables count rows and are the
 * same for all groups. Strides are bytes a group.
 */
import { madd, narrow, ROW, upper } from './lanes';

/** out = x + y over `bytes`; `out` may be either. */
export function add(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f32x4.add(v128.load(x + i), v128.load(y + i)));
  }
}

/** out = (x + centre[c])·scale[c] + shift[c] for channels c of `area` rows each; `out` may be `x`. */
export function affine(
  x: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  out: usize,
  channels: i32,
  area: i32,
  groups: i32,
): void {
  const bytes = <usize>area * ROW;
  for (let g: i32 = 0; g < groups; g++) {
    for (let c: i32 = 0; c < channels; c++) {
      const one = (<usize>c) << 2;
      const middle = v128.load32_splat(centre + one);
      const factor = v128.load32_splat(scale + one);
      const offset = v128.load32_splat(shift + one);
      for (let i: usize = 0; i < bytes; i += 16) {
        v128.store(out + i, madd(f32x4.add(v128.load(x + i), middle), factor, offset));
      }
      x += bytes;
      out += bytes;
    }
  }
}

/** out[i] = x[xRows[i]]·y[yRows[i]], i counting the `count` rows of the output. */
export function multiply_rows(
  x: usize,
  y: usize,
  out: usize,
  xRows: usize,
  yRows: usize,
  count: i32,
  groups: i32,
  xStride: usize,
  yStride: usize,
): void {
  const end = (<usize>count) << 2;
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: usize = 0; i < end; i += 4) {
      const left = x + <usize>load<u32>(xRows + i) * ROW;
      const right = y + <usize>load<u32>(yRows + i) * ROW;
      v128.store(out, f32x4.mul(v128.load(left), v128.load(right)));
      v128.store(out, f32x4.mul(v128.load(left, 16), v128.load(right, 16)), 16);
      out += ROW;
    }
    x += xStride;
    y += yStride;
  }
}

/** out[to[i]] = x[from[i]]; concatenates, slices and pads. */
export function copy_rows(
  x: usize,
  out: usize,
  from: usize,
  to: usize,
  count: i32,
  groups: i32,
  xStride: usize,
  outStride: usize,
): void {
  const end = (<usize>count) << 2;
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: usize = 0; i < end; i += 4) {
      const source = x + <usize>load<u32>(from + i) * ROW;
      const target = out + <usize>load<u32>(to + i) * ROW;
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
    }
    x += xStride;
    out += outStride;
  }
}

/** Every float of `bytes` becomes `value`. */
export function fill(out: usize, bytes: usize, value: f32): void {
  const values = f32x4.splat(value);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, values);
}

/** `bytes` of zeros, a multiple of a row. Short stretches: `memory.fill` would be a call each. */
function clear(out: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = out + bytes; out < end; out += ROW) {
    v128.store(out, zero);
    v128.store(out, zero, 16);
  }
}

/** The image x `[channels, height, width]` within `out`, `outHeight` × `outWidth`, zeros around it. */
export function pad_image(
  x: usize,
  out: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
  groups: i32,
): void {
  const line = <usize>width * ROW;
  const outLine = <usize>outWidth * ROW;
  // Zeros before the first row and between two rows: the right end of one and the left end of the next.
  const before = <usize>top * outLine + <usize>left * ROW;
  const between = outLine - line;
  const after = <usize>outHeight * outLine - before - <usize>height * outLine + between;
  for (let plane: i32 = 0; plane < groups * channels; plane++) {
    clear(out, before);
    out += before;
    for (let row: i32 = 0; row < height; row++) {
      for (let i: usize = 0; i < line; i += ROW) {
        v128.store(out + i, v128.load(x + i));
        v128.store(out + i, v128.load(x + i, 16), 16);
      }
      x += line;
      out += line;
      const gap = row + 1 < height ? between : after;
      clear(out, gap);
      out += gap;
    }
  }
}

/**
 * out[i] = the largest of x[taps[j]], starts[i] ≤ j < starts[i + 1]; NaN if one is. `starts` has `count` + 1
 * entries; no taps give −∞.
 */
export function max_rows(
  x: usize,
  out: usize,
  starts: usize,
  taps: usize,
  count: i32,
  groups: i32,
  xStride: usize,
): void {
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: i32 = 0; i < count; i++) {
      const first = load<u32>(starts + ((<usize>i) << 2));
      const end = load<u32>(starts + ((<usize>i) << 2), 4);
      let low = f32x4.splat(-Infinity);
      let high = low;
      for (let j = first; j < end; j++) {
        const row = x + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW;
        low = f32x4.max(low, v128.load(row));
        high = f32x4.max(high, v128.load(row, 16));
      }
      v128.store(out, low);
      v128.store(out, high, 16);
      out += ROW;
    }
    x += xStride;
  }
}

/**
 * out[i] = factors[i]·Σ x[taps[j]], starts[i] ≤ j < starts[i + 1], summed in float64: a mean over an image
 * has thousands of terms.
 */
export function sum_rows(
  x: usize,
  out: usize,
  starts: usize,
  taps: usize,
  factors: usize,
  count: i32,
  groups: i32,
  xStride: usize,
): void {
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: i32 = 0; i < count; i++) {
      const at = (<usize>i) << 2;
      const first = load<u32>(starts + at);
      const end = load<u32>(starts + at, 4);
      const factor = f64x2.splat(<f64>load<f32>(factors + at));
      for (let half: usize = 0; half < ROW; half += 16) {
        let even = f64x2.splat(0);
        let odd = even;
        for (let j = first; j < end; j++) {
          const four = v128.load(x + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW + half);
          even = f64x2.add(even, f64x2.promote_low_f32x4(four));
          odd = f64x2.add(odd, f64x2.promote_low_f32x4(upper(four)));
        }
        v128.store(out + half, narrow(f64x2.mul(even, factor), f64x2.mul(odd, factor)));
      }
      out += ROW;
    }
    x += xStride;
  }
}
