/**
 * Elementary functions of four float32 lanes. NaN stays NaN, ±∞ give their limits. Errors (in units in the
 * last place, relaxed and plain build) are measured in tests/unit/engine/wasm-functions.test.ts.
 */
import { madd, nmadd } from './lanes';

/** ln 2 in two parts: multiples of the first by integers up to 2⁸ are exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;
const LOG2_E: f32 = 1.44269504;

function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** eʳ − 1 − r for |r| ≤ ½·ln 2 over r², by Taylor's series to r⁷/7!; the next term is below 5e-9. */
function exponentialTail(r: v128): v128 {
  let p = splat(1.0 / 5040.0);
  p = madd(p, r, splat(1.0 / 720.0));
  p = madd(p, r, splat(1.0 / 120.0));
  p = madd(p, r, splat(1.0 / 24.0));
  p = madd(p, r, splat(1.0 / 6.0));
  return madd(p, r, splat(0.5));
}

/** 2ⁿ for integers n of −126 … 127 given as float32. */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
}

/** e^(x + low), |low| small: the second part keeps what the first lost to rounding. */
export function expOfSum(x: v128, low: v128): v128 {
  // Beyond these the result is 0 or ∞ whatever the exact value. With x as first operand NaN passes.
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104));
  const n = f32x4.nearest(f32x4.mul(bounded, splat(LOG2_E)));
  let r = nmadd(n, splat(LN2_HIGH), bounded);
  r = f32x4.add(nmadd(n, splat(LN2_LOW), r), low);
  const p = f32x4.add(madd(exponentialTail(r), f32x4.mul(r, r), r), splat(1));
  // In two factors, as 2ⁿ alone overflows or is subnormal at the ends.
  const half = f32x4.floor(f32x4.mul(n, splat(0.5)));
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(f32x4.sub(n, half)));
}

/** eˣ. */
export function exp(x: v128): v128 {
  return expOfSum(x, splat(0));
}

/** eˣ − 1 for x ≤ 0, without cancellation near 0. */
export function expm1OfNegative(x: v128): v128 {
  const bounded = f32x4.pmax(x, splat(-20));
  const n = f32x4.nearest(f32x4.mul(bounded, splat(LOG2_E)));
  const r = nmadd(n, splat(LN2_LOW), nmadd(n, splat(LN2_HIGH), bounded));
  const p = madd(exponentialTail(r), f32x4.mul(r, r), r);
  const scale = powerOfTwo(n);
  // 2ⁿ(p + 1) − 1; 2ⁿ − 1 is exact.
  return madd(p, scale, f32x4.sub(scale, splat(1)));
}

/** ln(1 + u) for u ≥ 0; NaN below 0 is not looked for. */
export function log1p(u: v128): v128 {
  const f = f32x4.add(u, splat(1));
  // What 1 + u lost to rounding comes back as a first-order correction.
  const lost = f32x4.div(f32x4.sub(u, f32x4.sub(f, splat(1))), f);
  // f = 2ᵏ·m with m in [√½, √2): the exponent field after moving √½ to 1.
  const shifted = i32x4.sub(f, i32x4.splat(0x3f3504f3));
  const k = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(f, i32x4.shl(k, 23));
  const t = f32x4.sub(m, splat(1));
  const e = f32x4.convert_i32x4_s(k);
  // ln(1 + t) = 2·artanh s with s = t/(2 + t), written so that t itself stays exact: t − s·(t − R).
  const s = f32x4.div(t, f32x4.add(t, splat(2)));
  const z = f32x4.mul(s, s);
  let R = splat(2.0 / 9.0);
  R = madd(R, z, splat(2.0 / 7.0));
  R = madd(R, z, splat(2.0 / 5.0));
  R = madd(R, z, splat(2.0 / 3.0));
  R = f32x4.mul(R, z);
  const correction = f32x4.sub(madd(e, splat(LN2_LOW), lost), f32x4.mul(s, f32x4.sub(t, R)));
  const result = madd(e, splat(LN2_HIGH), f32x4.add(t, correction));
  // ∞ and NaN have no mantissa to speak of.
  return v128.bitselect(result, u, f32x4.lt(u, splat(Infinity)));
}

/** 1/(1 + e⁻ˣ). */
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, splat(1), f32x4.lt(x, splat(0)));
  return f32x4.div(numerator, f32x4.add(e, splat(1)));
}

/** tanh x = −p/(p + 2) with p = e^(−2|x|) − 1, with the sign of x. */
export function tanh(x: v128): v128 {
  const p = expm1OfNegative(f32x4.mul(f32x4.abs(x), splat(-2)));
  const size = f32x4.div(f32x4.neg(p), f32x4.add(p, splat(2)));
  return v128.bitselect(x, size, f32x4.splat(-0.0));
}

/** ln(1 + eˣ). */
export function softplus(x: v128): v128 {
  const tail = log1p(exp(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.pmax(x, splat(0)), tail);
}

/**
 * Φ(−a), a ≥ 0, Φ the normal distribution function: e^(−a²/2)·t·Q(t) with t = 1/(1 + 0.3·a). Q is a
 * minimax fit of degree 9 to 4e-9 relative on 0 ≤ a ≤ 14.5, where it leaves float32.
 */
export function normalTail(distance: v128): v128 {
  // At 15 the result is 0 already; without a bound the two parts of a² below would leave float32.
  const a = f32x4.pmin(distance, splat(15));
  const t = f32x4.div(splat(1), madd(a, splat(0.3), splat(1)));
  let q = splat(-0.0206235517);
  q = madd(q, t, splat(0.112436064));
  q = madd(q, t, splat(-0.228214651));
  q = madd(q, t, splat(0.191785932));
  q = madd(q, t, splat(-0.0794246346));
  q = madd(q, t, splat(0.0961574391));
  q = madd(q, t, splat(0.0783894435));
  q = madd(q, t, splat(0.110235468));
  q = madd(q, t, splat(0.119571812));
  q = madd(q, t, splat(0.119686693));
  // a = h + l, h with 12 bits, so that h²/2 is exact: a rounded a² would cost the tail its digits.
  const h = v128.and(a, i32x4.splat(0xfffff000));
  const l = f32x4.sub(a, h);
  const main = f32x4.mul(f32x4.mul(h, h), splat(-0.5));
  const rest = f32x4.mul(f32x4.mul(l, f32x4.add(a, h)), splat(-0.5));
  return f32x4.mul(f32x4.mul(t, q), expOfSum(main, rest));
}
