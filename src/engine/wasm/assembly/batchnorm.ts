/**
 * Batch normalisation in training mode, forwards and backwards, and the sums over a channel that biases need too. A
 * channel is `area` rows of every group. Rows are summed in float32, at most about 64 of them or one
 * image, and the sums in float64. Of the last group the lanes beyond `samples` do not count.
 */
import { madd, ROW, upper } from './lanes';

/** Rows after which a sum in float32 goes to float64. */
const PENDING: i32 = 64;

/** Four lanes added to a sum in float64. */
function add4(sum: f64, four: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(four), f64x2.promote_low_f32x4(upper(four)));
  return sum + (f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1));
}

/** Which of the four lanes from `lane` of the last group are samples. */
function counted(samples: i32, lane: i32): v128 {
  const inLast = ((samples - 1) & 7) + 1;
  return i32x4.lt_s(i32x4.add(i32x4.splat(lane), i32x4(0, 1, 2, 3)), i32x4.splat(inLast));
}

/** Σ x of a channel. */
function sumOf(x: usize, area: i32, groups: i32, stride: usize, low: v128, high: v128): f64 {
  const all = i32x4.splat(-1);
  let total: f64 = 0;
  let sum = f32x4.splat(0);
  let sum4 = sum;
  let pending: i32 = 0;
  for (let g: i32 = 0; g < groups; g++) {
    const last = g + 1 == groups;
    const kept = last ? low : all;
    const kept4 = last ? high : all;
    for (let at = x, end = x + <usize>area * ROW; at < end; at += ROW) {
      sum = f32x4.add(sum, v128.and(v128.load(at), kept));
      sum4 = f32x4.add(sum4, v128.and(v128.load(at, 16), kept4));
    }
    pending += area;
    if (last || pending >= PENDING) {
      total = add4(add4(total, sum), sum4);
      sum = f32x4.splat(0);
      sum4 = sum;
      pending = 0;
    }
    x += stride;
  }
  return total;
}

/** Σ y·(x − middle) of a channel; with y = 0, an address, Σ (x − middle)². */
function productsOf(
  y: usize,
  x: usize,
  middle: f32,
  area: i32,
  groups: i32,
  stride: usize,
  low: v128,
  high: v128,
): f64 {
  const all = i32x4.splat(-1);
  const centre = f32x4.splat(middle);
  const distance = y - x;
  const squares = y == 0;
  let total: f64 = 0;
  let sum = f32x4.splat(0);
  let sum4 = sum;
  let pending: i32 = 0;
  for (let g: i32 = 0; g < groups; g++) {
    const last = g + 1 == groups;
    const kept = last ? low : all;
    const kept4 = last ? high : all;
    for (let at = x, end = x + <usize>area * ROW; at < end; at += ROW) {
      const off = v128.and(f32x4.sub(v128.load(at), centre), kept);
      const off4 = v128.and(f32x4.sub(v128.load(at, 16), centre), kept4);
      sum = madd(squares ? off : v128.load(at + distance), off, sum);
      sum4 = madd(squares ? off4 : v128.load(at + distance, 16), off4, sum4);
    }
    pending += area;
    if (last || pending >= PENDING) {
      total = add4(add4(total, sum), sum4);
      sum = f32x4.splat(0);
      sum4 = sum;
      pending = 0;
    }
    x += stride;
  }
  return total;
}

/** out[c] += Σ x over channel c: a bias's gradient. */
export function channel_sums(x: usize, out: usize, channels: i32, area: i32, groups: i32): void {
  const all = i32x4.splat(-1);
  const bytes = <usize>area * ROW;
  const stride = <usize>channels * bytes;
  for (let c: i32 = 0; c < channels; c++) {
    const sum = sumOf(x + <usize>c * bytes, area, groups, stride, all, all);
    const at = out + ((<usize>c) << 2);
    store<f32>(at, <f32>(<f64>load<f32>(at) + sum));
  }
}

/**
 * out = (x − mean)/√(variance + epsilon)·scale + shift with the batch's mean and biased variance; `mean` and the
 * `inverse` root are written, a float a channel, and running mean and variance (the unbiased one) moved by `momentum`.
 * Addresses 0 of scale and shift leave them out.
 */
export function batchnorm_forward(
  x: usize,
  scale: usize,
  shift: usize,
  mean: usize,
  inverse: usize,
  runningMean: usize,
  runningVariance: usize,
  out: usize,
  channels: i32,
  area: i32,
  groups: i32,
  samples: i32,
  epsilon: f64,
  momentum: f64,
): void {
  const low = counted(samples, 0);
  const high = counted(samples, 4);
  const bytes = <usize>area * ROW;
  const stride = <usize>channels * bytes;
  const count = <f64>samples * <f64>area;
  for (let c: i32 = 0; c < channels; c++) {
    const one = (<usize>c) << 2;
    const from = x + <usize>c * bytes;
    const middle = sumOf(from, area, groups, stride, low, high) / count;
    const centre = <f32>middle;
    const squares = productsOf(0, from, centre, area, groups, stride, low, high);
    const variance = squares / count;
    const root = 1 / Math.sqrt(variance + epsilon);
    store<f32>(mean + one, centre);
    store<f32>(inverse + one, <f32>root);
    const oldMean = <f64>load<f32>(runningMean + one);
    const oldVariance = <f64>load<f32>(runningVariance + one);
    store<f32>(runningMean + one, <f32>((1 - momentum) * oldMean + momentum * middle));
    const unbiased = squares / (count - 1);
    store<f32>(runningVariance + one, <f32>((1 - momentum) * oldVariance + momentum * unbiased));
    const factor = f32x4.splat(<f32>((scale == 0 ? 1 : <f64>load<f32>(scale + one)) * root));
    const offset = shift == 0 ? f32x4.splat(0) : v128.load32_splat(shift + one);
    const centres = f32x4.splat(centre);
    const distance = out - x;
    let first = from;
    for (let g: i32 = 0; g < groups; g++) {
      for (let at = first, end = first + bytes; at < end; at += 16) {
        v128.store(at + distance, madd(f32x4.sub(v128.load(at), centres), factor, offset));
      }
      first += stride;
    }
  }
}

/**
 * From the gradient g by the output that by the input, written or `added` to `into` (0 for nobody, may be g), with the mean and inverse
 * root of the forward pass: γ/√(v + ε)·(g − mean(g) − x̂·mean(g·x̂)). Those by scale and shift are added; 0 for none.
 */
export function batchnorm_backward(
  x: usize,
  g: usize,
  scale: usize,
  mean: usize,
  inverse: usize,
  byScale: usize,
  byShift: usize,
  into: usize,
  added: bool,
  channels: i32,
  area: i32,
  groups: i32,
  samples: i32,
): void {
  const all = i32x4.splat(-1);
  const low = counted(samples, 0);
  const high = counted(samples, 4);
  const bytes = <usize>area * ROW;
  const stride = <usize>channels * bytes;
  const count = <f64>samples * <f64>area;
  for (let c: i32 = 0; c < channels; c++) {
    const one = (<usize>c) << 2;
    const from = x + <usize>c * bytes;
    const given = g + <usize>c * bytes;
    const centre = load<f32>(mean + one);
    const root = <f64>load<f32>(inverse + one);
    const sum = sumOf(given, area, groups, stride, low, high);
    const products = productsOf(given, from, centre, area, groups, stride, low, high) * root;
    if (byScale != 0) {
      store<f32>(byScale + one, <f32>(<f64>load<f32>(byScale + one) + products));
    }
    if (byShift != 0) store<f32>(byShift + one, <f32>(<f64>load<f32>(byShift + one) + sum));
    if (into == 0) continue;
    const factor = (scale == 0 ? 1 : <f64>load<f32>(scale + one)) * root;
    const a = f32x4.splat(<f32>factor);
    const b = f32x4.splat(<f32>((-factor * root * products) / count));
    const d = f32x4.splat(<f32>((-factor * sum) / count));
    const centres = f32x4.splat(centre);
    let first: usize = <usize>c * bytes;
    for (let group: i32 = 0; group < groups; group++) {
      const last = group + 1 == groups;
      const kept = last ? low : all;
      const kept4 = last ? high : all;
      for (let at = first, end = first + bytes; at < end; at += ROW) {
        const to = into + at;
        let v = madd(f32x4.sub(v128.load(x + at), centres), b, d);
        let w = madd(f32x4.sub(v128.load(x + at, 16), centres), b, d);
        v = v128.and(madd(v128.load(g + at), a, v), kept);
        w = v128.and(madd(v128.load(g + at, 16), a, w), kept4);
        if (added) {
          v = f32x4.add(v, v128.load(to));
          w = f32x4.add(w, v128.load(to, 16));
        }
        v128.store(to, v);
        v128.store(to, w, 16);
      }
      first += stride;
    }
  }
}
