/**
 * Differences of the losses at one offset, in float64: Δz = ρ·(a·t1 + b·t2 + ρ·R) with t1 and t2 of the outputs at the centre in
 * float64 and R in float32. Adds those of the samples `first` … `end` − 1 of the block to a float64 at `sum`. `centre` has
 * t1, t2 and what the loss needs, arrays `[groups][outputs][8]` of float64 one after the other. Formulas are those of
 * src/model/loss-derivatives.ts.
 */
import { upper } from './lanes';
import { wideMadd, WideElementary } from './wide-elementary';

/** A sum below it is too near −1 for log1p, above the second e^Δ may have overflowed. */
const LEAST_SUM: f64 = -0.9;
const MOST_SUM: f64 = 1e200;

/** Two samples' differences of one output; `at` is its offset in bytes in an array of float64. */
class Moved {
  @inline
  static of(rest: usize, centre: usize, part: usize, at: usize, as: v128, bs: v128, squared: v128): v128 {
    const r = f64x2.promote_low_f32x4(v128.load64_zero(rest + (at >> 1)));
    const second = wideMadd(bs, v128.load(centre + part + at), f64x2.mul(squared, r));
    return wideMadd(as, v128.load(centre + at), second);
  }
}

/** Adds two samples' differences where they are within [first, end). */
function addUp(two: v128, sample: i32, first: i32, end: i32, sum: usize): void {
  let total = load<f64>(sum);
  if (sample >= first && sample < end) total += f64x2.extract_lane(two, 0);
  if (sample + 1 >= first && sample + 1 < end) total += f64x2.extract_lane(two, 1);
  store<f64>(sum, total);
}

/** `centre` ends with the softmax; `labels` are int32, one a sample of the block. */
export function delta_ce(
  rest: usize,
  centre: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  a: f64,
  b: f64,
  rho: f64,
  first: i32,
  end: i32,
  sum: usize,
): void {
  const as = f64x2.splat(rho * a);
  const bs = f64x2.splat(rho * b);
  const squared = f64x2.splat(rho * rho);
  const row = (<usize>outputs) << 6;
  const part = <usize>groups * row;
  const softmax = centre + 2 * part;
  for (let two: i32 = 0; two < groups * 4; two++) {
    const sample = two * 2;
    if (sample >= end || sample + 2 <= first) continue;
    const start = <usize>(two >> 2) * row + ((<usize>(two & 3)) << 4);
    const label0 = <usize>load<u32>(labels + ((<usize>sample) << 2));
    const label1 = <usize>load<u32>(labels + ((<usize>sample) << 2), 4);
    const own0 = Moved.of(rest, centre, part, start + (label0 << 6), as, bs, squared);
    const own1 = Moved.of(rest, centre, part, start + (label1 << 6), as, bs, squared);
    const own = i64x2.shuffle(own0, own1, 0, 3);
    let total = f64x2.splat(0);
    // The label itself adds exactly nothing.
    for (let j: i32 = 0; j < outputs; j++) {
      const at = start + ((<usize>j) << 6);
      const d = Moved.of(rest, centre, part, at, as, bs, squared);
      const grown = WideElementary.expm1(f64x2.sub(d, own));
      total = wideMadd(v128.load(softmax + at), grown, total);
    }
    const fair = v128.and(f64x2.gt(total, f64x2.splat(LEAST_SUM)), f64x2.lt(total, f64x2.splat(MOST_SUM)));
    let loss = WideElementary.log1p(total);
    if (!i64x2.all_true(fair)) {
      // ln Σ p·e^(Δ − top) + top − Δ_label: the change is large, nothing cancels.
      let top = own;
      for (let j: i32 = 0; j < outputs; j++) {
        top = f64x2.max(top, Moved.of(rest, centre, part, start + ((<usize>j) << 6), as, bs, squared));
      }
      let powers = f64x2.splat(0);
      for (let j: i32 = 0; j < outputs; j++) {
        const at = start + ((<usize>j) << 6);
        const d = Moved.of(rest, centre, part, at, as, bs, squared);
        const e = WideElementary.expOfNegative(f64x2.sub(d, top));
        powers = f64x2.add(powers, f64x2.mul(v128.load(softmax + at), e));
      }
      const far = f64x2.add(WideElementary.log(powers), f64x2.sub(top, own));
      loss = v128.bitselect(loss, far, fair);
    }
    addUp(loss, sample, first, end, sum);
  }
}

/** `centre` ends with z − target. `labels` are not read. */
export function delta_mse(
  rest: usize,
  centre: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  a: f64,
  b: f64,
  rho: f64,
  first: i32,
  end: i32,
  sum: usize,
): void {
  const as = f64x2.splat(rho * a);
  const bs = f64x2.splat(rho * b);
  const squared = f64x2.splat(rho * rho);
  const share = f64x2.splat(1 / <f64>outputs);
  const row = (<usize>outputs) << 6;
  const part = <usize>groups * row;
  for (let two: i32 = 0; two < groups * 4; two++) {
    const start = <usize>(two >> 2) * row + ((<usize>(two & 3)) << 4);
    let total = f64x2.splat(0);
    for (let j: i32 = 0; j < outputs; j++) {
      const at = start + ((<usize>j) << 6);
      const d = Moved.of(rest, centre, part, at, as, bs, squared);
      const off = v128.load(centre + 2 * part + at);
      total = f64x2.add(total, f64x2.mul(d, f64x2.add(f64x2.add(off, off), d)));
    }
    addUp(f64x2.mul(total, share), two * 2, first, end, sum);
  }
}

/** `centre` ends with σ(−|z|), negative where z is not above 0, and the targets. `labels` are not read. */
export function delta_bce(
  rest: usize,
  centre: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  a: f64,
  b: f64,
  rho: f64,
  first: i32,
  end: i32,
  sum: usize,
): void {
  const as = f64x2.splat(rho * a);
  const bs = f64x2.splat(rho * b);
  const squared = f64x2.splat(rho * rho);
  const one = f64x2.splat(1);
  const share = f64x2.splat(1 / <f64>outputs);
  const row = (<usize>outputs) << 6;
  const part = <usize>groups * row;
  for (let two: i32 = 0; two < groups * 4; two++) {
    const start = <usize>(two >> 2) * row + ((<usize>(two & 3)) << 4);
    let total = f64x2.splat(0);
    for (let j: i32 = 0; j < outputs; j++) {
      const at = start + ((<usize>j) << 6);
      const d = Moved.of(rest, centre, part, at, as, bs, squared);
      const signed = v128.load(centre + 2 * part + at);
      const target = v128.load(centre + 3 * part + at);
      const above = f64x2.gt(signed, f64x2.splat(0));
      // With z above 0 the loss is (1 − t)·z + softplus(−z), else softplus(z) − t·z.
      const weight = v128.bitselect(f64x2.sub(one, target), f64x2.neg(target), above);
      const step = v128.bitselect(f64x2.neg(d), d, above);
      const bend = WideElementary.log1p(f64x2.mul(f64x2.abs(signed), WideElementary.expm1(step)));
      total = f64x2.add(total, f64x2.add(f64x2.mul(weight, d), bend));
    }
    addUp(f64x2.mul(total, share), two * 2, first, end, sum);
  }
}
