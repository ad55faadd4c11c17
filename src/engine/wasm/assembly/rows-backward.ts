/** The way back through what moves, adds and reduces rows; tables are those of the forward kernels in rows.ts. */
import { madd, ROW } from './lanes';

/** out = factor·x over `bytes`, or added to it; `out` may be `x`. */
export function scaled(x: usize, out: usize, bytes: usize, factor: f32, added: bool): void {
  const factors = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = f32x4.mul(v128.load(x + i), factors);
    v128.store(out + i, added ? f32x4.add(v128.load(out + i), value) : value);
  }
}

/** out[to[i]] += x[from[i]]. */
export function add_rows(
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
      v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
      v128.store(target, f32x4.add(v128.load(target, 16), v128.load(source, 16)), 16);
    }
    x += xStride;
    out += outStride;
  }
}

/** out[to[i]] += g[i]·y[from[i]], i counting the `count` rows of a product. */
export function multiply_rows_backward(
  g: usize,
  y: usize,
  out: usize,
  from: usize,
  to: usize,
  count: i32,
  groups: i32,
  yStride: usize,
  outStride: usize,
): void {
  const end = (<usize>count) << 2;
  for (let group: i32 = 0; group < groups; group++) {
    for (let i: usize = 0; i < end; i += 4) {
      const other = y + <usize>load<u32>(from + i) * ROW;
      const target = out + <usize>load<u32>(to + i) * ROW;
      v128.store(target, madd(v128.load(g), v128.load(other), v128.load(target)));
      v128.store(target, madd(v128.load(g, 16), v128.load(other, 16), v128.load(target, 16)), 16);
      g += ROW;
    }
    y += yStride;
    out += outStride;
  }
}

/** out[taps[j]] += factors[i]·g[i], starts[i] ≤ j < starts[i + 1]. */
export function sum_rows_backward(
  g: usize,
  out: usize,
  starts: usize,
  taps: usize,
  factors: usize,
  count: i32,
  groups: i32,
  outStride: usize,
): void {
  for (let group: i32 = 0; group < groups; group++) {
    for (let i: i32 = 0; i < count; i++) {
      const at = (<usize>i) << 2;
      const end = load<u32>(starts + at, 4);
      const factor = v128.load32_splat(factors + at);
      const low = f32x4.mul(v128.load(g), factor);
      const high = f32x4.mul(v128.load(g, 16), factor);
      for (let j = load<u32>(starts + at); j < end; j++) {
        const target = out + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW;
        v128.store(target, f32x4.add(v128.load(target), low));
        v128.store(target, f32x4.add(v128.load(target, 16), high), 16);
      }
      g += ROW;
    }
    out += outStride;
  }
}

/** To the largest of a window's elements, the first of equals; NaN counts as largest. */
export function max_rows_backward(
  x: usize,
  g: usize,
  out: usize,
  starts: usize,
  taps: usize,
  count: i32,
  groups: i32,
  xStride: usize,
): void {
  for (let group: i32 = 0; group < groups; group++) {
    for (let i: i32 = 0; i < count; i++) {
      const at = (<usize>i) << 2;
      const first = load<u32>(starts + at);
      const end = load<u32>(starts + at, 4);
      for (let half: usize = 0; half < ROW; half += 16) {
        let top = f32x4.splat(-Infinity);
        for (let j = first; j < end; j++) {
          top = f32x4.max(top, v128.load(x + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW + half));
        }
        let left = v128.load(g + half);
        for (let j = first; j < end; j++) {
          const row = <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW + half;
          const value = v128.load(x + row);
          const wins = v128.or(f32x4.eq(value, top), f32x4.ne(value, value));
          v128.store(out + row, f32x4.add(v128.load(out + row), v128.and(left, wins)));
          left = v128.andnot(left, wins);
        }
      }
      g += ROW;
    }
    x += xStride;
    out += xStride;
  }
}

/**
 * The image x `[channels, height, width]` with its pixels `verticalStep` and `horizontalStep` apart in `out`, `outHeight` ×
 * `outWidth`, zeros between and around; the first lies at (top, left), which may be negative. What falls outside is dropped.
 */
export function dilate_image(
  x: usize,
  out: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  verticalStep: i32,
  horizontalStep: i32,
  outHeight: i32,
  outWidth: i32,
  groups: i32,
): void {
  const zero = f32x4.splat(0);
  const area = <usize>outHeight * <usize>outWidth * ROW;
  for (let plane: i32 = 0; plane < groups * channels; plane++) {
    for (let at = out, end = out + area; at < end; at += ROW) {
      v128.store(at, zero);
      v128.store(at, zero, 16);
    }
    for (let row: i32 = 0; row < height; row++) {
      const y = top + row * verticalStep;
      if (y < 0 || y >= outHeight) continue;
      for (let column: i32 = 0; column < width; column++) {
        const from = left + column * horizontalStep;
        if (from < 0 || from >= outWidth) continue;
        const source = x + <usize>(row * width + column) * ROW;
        const target = out + <usize>(y * outWidth + from) * ROW;
        v128.store(target, v128.load(source));
        v128.store(target, v128.load(source, 16), 16);
      }
    }
    x += <usize>(height * width) * ROW;
    out += area;
  }
}
