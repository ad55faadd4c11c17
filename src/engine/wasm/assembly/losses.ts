/**
 * Losses per sample in float32, their sums in float64. All read a block of outputs z `[groups][units][8]`, `stride`
 * bytes a group, and add the samples `first` … `end` − 1 of the block to three float64 at `sums`: Σℓ, Σℓ², number of
 * right ones. Definitions are those of src/model/losses.ts.
 */
import { Elementary } from './elementary';
import { narrow, upper } from './lanes';

/** Above this difference of logits e^Δ is not formed; e^60 over 10⁶ classes is still far from overflow. */
const LARGEST_EXPONENT: f32 = 60;

/** Lanes 0 … 3 of four samples from `sample` that are within [first, end). */
function inRange(sample: i32, first: i32, end: i32): v128 {
  const index = i32x4.add(i32x4.splat(sample), i32x4(0, 1, 2, 3));
  return v128.and(i32x4.ge_s(index, i32x4.splat(first)), i32x4.lt_s(index, i32x4.splat(end)));
}

/** Adds four losses; those outside `mask`, padding that may be NaN, count as 0. */
function addUp(loss: v128, mask: v128, sums: usize): void {
  const kept = v128.and(loss, mask);
  const even = f64x2.promote_low_f32x4(kept);
  const odd = f64x2.promote_low_f32x4(upper(kept));
  const sum = f64x2.add(even, odd);
  const squares = f64x2.add(f64x2.mul(even, even), f64x2.mul(odd, odd));
  addPair(sums, sum);
  addPair(sums + 8, squares);
}

function addRight(right: v128, mask: v128, sums: usize): void {
  store<f64>(sums, load<f64>(sums, 16) + <f64>popcnt(i32x4.bitmask(v128.and(right, mask))), 16);
}

/** Lanes whose label is the first largest of the outputs; NaN counts as largest, as in PyTorch's argmax. */
function firstLargest(z: usize, own: v128, labels: v128, outputs: i32): v128 {
  const ownIsNaN = f32x4.ne(own, own);
  let wrong = i32x4.splat(0);
  for (let j: i32 = 0; j < outputs; j++) {
    const other = v128.load(z + ((<usize>j) << 5));
    const before = i32x4.gt_s(labels, i32x4.splat(j));
    const beaten = v128.bitselect(v128.not(f32x4.gt(own, other)), v128.not(f32x4.ge(own, other)), before);
    const firstNaN = v128.and(before, f32x4.ne(other, other));
    const lost = v128.bitselect(firstNaN, beaten, ownIsNaN);
    wrong = v128.or(wrong, v128.andnot(lost, i32x4.eq(labels, i32x4.splat(j))));
  }
  return v128.not(wrong);
}

/** The outputs at the lanes' labels. */
function ownOutput(z: usize, labels: v128, outputs: i32): v128 {
  let own = v128.load(z);
  for (let j: i32 = 1; j < outputs; j++) {
    own = v128.bitselect(v128.load(z + ((<usize>j) << 5)), own, i32x4.eq(labels, i32x4.splat(j)));
  }
  return own;
}

/** Inlined into the loop over groups. */
class CrossEntropy {
  /** The loss of four samples from what the two passes over their outputs found. */
  @inline
  static of(own: v128, top: v128, sum: v128): v128 {
    const gap = f32x4.sub(top, own);
    const small = f32x4.le(gap, f32x4.splat(LARGEST_EXPONENT));
    // Against the largest output the sum holds its own 1, and ℓ = gap + ln(sum).
    const excess = v128.bitselect(sum, f32x4.sub(sum, f32x4.splat(1)), small);
    return f32x4.add(v128.andnot(gap, small), Elementary.log1p(excess));
  }
}

/** Adds both halves to the float64 at an address. */
function addPair(at: usize, pair: v128): void {
  store<f64>(at, load<f64>(at) + (f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)));
}

/** What is subtracted from the outputs: the label's, or the largest where e^(difference) might overflow. */
function baseOf(own: v128, top: v128): v128 {
  return v128.bitselect(own, top, f32x4.le(f32x4.sub(top, own), f32x4.splat(LARGEST_EXPONENT)));
}

/**
 * Softmax cross-entropy log1p(Σ_{j≠label} exp(z_j − z_label)); where that would overflow the largest output is
 * subtracted instead of the label's. `labels` are int32, one a sample of the block.
 */
export function ce(
  z: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  stride: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const bytes = (<usize>outputs) << 5;
  let total = f64x2.splat(0);
  let squares = total;
  let count = i32x4.splat(0);
  for (let g: i32 = 0; g < groups; g++) {
    const label = v128.load(labels + ((<usize>g) << 5));
    const label4 = v128.load(labels + ((<usize>g) << 5), 16);
    let own = v128.load(z);
    let own4 = v128.load(z, 16);
    let top = own;
    let top4 = own4;
    for (let at: usize = 32; at < bytes; at += 32) {
      const index = i32x4.splat(<i32>(at >> 5));
      const other = v128.load(z + at);
      const other4 = v128.load(z + at, 16);
      own = v128.bitselect(other, own, i32x4.eq(label, index));
      own4 = v128.bitselect(other4, own4, i32x4.eq(label4, index));
      // NaN does not count here; it comes out of the sum below.
      top = f32x4.pmax(top, other);
      top4 = f32x4.pmax(top4, other4);
    }
    const base = baseOf(own, top);
    const base4 = baseOf(own4, top4);
    let sum = f32x4.splat(0);
    let sum4 = sum;
    let tied = sum;
    let tied4 = sum;
    for (let at: usize = 0; at < bytes; at += 32) {
      const index = i32x4.splat(<i32>(at >> 5));
      const other = v128.load(z + at);
      const other4 = v128.load(z + at, 16);
      tied = v128.or(tied, v128.and(f32x4.ge(other, own), i32x4.gt_s(label, index)));
      tied4 = v128.or(tied4, v128.and(f32x4.ge(other4, own4), i32x4.gt_s(label4, index)));
      const part = Elementary.boundedExp(f32x4.sub(other, base));
      const part4 = Elementary.boundedExp(f32x4.sub(other4, base4));
      sum = f32x4.add(sum, v128.andnot(part, i32x4.eq(label, index)));
      sum4 = f32x4.add(sum4, v128.andnot(part4, i32x4.eq(label4, index)));
    }
    let loss = CrossEntropy.of(own, top, sum);
    let loss4 = CrossEntropy.of(own4, top4, sum4);
    // Right when nothing is larger and nothing before it as large; NaN takes the careful way.
    let right = v128.andnot(f32x4.ge(own, top), tied);
    let right4 = v128.andnot(f32x4.ge(own4, top4), tied4);
    if (v128.any_true(v128.or(f32x4.ne(loss, loss), f32x4.ne(loss4, loss4)))) {
      right = firstLargest(z, own, label, outputs);
      right4 = firstLargest(z + 16, own4, label4, outputs);
    }
    const sample = g * 8;
    if (sample < first || sample + 8 > end) {
      const mask = inRange(sample, first, end);
      const mask4 = inRange(sample + 4, first, end);
      loss = v128.and(loss, mask);
      loss4 = v128.and(loss4, mask4);
      right = v128.and(right, mask);
      right4 = v128.and(right4, mask4);
    }
    const a = f64x2.promote_low_f32x4(loss);
    const b = f64x2.promote_low_f32x4(upper(loss));
    const c = f64x2.promote_low_f32x4(loss4);
    const d = f64x2.promote_low_f32x4(upper(loss4));
    total = f64x2.add(total, f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
    const ab = f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b));
    const cd = f64x2.add(f64x2.mul(c, c), f64x2.mul(d, d));
    squares = f64x2.add(squares, f64x2.add(ab, cd));
    count = i32x4.sub(i32x4.sub(count, right), right4);
    z += stride;
  }
  addPair(sums, total);
  addPair(sums + 8, squares);
  const rights = i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1);
  store<f64>(
    sums,
    load<f64>(sums, 16) + <f64>(rights + i32x4.extract_lane(count, 2) + i32x4.extract_lane(count, 3)),
    16,
  );
}

/** Right ones of a regression: the first largest of several outputs, or one output on its side of `threshold`. */
function addGuesses(
  z: usize,
  labels: usize,
  four: i32,
  outputs: i32,
  threshold: f32,
  mask: v128,
  sums: usize,
): void {
  const label = v128.load(labels + ((<usize>four) << 4));
  if (outputs > 1) {
    addRight(firstLargest(z, ownOutput(z, label, outputs), label, outputs), mask, sums);
  } else {
    const yes = f32x4.gt(v128.load(z), f32x4.splat(threshold));
    addRight(i32x4.eq(yes, i32x4.neg(label)), mask, sums);
  }
}

/** Mean over outputs of (z − t)²; `targets` as z but `[groups][outputs][8]` without gaps, `labels` 0 if there are none. */
export function mse(
  z: usize,
  targets: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  stride: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const share = f64x2.splat(1 / <f64>outputs);
  for (let four: i32 = 0; four < groups * 2; four++) {
    const half = (<usize>(four & 1)) << 4;
    const at = z + <usize>(four >> 1) * stride + half;
    const target = targets + ((<usize>(four >> 1) * <usize>outputs) << 5) + half;
    const mask = inRange(four * 4, first, end);
    let even = f64x2.splat(0);
    let odd = even;
    for (let j: i32 = 0; j < outputs; j++) {
      const one = (<usize>j) << 5;
      const off = f32x4.sub(v128.load(at + one), v128.load(target + one));
      const low = f64x2.promote_low_f32x4(off);
      const high = f64x2.promote_low_f32x4(upper(off));
      even = f64x2.add(even, f64x2.mul(low, low));
      odd = f64x2.add(odd, f64x2.mul(high, high));
    }
    addUp(narrow(f64x2.mul(even, share), f64x2.mul(odd, share)), mask, sums);
    if (labels != 0) addGuesses(at, labels, four, outputs, 0.5, mask, sums);
  }
}

/** Mean over outputs of binary cross-entropy with logits: (z > 0 ? (1 − t)·z : −t·z) + log1p(e^(−|z|)). */
export function bce(
  z: usize,
  targets: usize,
  labels: usize,
  outputs: i32,
  groups: i32,
  stride: usize,
  first: i32,
  end: i32,
  sums: usize,
): void {
  const share = f64x2.splat(1 / <f64>outputs);
  const zero = f32x4.splat(0);
  for (let four: i32 = 0; four < groups * 2; four++) {
    const half = (<usize>(four & 1)) << 4;
    const at = z + <usize>(four >> 1) * stride + half;
    const target = targets + ((<usize>(four >> 1) * <usize>outputs) << 5) + half;
    const mask = inRange(four * 4, first, end);
    let even = f64x2.splat(0);
    let odd = even;
    for (let j: i32 = 0; j < outputs; j++) {
      const one = (<usize>j) << 5;
      const v = v128.load(at + one);
      const t = v128.load(target + one);
      const weight = v128.bitselect(f32x4.sub(f32x4.splat(1), t), f32x4.neg(t), f32x4.gt(v, zero));
      const loss = f32x4.add(f32x4.mul(weight, v), Elementary.log1p(Elementary.exp(f32x4.neg(f32x4.abs(v)))));
      even = f64x2.add(even, f64x2.promote_low_f32x4(loss));
      odd = f64x2.add(odd, f64x2.promote_low_f32x4(upper(loss)));
    }
    addUp(narrow(f64x2.mul(even, share), f64x2.mul(odd, share)), mask, sums);
    if (labels != 0) addGuesses(at, labels, four, outputs, 0, mask, sums);
  }
}
