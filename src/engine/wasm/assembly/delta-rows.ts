/**
 * Differences in remainder form (delta.ts) of what works on rows as they come: maxima, products of two values, and
 * normalisations whose scale moves. Tables are those of rows.ts.
 */
import { Step } from './delta-smooth';
import { madd, ROW } from './lanes';

/**
 * R of out[i] = max x[taps[j]], starts[i] ≤ j < starts[i + 1]; of no taps 0. For every tap of a group `centre` has
 * z_j − z_winner, then how much faster it grows than the winner along α and along β, three arrays of `part` bytes:
 * R = max (gap_j/ρ² + rate_j/ρ + R_j). NaN if one is.
 */
export function delta_max(
  r: usize,
  centre: usize,
  part: usize,
  out: usize,
  starts: usize,
  taps: usize,
  count: i32,
  groups: i32,
  xStride: usize,
  a: f32,
  b: f32,
  rho: f32,
): void {
  const as = f32x4.splat(a / rho);
  const bs = f32x4.splat(b / rho);
  const inverse = f32x4.splat(1 / rho / rho);
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: i32 = 0; i < count; i++) {
      const first = load<u32>(starts + ((<usize>i) << 2));
      const end = load<u32>(starts + ((<usize>i) << 2), 4);
      let low = f32x4.splat(first < end ? -Infinity : 0);
      let high = low;
      for (let j = first; j < end; j++) {
        const row = r + <usize>load<u32>(taps + ((<usize>j) << 2)) * ROW;
        const rate1 = centre + part;
        const rate2 = rate1 + part;
        const one = madd(bs, v128.load(rate2), madd(as, v128.load(rate1), v128.load(row)));
        low = f32x4.max(low, madd(inverse, v128.load(centre), one));
        const two = madd(bs, v128.load(rate2, 16), madd(as, v128.load(rate1, 16), v128.load(row, 16)));
        high = f32x4.max(high, madd(inverse, v128.load(centre, 16), two));
        centre += ROW;
      }
      v128.store(out, low);
      v128.store(out, high, 16);
      out += ROW;
    }
    r += xStride;
  }
}

/** Inlined into the loop. */
class Factor {
  /** x·R_y + y·R_x + Δx·Δy/ρ² of one vector of rows at `x` and `y`, whose centre is at `u` and `v`. */
  @inline
  static product(
    x: usize,
    y: usize,
    u: usize,
    v: usize,
    xPart: usize,
    yPart: usize,
    as: v128,
    bs: v128,
    rhos: v128,
  ): v128 {
    const restX = v128.load(x);
    const restY = v128.load(y);
    const dx = Step.of(u, xPart, restX, as, bs, rhos);
    const dy = Step.of(v, yPart, restY, as, bs, rhos);
    const sum = madd(v128.load(u + 2 * xPart), restY, f32x4.mul(dx, dy));
    return madd(v128.load(v + 2 * yPart), restX, sum);
  }
}

/** R of out[i] = x[xRows[i]]·y[yRows[i]]; `xCentre` and `yCentre` have t1, t2 and the value of each. */
export function delta_multiply(
  x: usize,
  y: usize,
  xCentre: usize,
  yCentre: usize,
  out: usize,
  xRows: usize,
  yRows: usize,
  count: i32,
  groups: i32,
  xStride: usize,
  yStride: usize,
  a: f32,
  b: f32,
  rho: f32,
): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const xPart = xStride * <usize>groups;
  const yPart = yStride * <usize>groups;
  const end = (<usize>count) << 2;
  let left: usize = 0;
  let right: usize = 0;
  for (let g: i32 = 0; g < groups; g++) {
    for (let i: usize = 0; i < end; i += 4) {
      const from = left + <usize>load<u32>(xRows + i) * ROW;
      const other = right + <usize>load<u32>(yRows + i) * ROW;
      for (let half: usize = 0; half < ROW; half += 16) {
        const u = from + half;
        const v = other + half;
        v128.store(
          out + half,
          Factor.product(x + u, y + v, xCentre + u, yCentre + v, xPart, yPart, as, bs, rhos),
        );
      }
      out += ROW;
    }
    left += xStride;
    right += yStride;
  }
}

/**
 * R of x·F + shift where F moves, F(offset) = F + ρ·K for K = F₁ + ρ·G, the first of them linear in the offset:
 * F(offset)·R + s·K + x·G with s = a·t1 + b·t2. `centre` has t1, t2 and the value of x, `factors` of every channel
 * F(offset), K and G.
 */
export function delta_affine(
  r: usize,
  centre: usize,
  factors: usize,
  out: usize,
  channels: i32,
  area: i32,
  groups: i32,
  a: f32,
  b: f32,
): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const line = <usize>area * ROW;
  const vector = (<usize>channels) << 2;
  const part = <usize>groups * <usize>channels * line;
  let at: usize = 0;
  for (let g: i32 = 0; g < groups; g++) {
    for (let c: i32 = 0; c < channels; c++) {
      const entry = factors + ((<usize>c) << 2);
      const factor = v128.load32_splat(entry);
      const rate = v128.load32_splat(entry + vector);
      const bend = v128.load32_splat(entry + 2 * vector);
      for (const end = at + line; at < end; at += 16) {
        const t = centre + at;
        const along = madd(as, v128.load(t), f32x4.mul(bs, v128.load(t + part)));
        const moved = madd(rate, along, f32x4.mul(bend, v128.load(t + 2 * part)));
        v128.store(out + at, madd(factor, v128.load(r + at), moved));
      }
    }
  }
}
