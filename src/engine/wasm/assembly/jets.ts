/**
 * First and second derivatives along α and β, carried beside the values. A jet is three parts [v, a, b] or six
 * [v, aa/2, ab, bb/2, a, b], each of which lies as a value does, `part` bytes after the one before; with halves the
 * parts are the coefficients of a polynomial in (α, β), which multiply without factors. At a kink the derivatives
 * are those of src/model/activations.ts.
 */
import { madd, ROW } from './lanes';

/** What `jet_finish` finds: parts as they are. */
const PARTS: i32 = 0;
/** Wv, W·aa/2, W·ab, W·bb/2, D1·a, D2·b, (W+D1)(v+a), (W+D2)(v+b), (D1+D2)(a+b): nine products instead of twelve. */
const NINE: i32 = 1;
/** Wv, Wa, Wb, D1·v, D2·v. */
const FIVE: i32 = 2;
/** Wv, and D1·v and D2·v elsewhere: a layer whose input does not move. */
const FIRST: i32 = 3;
/** As NINE, but nothing in the places of W·aa/2, W·ab and W·bb/2, which are zero. */
const SIX: i32 = 4;

function splat(address: usize): v128 {
  return address == 0 ? f32x4.splat(0) : v128.load32_splat(address);
}

/** Address of the c-th float of a vector, 0 for none. */
function entry(vector: usize, c: i32): usize {
  return vector == 0 ? 0 : vector + ((<usize>c) << 2);
}

/** out = v + a, v + b, a + b of a jet of six parts: what three of its nine products take. */
export function jet_sums(x: usize, out: usize, part: usize): void {
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const a = v128.load(x + 4 * part + i);
    const b = v128.load(x + 5 * part + i);
    v128.store(out + i, f32x4.add(v, a));
    v128.store(out + part + i, f32x4.add(v, b));
    v128.store(out + 2 * part + i, f32x4.add(a, b));
  }
}

/**
 * From the products of a layer to its jet: combines them as `mode` says, y = (sum + centre)·scale + shift + residual,
 * then relu (`activation` 1) or leaky_relu (2). centre, scale and shift are linear in (α, β), with slopes centreA …; an
 * address 0 leaves a vector or the residual out. Channels have `area` rows; `out` may be `residual`.
 */
export function jet_finish(
  mode: i32,
  parts: i32,
  m: usize,
  alongA: usize,
  alongB: usize,
  residual: usize,
  out: usize,
  centre: usize,
  centreA: usize,
  centreB: usize,
  scale: usize,
  scaleA: usize,
  scaleB: usize,
  shift: usize,
  shiftA: usize,
  shiftB: usize,
  channels: i32,
  area: i32,
  groups: i32,
  activation: i32,
  slope: f32,
): void {
  const line = <usize>area * ROW;
  const part = <usize>groups * <usize>channels * line;
  const zero = f32x4.splat(0);
  const slopes = f32x4.splat(slope);
  let at: usize = 0;
  for (let g: i32 = 0; g < groups; g++) {
    for (let c: i32 = 0; c < channels; c++) {
      const middle = splat(entry(centre, c));
      const middleA = splat(entry(centreA, c));
      const middleB = splat(entry(centreB, c));
      const factor = scale == 0 ? f32x4.splat(1) : v128.load32_splat(entry(scale, c));
      const factorA = splat(entry(scaleA, c));
      const factorB = splat(entry(scaleB, c));
      const offset = splat(entry(shift, c));
      const offsetA = splat(entry(shiftA, c));
      const offsetB = splat(entry(shiftB, c));
      for (const end = at + line; at < end; at += 16) {
        let from = m + at;
        let v = v128.load(from);
        let a = zero;
        let b = zero;
        let aa = zero;
        let ab = zero;
        let bb = zero;
        if (mode == NINE || mode == SIX) {
          if (mode == NINE) {
            aa = v128.load((from += part));
            ab = v128.load((from += part));
            bb = v128.load((from += part));
          } else from += 3 * part;
          const a1 = v128.load((from += part));
          const b2 = v128.load((from += part));
          a = f32x4.sub(f32x4.sub(v128.load((from += part)), v), a1);
          b = f32x4.sub(f32x4.sub(v128.load((from += part)), v), b2);
          const mixed = f32x4.sub(f32x4.sub(v128.load((from += part)), a1), b2);
          aa = f32x4.add(aa, a1);
          ab = f32x4.add(ab, mixed);
          bb = f32x4.add(bb, b2);
        } else if (mode == FIVE) {
          a = f32x4.add(v128.load(from + part), v128.load(from + 3 * part));
          b = f32x4.add(v128.load(from + 2 * part), v128.load(from + 4 * part));
        } else if (mode == FIRST) {
          a = v128.load(alongA + at);
          b = v128.load(alongB + at);
        } else {
          if (parts == 6) {
            aa = v128.load((from += part));
            ab = v128.load((from += part));
            bb = v128.load((from += part));
          }
          a = v128.load((from += part));
          b = v128.load((from += part));
        }
        v = f32x4.add(v, middle);
        a = f32x4.add(a, middleA);
        b = f32x4.add(b, middleB);
        aa = f32x4.mul(aa, factor);
        ab = f32x4.mul(ab, factor);
        bb = f32x4.mul(bb, factor);
        let moreA = offsetA;
        let moreB = offsetB;
        if (scaleA != 0) {
          aa = madd(a, factorA, aa);
          ab = madd(a, factorB, madd(b, factorA, ab));
          bb = madd(b, factorB, bb);
          moreA = madd(v, factorA, moreA);
          moreB = madd(v, factorB, moreB);
        }
        v = madd(v, factor, offset);
        a = madd(a, factor, moreA);
        b = madd(b, factor, moreB);
        if (residual != 0) {
          let more = residual + at;
          v = f32x4.add(v, v128.load(more));
          if (parts == 6) {
            aa = f32x4.add(aa, v128.load((more += part)));
            ab = f32x4.add(ab, v128.load((more += part)));
            bb = f32x4.add(bb, v128.load((more += part)));
          }
          a = f32x4.add(a, v128.load((more += part)));
          b = f32x4.add(b, v128.load((more += part)));
        }
        // NaN counts as on for relu, which lets it pass, and comes out of either for leaky_relu.
        const off = f32x4.le(v, zero);
        if (activation == 1) {
          v = v128.andnot(v, off);
          a = v128.andnot(a, off);
          b = v128.andnot(b, off);
          aa = v128.andnot(aa, off);
          ab = v128.andnot(ab, off);
          bb = v128.andnot(bb, off);
        } else if (activation == 2) {
          v = v128.bitselect(f32x4.mul(v, slopes), v, off);
          a = v128.bitselect(f32x4.mul(a, slopes), a, off);
          b = v128.bitselect(f32x4.mul(b, slopes), b, off);
          aa = v128.bitselect(f32x4.mul(aa, slopes), aa, off);
          ab = v128.bitselect(f32x4.mul(ab, slopes), ab, off);
          bb = v128.bitselect(f32x4.mul(bb, slopes), bb, off);
        }
        let to = out + at;
        v128.store(to, v);
        if (parts == 6) {
          v128.store((to += part), aa);
          v128.store((to += part), ab);
          v128.store((to += part), bb);
        }
        v128.store((to += part), a);
        v128.store((to += part), b);
      }
    }
  }
}

/**
 * Max pooling as `max_rows` with starts and taps from there: of every part the one of the element that is the maximum, the
 * first of equals; NaN counts as largest. Parts of x and out are `xPart` and `outPart` bytes.
 */
export function jet_max(
  x: usize,
  out: usize,
  starts: usize,
  taps: usize,
  count: i32,
  groups: i32,
  xStride: usize,
  parts: i32,
  xPart: usize,
  outPart: usize,
): void {
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: i32 = 0; i < count; i++) {
      const first = load<u32>(starts + ((<usize>i) << 2));
      const end = load<u32>(starts + ((<usize>i) << 2), 4);
      for (let half: usize = 0; half < ROW; half += 16) {
        const to = out + half;
        v128.store(to, f32x4.splat(-Infinity));
        for (let p: i32 = 1; p < parts; p++) v128.store(to + <usize>p * outPart, f32x4.splat(0));
        for (let j = first; j < end; j++) {
          const row = x + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW + half;
          const value = v128.load(row);
          const best = v128.load(to);
          const firstNaN = v128.andnot(f32x4.ne(value, value), f32x4.ne(best, best));
          const wins = j == first ? i32x4.splat(-1) : v128.or(f32x4.gt(value, best), firstNaN);
          for (let p: i32 = 0; p < parts; p++) {
            const there = to + <usize>p * outPart;
            v128.store(there, v128.bitselect(v128.load(row + <usize>p * xPart), v128.load(there), wins));
          }
        }
      }
      out += ROW;
    }
    x += xStride;
  }
}
