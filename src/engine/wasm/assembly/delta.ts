/**
 * Differences from a centre in remainder form: a value's difference is ρ·s + ρ²·R with s = a·t1 + b·t2 from its
 * derivatives at the centre, ρ the scale of the offsets and (ρa, ρb) the offset. All arrays lie as values do. What a step
 * reads of the centre are arrays of `bytes`, a multiple of 16, one after the other at `centre`.
 */
import { madd } from './lanes';

/** out = base + a·d1 + b·d2 of `count` floats, a multiple of 4: the weights at an offset. They multiply remainders alone. */
export function delta_form(
  base: usize,
  d1: usize,
  d2: usize,
  out: usize,
  count: usize,
  a: f32,
  b: f32,
): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const bytes = count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const w = madd(bs, v128.load(d2 + i), v128.load(base + i));
    v128.store(out + i, madd(as, v128.load(d1 + i), w));
  }
}

/** R += aa·q11 + ab·q12 + bb·q22: what a product of a moved input with moved weights adds; q11, q12, q22 at `centre`. */
export function delta_product(r: usize, centre: usize, bytes: usize, aa: f32, ab: f32, bb: f32): void {
  const c11 = f32x4.splat(aa);
  const c12 = f32x4.splat(ab);
  const c22 = f32x4.splat(bb);
  const q12 = centre + bytes;
  const q22 = q12 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = madd(c22, v128.load(q22 + i), v128.load(r + i));
    sum = madd(c12, v128.load(q12 + i), sum);
    v128.store(r + i, madd(c11, v128.load(centre + i), sum));
  }
}

/** Inlined into the loops. */
export class Relu {
  /** R of max(x, 0) from what adds up to it: (the value of x + ρ·s)/ρ² + R = `moved`. NaN stays NaN. */
  @inline
  static of(value: v128, rest: v128, moved: v128): v128 {
    const on = f32x4.gt(value, f32x4.splat(0));
    // On: R, less `moved` where that is negative; off: `moved` where it is positive.
    const turned = v128.xor(moved, v128.and(on, f32x4.splat(-0.0)));
    return f32x4.add(v128.and(on, rest), f32x4.pmax(turned, f32x4.splat(0)));
  }
}

/** R of max(x, 0) from that of x; `centre` has t1, t2 and the value of x. `out` may be `r`. */
export function delta_relu(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  const t2 = centre + bytes;
  const z = t2 + bytes;
  const as = f32x4.splat(a / rho);
  const bs = f32x4.splat(b / rho);
  const inverse = f32x4.splat(1 / rho / rho);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const value = v128.load(z + i);
    const along = madd(as, v128.load(centre + i), madd(bs, v128.load(t2 + i), rest));
    v128.store(out + i, Relu.of(value, rest, madd(inverse, value, along)));
  }
}

/** Three arrays of `bytes` one after the other, as one of vectors in turn: what a loop reads lies together. */
export function delta_interleave(x: usize, out: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 16) {
    v128.store(out, v128.load(x));
    v128.store(out, v128.load(x + bytes), 16);
    v128.store(out, v128.load(x + 2 * bytes), 32);
    out += 48;
  }
}

/** Bytes of values that go together, so that what they read of the centre stays in the first-level cache. */
const CHUNK: usize = 2048;
/** Bytes from one offset's coefficients to the next's. */
const COEFFICIENTS: usize = 32;

/** As `Relu.of` in fewer instructions, for a `moved` that is finite: with max(m, 0) = m − min(m, 0). */
function bent(value: v128, rest: v128, moved: v128): v128 {
  const on = f32x4.gt(value, f32x4.splat(0));
  const low = f32x4.pmin(moved, f32x4.splat(0));
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.sub(i32x4.relaxed_laneselect(rest, moved, on), low);
  return f32x4.sub(v128.bitselect(rest, moved, on), low);
}

/**
 * `delta_product`, whose q11, q12, q22 are at `product`, and `delta_relu` in one, for `lanes` offsets whose values lie
 * `stride` bytes apart; what is read of the centre is interleaved. r = 0: no remainder, and no product. At `coefficients`
 * every offset has a², a·b, b², a/ρ, b/ρ, 1/ρ².
 */
export function delta_product_relu(
  r: usize,
  product: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  lanes: i32,
  stride: usize,
  coefficients: usize,
): void {
  const none = f32x4.splat(0);
  for (let start: usize = 0; start < bytes; start += CHUNK) {
    const length = min(bytes - start, CHUNK);
    for (let lane: usize = 0; lane < <usize>lanes; lane++) {
      const at = coefficients + lane * COEFFICIENTS;
      const as = v128.load32_splat(at, 12);
      const bs = v128.load32_splat(at, 16);
      const inverse = v128.load32_splat(at, 20);
      let to = out + lane * stride + start;
      let t = centre + 3 * start;
      const end = to + length;
      if (r == 0) {
        for (; to < end; to += 16) {
          const value = v128.load(t, 32);
          const along = f32x4.mul(bs, v128.load(t, 16));
          v128.store(to, bent(value, none, madd(inverse, value, madd(as, v128.load(t), along))));
          t += 48;
        }
        continue;
      }
      const c11 = v128.load32_splat(at);
      const c12 = v128.load32_splat(at, 4);
      const c22 = v128.load32_splat(at, 8);
      let from = r + lane * stride + start;
      let q = product + 3 * start;
      for (; to < end; to += 16) {
        // Short chains of dependent operations: their latency is what limits the loop.
        const more = madd(c22, v128.load(q, 32), v128.load(from));
        const mixed = madd(c12, v128.load(q, 16), f32x4.mul(c11, v128.load(q)));
        const value = v128.load(t, 32);
        const along = madd(bs, v128.load(t, 16), f32x4.mul(as, v128.load(t)));
        const rest = f32x4.add(more, mixed);
        v128.store(to, bent(value, rest, f32x4.add(madd(inverse, value, along), rest)));
        from += 16;
        q += 48;
        t += 48;
      }
    }
  }
}

/**
 * R of x where it is above 0, else slope·x; `centre` has t1, t2 and the value of x. slope·x is linear and has slope·R, and
 * the rest is (1 − slope)·max(x, 0).
 */
export function delta_leaky_relu(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  const t2 = centre + bytes;
  const z = t2 + bytes;
  const as = f32x4.splat(a / rho);
  const bs = f32x4.splat(b / rho);
  const inverse = f32x4.splat(1 / rho / rho);
  const slopes = f32x4.splat(slope);
  const others = f32x4.splat(1 - slope);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const value = v128.load(z + i);
    const along = madd(as, v128.load(centre + i), madd(bs, v128.load(t2 + i), rest));
    const bent = Relu.of(value, rest, madd(inverse, value, along));
    v128.store(out + i, madd(others, bent, f32x4.mul(slopes, rest)));
  }
}

/** R of x between two bounds, max(x − low, 0) − max(x − high, 0); `centre` has t1, t2, and x − low and x − high. */
function clamped(r: usize, centre: usize, out: usize, bytes: usize, a: f32, b: f32, rho: f32): void {
  const t2 = centre + bytes;
  const low = t2 + bytes;
  const high = low + bytes;
  const as = f32x4.splat(a / rho);
  const bs = f32x4.splat(b / rho);
  const inverse = f32x4.splat(1 / rho / rho);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const along = madd(as, v128.load(centre + i), madd(bs, v128.load(t2 + i), rest));
    const above = v128.load(low + i);
    const beyond = v128.load(high + i);
    const rises = Relu.of(above, rest, madd(inverse, above, along));
    v128.store(out + i, f32x4.sub(rises, Relu.of(beyond, rest, madd(inverse, beyond, along))));
  }
}

export function delta_clipped_relu(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  clamped(r, centre, out, bytes, a, b, rho);
}

export function delta_hardtanh(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  clamped(r, centre, out, bytes, a, b, rho);
}
