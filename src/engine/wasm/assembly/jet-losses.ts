/**
 * Derivatives of the losses from jets of the outputs (jets.ts), per sample in float32, their sums in float64: adds Σ∂α, Σ∂β
 * and with six parts Σ∂α², Σ∂α∂β, Σ∂β² of the samples `first` … `end` − 1 of the block to as many float64 at `sums`. Formulas
 * are those of src/model/loss-derivatives.ts.
 */
import { Elementary } from './elementary';
import { madd, upper } from './lanes';

/** Lanes 0 … 3 of four samples from `sample` that are within [first, end). */
function inRange(sample: i32, first: i32, end: i32): v128 {
  const index = i32x4.add(i32x4.splat(sample), i32x4(0, 1, 2, 3));
  return v128.and(i32x4.ge_s(index, i32x4.splat(first)), i32x4.lt_s(index, i32x4.splat(end)));
}

/** Adds four numbers in float64; those outside `mask`, padding that may be NaN, count as 0. */
function addUp(four: v128, mask: v128, sum: usize): void {
  const kept = v128.and(four, mask);
  const both = f64x2.add(f64x2.promote_low_f32x4(kept), f64x2.promote_low_f32x4(upper(kept)));
  store<f64>(sum, load<f64>(sum) + (f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)));
}

function addFive(a: v128, b: v128, aa: v128, ab: v128, bb: v128, parts: i32, mask: v128, sums: usize): void {
  addUp(a, mask, sums);
  addUp(b, mask, sums + 8);
  if (parts != 6) return;
  addUp(aa, mask, sums + 16);
  addUp(ab, mask, sums + 24);
  addUp(bb, mask, sums + 32);
}

/** Overwrites the first part of z with the softmax. `labels` are int32, one a sample of the block. */
export function jet_ce(
  z: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  parts: i32,
  part: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const bytes = (<usize>outputs) << 5;
  const zero = f32x4.splat(0);
  // Where a and b lie among the parts.
  const along = parts == 6 ? 4 * part : part;
  for (let four: i32 = 0; four < groups * 2; four++) {
    const label = v128.load(labels + ((<usize>four) << 4));
    const at = z + <usize>(four >> 1) * bytes + ((<usize>(four & 1)) << 4);
    let top = v128.load(at);
    let ownA = zero;
    let ownB = zero;
    let ownAA = zero;
    let ownAB = zero;
    let ownBB = zero;
    for (let j: usize = 0; j < bytes; j += 32) {
      const own = i32x4.eq(label, i32x4.splat(<i32>(j >> 5)));
      // NaN does not count here; it comes out of the sum.
      top = f32x4.pmax(top, v128.load(at + j));
      ownA = v128.bitselect(v128.load(at + along + j), ownA, own);
      ownB = v128.bitselect(v128.load(at + along + part + j), ownB, own);
      if (parts == 6) {
        ownAA = v128.bitselect(v128.load(at + part + j), ownAA, own);
        ownAB = v128.bitselect(v128.load(at + 2 * part + j), ownAB, own);
        ownBB = v128.bitselect(v128.load(at + 3 * part + j), ownBB, own);
      }
    }
    let sum = zero;
    for (let j: usize = 0; j < bytes; j += 32) {
      const e = Elementary.boundedExp(f32x4.sub(v128.load(at + j), top));
      v128.store(at + j, e);
      sum = f32x4.add(sum, e);
    }
    const inverse = f32x4.div(f32x4.splat(1), sum);
    let a = zero;
    let b = zero;
    for (let j: usize = 0; j < bytes; j += 32) {
      const p = f32x4.mul(v128.load(at + j), inverse);
      v128.store(at + j, p);
      a = madd(p, f32x4.sub(v128.load(at + along + j), ownA), a);
      b = madd(p, f32x4.sub(v128.load(at + along + part + j), ownB), b);
    }
    let aa = zero;
    let ab = zero;
    let bb = zero;
    if (parts == 6) {
      const two = f32x4.splat(2);
      for (let j: usize = 0; j < bytes; j += 32) {
        const p = v128.load(at + j);
        const offA = f32x4.sub(f32x4.sub(v128.load(at + along + j), ownA), a);
        const offB = f32x4.sub(f32x4.sub(v128.load(at + along + part + j), ownB), b);
        const curveA = f32x4.mul(two, f32x4.sub(v128.load(at + part + j), ownAA));
        const curveB = f32x4.mul(two, f32x4.sub(v128.load(at + 3 * part + j), ownBB));
        aa = madd(p, madd(offA, offA, curveA), aa);
        ab = madd(p, madd(offA, offB, f32x4.sub(v128.load(at + 2 * part + j), ownAB)), ab);
        bb = madd(p, madd(offB, offB, curveB), bb);
      }
    }
    addFive(a, b, aa, ab, bb, parts, inRange(four * 4, first, end), sums);
  }
}

/** ∂ and ∂² of a loss that is a mean over outputs of one number each, `steep` and `bend` by that output. */
class Mean {
  @inline
  static addOutput(
    at: usize,
    parts: i32,
    part: usize,
    share: v128,
    steep: v128,
    bend: v128,
    held: usize,
  ): void {
    const along = parts == 6 ? 4 * part : part;
    const a = v128.load(at + along);
    const b = v128.load(at + along + part);
    const slope = f32x4.mul(steep, share);
    v128.store(held, madd(slope, a, v128.load(held)));
    v128.store(held, madd(slope, b, v128.load(held, 16)), 16);
    if (parts != 6) return;
    const two = f32x4.add(slope, slope);
    const curve = f32x4.mul(bend, share);
    const curveA = f32x4.mul(curve, a);
    const aa = madd(two, v128.load(at + part), f32x4.mul(curveA, a));
    const ab = madd(slope, v128.load(at + 2 * part), f32x4.mul(curveA, b));
    const bb = madd(two, v128.load(at + 3 * part), f32x4.mul(f32x4.mul(curve, b), b));
    v128.store(held, f32x4.add(v128.load(held, 32), aa), 32);
    v128.store(held, f32x4.add(v128.load(held, 48), ab), 48);
    v128.store(held, f32x4.add(v128.load(held, 64), bb), 64);
  }

  /** Adds what `addOutput` collected, and clears it. */
  @inline
  static addSample(held: usize, parts: i32, mask: v128, sums: usize): void {
    const a = v128.load(held);
    const b = v128.load(held, 16);
    addFive(a, b, v128.load(held, 32), v128.load(held, 48), v128.load(held, 64), parts, mask, sums);
    for (let i: usize = 0; i < 80; i += 16) v128.store(held + i, f32x4.splat(0));
  }
}

/** Five vectors of a sample's derivatives while outputs are added. */
const HELD = memory.data(80, 16);

/** Of the mean over outputs of (z − t)²; `targets` are `[groups][outputs][8]`. */
export function jet_mse(
  z: usize,
  targets: usize,
  outputs: i32,
  groups: i32,
  parts: i32,
  part: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const share = f32x4.splat(1 / <f32>outputs);
  const two = f32x4.splat(2);
  const bytes = (<usize>outputs) << 5;
  for (let four: i32 = 0; four < groups * 2; four++) {
    const offset = <usize>(four >> 1) * bytes + ((<usize>(four & 1)) << 4);
    for (let j: usize = 0; j < bytes; j += 32) {
      const at = z + offset + j;
      const off = f32x4.sub(v128.load(at), v128.load(targets + offset + j));
      Mean.addOutput(at, parts, part, share, f32x4.add(off, off), two, HELD);
    }
    Mean.addSample(HELD, parts, inRange(four * 4, first, end), sums);
  }
}

/** Of the mean over outputs of binary cross-entropy with logits: (1 − t)·σ(z) − t·σ(−z) and σ(z)·σ(−z). */
export function jet_bce(
  z: usize,
  targets: usize,
  outputs: i32,
  groups: i32,
  parts: i32,
  part: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const share = f32x4.splat(1 / <f32>outputs);
  const one = f32x4.splat(1);
  const bytes = (<usize>outputs) << 5;
  for (let four: i32 = 0; four < groups * 2; four++) {
    const offset = <usize>(four >> 1) * bytes + ((<usize>(four & 1)) << 4);
    for (let j: usize = 0; j < bytes; j += 32) {
      const at = z + offset + j;
      const v = v128.load(at);
      const t = v128.load(targets + offset + j);
      const yes = Elementary.sigmoid(v);
      const no = Elementary.sigmoid(f32x4.neg(v));
      const steep = f32x4.sub(f32x4.mul(f32x4.sub(one, t), yes), f32x4.mul(t, no));
      Mean.addOutput(at, parts, part, share, steep, f32x4.mul(yes, no), HELD);
    }
    Mean.addSample(HELD, parts, inRange(four * 4, first, end), sums);
  }
}
