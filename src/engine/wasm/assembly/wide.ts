/**
 * Values and first derivatives in float64, for the centre of a window: a jet is three parts [v, a, b], `part` bytes apart,
 * of groups as everywhere but with rows of eight float64. Nothing is fused: the definitions are those of src/model/ops.
 */
import { narrow, upper } from './lanes';

/** Bytes of one unit of a group in float64. */
const WIDE: usize = 64;

function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** base + (a·d1 + b·d2) of `count` floats, a multiple of 4, as float64. */
export function wide_form(base: usize, d1: usize, d2: usize, out: usize, count: usize, a: f64, b: f64): void {
  const as = f64x2.splat(a);
  const bs = f64x2.splat(b);
  for (const end = base + (count << 2); base < end; base += 8) {
    const u = f64x2.mul(as, f64x2.promote_low_f32x4(v128.load64_zero(d1)));
    const v = f64x2.mul(bs, f64x2.promote_low_f32x4(v128.load64_zero(d2)));
    v128.store(out, f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(base)), f64x2.add(u, v)));
    d1 += 8;
    d2 += 8;
    out += 16;
  }
}

/** `bytes` of float32 (a multiple of 16) as float64. */
export function wide_widen(x: usize, out: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 16) {
    const four = v128.load(x);
    v128.store(out, f64x2.promote_low_f32x4(four));
    v128.store(out, f64x2.promote_low_f32x4(upper(four)), 16);
    out += 32;
  }
}

/** `bytes` of float64 (a multiple of 32), rounded to float32. */
export function wide_narrow(x: usize, out: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 32) {
    v128.store(out, narrow(v128.load(x), v128.load(x, 16)));
    out += 16;
  }
}

/** z = x + y of `bytes`; `out` may be either. */
export function wide_add(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f64x2.add(v128.load(x + i), v128.load(y + i)));
  }
}

/** relu of a jet. NaN counts as on. */
export function wide_relu(x: usize, out: usize, part: usize): void {
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const off = f64x2.le(v, zero);
    v128.store(out + i, v128.andnot(v, off));
    v128.store(out + part + i, v128.andnot(v128.load(x + part + i), off));
    v128.store(out + 2 * part + i, v128.andnot(v128.load(x + 2 * part + i), off));
  }
}

/**
 * out[o] = Σ_k W[o][k]·x[offsets[k]] for `rows` × `columns` places of the input, as `conv2d` but in float64 and without what
 * follows; a dense layer has one place. Weights are float64, packed [⌈outputs/4⌉][taps][4].
 */
export function wide_product(
  x: usize,
  weights: usize,
  offsets: usize,
  out: usize,
  taps: i32,
  outputs: i32,
  groups: i32,
  rows: i32,
  columns: i32,
  rowStep: usize,
  columnStep: usize,
  xStride: usize,
  outStride: usize,
): void {
  const plane = <usize>rows * <usize>columns * WIDE;
  const end = offsets + ((<usize>taps) << 2);
  for (let g: i32 = 0; g < groups; g++) {
    let place: usize = 0;
    for (let row: i32 = 0; row < rows; row++) {
      let corner = x + <usize>row * rowStep;
      for (let column: i32 = 0; column < columns; column++) {
        for (let o: i32 = 0; o < outputs; o += 4) {
          const start = weights + <usize>o * <usize>taps * 8;
          for (let half: usize = 0; half < WIDE; half += 32) {
            let low0 = f64x2.splat(0);
            let high0 = low0;
            let low1 = low0;
            let high1 = low0;
            let low2 = low0;
            let high2 = low0;
            let low3 = low0;
            let high3 = low0;
            let w = start;
            const from = corner + half;
            for (let tap = offsets; tap < end; tap += 4) {
              const h = from + <usize>load<u32>(tap);
              const low = v128.load(h);
              const high = v128.load(h, 16);
              const w0 = v128.load64_splat(w);
              low0 = madd(w0, low, low0);
              high0 = madd(w0, high, high0);
              const w1 = v128.load64_splat(w, 8);
              low1 = madd(w1, low, low1);
              high1 = madd(w1, high, high1);
              const w2 = v128.load64_splat(w, 16);
              low2 = madd(w2, low, low2);
              high2 = madd(w2, high, high2);
              const w3 = v128.load64_splat(w, 24);
              low3 = madd(w3, low, low3);
              high3 = madd(w3, high, high3);
              w += 32;
            }
            let to = out + <usize>o * plane + place + half;
            v128.store(to, low0);
            v128.store(to, high0, 16);
            if (outputs - o > 1) {
              to += plane;
              v128.store(to, low1);
              v128.store(to, high1, 16);
            }
            if (outputs - o > 2) {
              to += plane;
              v128.store(to, low2);
              v128.store(to, high2, 16);
            }
            if (outputs - o > 3) {
              to += plane;
              v128.store(to, low3);
              v128.store(to, high3, 16);
            }
          }
        }
        corner += columnStep;
        place += WIDE;
      }
    }
    x += xStride;
    out += outStride;
  }
}

/**
 * A layer's jet from its products at m: [v, a, b], or with `five` Wv, Wa, Wb, D1·v, D2·v; (· + centre)·scale + shift + residual.
 * `vectors` are nine of `channels` float64: centre and its slopes, scale, shift and its slopes, the scale's slopes. Address 0: no
 * residual.
 */
export function wide_finish(
  five: i32,
  m: usize,
  residual: usize,
  out: usize,
  vectors: usize,
  channels: i32,
  area: i32,
  groups: i32,
): void {
  const line = <usize>area * WIDE;
  const part = <usize>groups * <usize>channels * line;
  const vector = (<usize>channels) << 3;
  let at: usize = 0;
  for (let g: i32 = 0; g < groups; g++) {
    for (let c: i32 = 0; c < channels; c++) {
      let entry = vectors + ((<usize>c) << 3);
      const middle = v128.load64_splat(entry);
      const middleA = v128.load64_splat((entry += vector));
      const middleB = v128.load64_splat((entry += vector));
      const factor = v128.load64_splat((entry += vector));
      const offset = v128.load64_splat((entry += vector));
      const offsetA = v128.load64_splat((entry += vector));
      const offsetB = v128.load64_splat((entry += vector));
      const factorA = v128.load64_splat((entry += vector));
      const factorB = v128.load64_splat(entry + vector);
      for (const end = at + line; at < end; at += 16) {
        let v = v128.load(m + at);
        let a = v128.load(m + part + at);
        let b = v128.load(m + 2 * part + at);
        if (five) {
          a = f64x2.add(a, v128.load(m + 3 * part + at));
          b = f64x2.add(b, v128.load(m + 4 * part + at));
        }
        v = f64x2.add(v, middle);
        a = f64x2.mul(f64x2.add(a, middleA), factor);
        b = f64x2.mul(f64x2.add(b, middleB), factor);
        a = f64x2.add(f64x2.add(a, f64x2.mul(v, factorA)), offsetA);
        b = f64x2.add(f64x2.add(b, f64x2.mul(v, factorB)), offsetB);
        v = f64x2.add(f64x2.mul(v, factor), offset);
        if (residual != 0) {
          v = f64x2.add(v, v128.load(residual + at));
          a = f64x2.add(a, v128.load(residual + part + at));
          b = f64x2.add(b, v128.load(residual + 2 * part + at));
        }
        v128.store(out + at, v);
        v128.store(out + part + at, a);
        v128.store(out + 2 * part + at, b);
      }
    }
  }
}
