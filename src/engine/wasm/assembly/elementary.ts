/**
 * Elementary functions of four float32 lanes. NaN stays NaN, ±∞ give their limits. Errors (in units in the
 * last place, relaxed and plain build) are measured in tests/unit/engine/wasm-functions.test.ts.
 *
 * Constants stand four times over in the module's data, because V8 loads such a vector in one instruction but makes
 * a `v128.const` in three, every time it is used. They take the second KiB of memory.
 */
import { madd, nmadd } from './lanes';

const ZERO = memory.data<f32>([0, 0, 0, 0], 16);
const HALF = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
const MINUS_HALF = memory.data<f32>([-0.5, -0.5, -0.5, -0.5], 16);
const ONE = memory.data<f32>([1, 1, 1, 1], 16);
const TWO = memory.data<f32>([2, 2, 2, 2], 16);
const MINUS_TWO = memory.data<f32>([-2, -2, -2, -2], 16);
const INFINITE = memory.data<f32>([Infinity, Infinity, Infinity, Infinity], 16);
const SIGN = memory.data<f32>([-0.0, -0.0, -0.0, -0.0], 16);

const LOG2_E = memory.data<f32>([1.44269504, 1.44269504, 1.44269504, 1.44269504], 16);
/** ln 2 in two parts: multiples of the first by integers up to 2⁸ are exact. */
const LN2_HIGH = memory.data<f32>([0.693359375, 0.693359375, 0.693359375, 0.693359375], 16);
const LN2_LOW = memory.data<f32>([-2.1219444e-4, -2.1219444e-4, -2.1219444e-4, -2.1219444e-4], 16);

/** Beyond these eˣ is 0 or ∞ in float32 whatever the exact value. */
const LEAST = memory.data<f32>([-104, -104, -104, -104], 16);
const MOST = memory.data<f32>([89, 89, 89, 89], 16);
/** −127·ln 2 rounded up: 2⁻¹²⁷ has the bits of 0. */
const LEAST_NORMAL = memory.data<f32>([-88, -88, -88, -88], 16);
/** Below it eˣ − 1 is −1. */
const LEAST_EXPM1 = memory.data<f32>([-20, -20, -20, -20], 16);

/** 1.5·2²³ + 127: a number of at most 2²¹ added to it is rounded to an integer, which stands in the lowest bits. */
const ROUNDER = memory.data<f32>([12583039, 12583039, 12583039, 12583039], 16);

/** 1/7!, 1/6!, … 1/2!. */
const TAYLOR = memory.data<f32>(
  [
    1.98412698e-4, 1.98412698e-4, 1.98412698e-4, 1.98412698e-4, 1.38888889e-3, 1.38888889e-3, 1.38888889e-3,
    1.38888889e-3, 8.33333333e-3, 8.33333333e-3, 8.33333333e-3, 8.33333333e-3, 4.16666667e-2, 4.16666667e-2,
    4.16666667e-2, 4.16666667e-2, 0.166666667, 0.166666667, 0.166666667, 0.166666667, 0.5, 0.5, 0.5, 0.5,
  ],
  16,
);

/** 2/9, 2/7, 2/5, 2/3: of the series of 2·artanh. */
const ARTANH = memory.data<f32>(
  [
    0.222222222, 0.222222222, 0.222222222, 0.222222222, 0.285714286, 0.285714286, 0.285714286, 0.285714286,
    0.4, 0.4, 0.4, 0.4, 0.666666667, 0.666666667, 0.666666667, 0.666666667,
  ],
  16,
);
/** Bits of √½. */
const SQRT_HALF = memory.data<i32>([0x3f3504f3, 0x3f3504f3, 0x3f3504f3, 0x3f3504f3], 16);

const TAIL_SCALE = memory.data<f32>([0.3, 0.3, 0.3, 0.3], 16);
const TAIL_END = memory.data<f32>([15, 15, 15, 15], 16);
const UPPER_BITS = memory.data<i32>([0xfffff000, 0xfffff000, 0xfffff000, 0xfffff000], 16);
/** Coefficients of Q in `normalTail`, the highest first. */
const TAIL = memory.data<f32>(
  [
    -0.0206235517, -0.0206235517, -0.0206235517, -0.0206235517, 0.112436064, 0.112436064, 0.112436064,
    0.112436064, -0.228214651, -0.228214651, -0.228214651, -0.228214651, 0.191785932, 0.191785932,
    0.191785932, 0.191785932, -0.0794246346, -0.0794246346, -0.0794246346, -0.0794246346, 0.0961574391,
    0.0961574391, 0.0961574391, 0.0961574391, 0.0783894435, 0.0783894435, 0.0783894435, 0.0783894435,
    0.110235468, 0.110235468, 0.110235468, 0.110235468, 0.119571812, 0.119571812, 0.119571812, 0.119571812,
    0.119686693, 0.119686693, 0.119686693, 0.119686693,
  ],
  16,
);

/** Inlined wherever they are used: a call costs as much as a third of a function. */
export class Elementary {
  /** eʳ − 1 for |r| ≤ ½·ln 2, by Taylor's series to r⁷/7!; the next term is below 5e-9. */
  @inline
  static expm1OfRemainder(r: v128): v128 {
    let p = v128.load(TAYLOR);
    p = madd(p, r, v128.load(TAYLOR, 16));
    p = madd(p, r, v128.load(TAYLOR, 32));
    p = madd(p, r, v128.load(TAYLOR, 48));
    p = madd(p, r, v128.load(TAYLOR, 64));
    p = madd(p, r, v128.load(TAYLOR, 80));
    return madd(p, f32x4.mul(r, r), r);
  }

  /** e^(x + low), |low| small: the second part keeps what the first lost to rounding. */
  @inline
  static expOfSum(x: v128, low: v128): v128 {
    // With x as first operand NaN passes.
    const bounded = f32x4.pmax(f32x4.pmin(x, v128.load(MOST)), v128.load(LEAST));
    const rounder = v128.load(ROUNDER);
    // n/2 rounded and what is left of n: two factors, as 2ⁿ alone overflows or is subnormal at the ends.
    const scaled = f32x4.mul(bounded, v128.load(LOG2_E));
    const half = madd(scaled, v128.load(HALF), rounder);
    const rest = f32x4.add(f32x4.sub(scaled, f32x4.sub(half, rounder)), rounder);
    const n = f32x4.add(f32x4.sub(half, rounder), f32x4.sub(rest, rounder));
    let r = nmadd(n, v128.load(LN2_HIGH), bounded);
    r = f32x4.add(nmadd(n, v128.load(LN2_LOW), r), low);
    const p = f32x4.add(Elementary.expm1OfRemainder(r), v128.load(ONE));
    return f32x4.mul(f32x4.mul(p, i32x4.shl(half, 23)), i32x4.shl(rest, 23));
  }

  /** eˣ for x ≤ 88, and 0 below −87.7, where float32 has subnormals only. */
  @inline
  static boundedExp(x: v128): v128 {
    const bounded = f32x4.pmax(x, v128.load(LEAST_NORMAL));
    const rounder = v128.load(ROUNDER);
    const rounded = madd(bounded, v128.load(LOG2_E), rounder);
    const n = f32x4.sub(rounded, rounder);
    const r = nmadd(n, v128.load(LN2_LOW), nmadd(n, v128.load(LN2_HIGH), bounded));
    const p = f32x4.add(Elementary.expm1OfRemainder(r), v128.load(ONE));
    return f32x4.mul(p, i32x4.shl(rounded, 23));
  }

  /** eˣ. */
  @inline
  static exp(x: v128): v128 {
    return Elementary.expOfSum(x, v128.load(ZERO));
  }

  /** eˣ − 1 for x ≤ 0, without cancellation near 0. */
  @inline
  static expm1OfNegative(x: v128): v128 {
    const bounded = f32x4.pmax(x, v128.load(LEAST_EXPM1));
    const rounder = v128.load(ROUNDER);
    const rounded = madd(bounded, v128.load(LOG2_E), rounder);
    const n = f32x4.sub(rounded, rounder);
    const r = nmadd(n, v128.load(LN2_LOW), nmadd(n, v128.load(LN2_HIGH), bounded));
    const scale = i32x4.shl(rounded, 23);
    // 2ⁿ(p + 1) − 1; 2ⁿ − 1 is exact.
    return madd(Elementary.expm1OfRemainder(r), scale, f32x4.sub(scale, v128.load(ONE)));
  }

  /** ln(1 + u) for u ≥ 0; NaN below 0 is not looked for. */
  @inline
  static log1p(u: v128): v128 {
    const f = f32x4.add(u, v128.load(ONE));
    // What 1 + u lost to rounding comes back as a first-order correction.
    const lost = f32x4.div(f32x4.sub(u, f32x4.sub(f, v128.load(ONE))), f);
    // f = 2ᵏ·m with m in [√½, √2): the exponent field after moving √½ to 1.
    const k = i32x4.shr_s(i32x4.sub(f, v128.load(SQRT_HALF)), 23);
    const m = i32x4.sub(f, i32x4.shl(k, 23));
    const t = f32x4.sub(m, v128.load(ONE));
    const e = f32x4.convert_i32x4_s(k);
    // ln(1 + t) = 2·artanh s with s = t/(2 + t), written so that t itself stays exact: t − s·(t − R).
    const s = f32x4.div(t, f32x4.add(t, v128.load(TWO)));
    const z = f32x4.mul(s, s);
    let R = v128.load(ARTANH);
    R = madd(R, z, v128.load(ARTANH, 16));
    R = madd(R, z, v128.load(ARTANH, 32));
    R = madd(R, z, v128.load(ARTANH, 48));
    R = f32x4.mul(R, z);
    const correction = f32x4.sub(madd(e, v128.load(LN2_LOW), lost), f32x4.mul(s, f32x4.sub(t, R)));
    const result = madd(e, v128.load(LN2_HIGH), f32x4.add(t, correction));
    // ∞ and NaN have no mantissa to speak of.
    return v128.bitselect(result, u, f32x4.lt(u, v128.load(INFINITE)));
  }

  /** 1/(1 + e⁻ˣ). */
  @inline
  static sigmoid(x: v128): v128 {
    const e = Elementary.exp(v128.or(x, v128.load(SIGN)));
    const one = v128.load(ONE);
    return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, v128.load(ZERO))), f32x4.add(e, one));
  }

  /** tanh x = −p/(p + 2) with p = e^(−2|x|) − 1, with the sign of x. */
  @inline
  static tanh(x: v128): v128 {
    const sign = v128.load(SIGN);
    const p = Elementary.expm1OfNegative(f32x4.mul(v128.andnot(x, sign), v128.load(MINUS_TWO)));
    const size = f32x4.div(p, f32x4.add(p, v128.load(TWO)));
    return v128.bitselect(x, size, sign);
  }

  /** ln(1 + eˣ). */
  @inline
  static softplus(x: v128): v128 {
    const tail = Elementary.log1p(Elementary.exp(v128.or(x, v128.load(SIGN))));
    return f32x4.add(f32x4.pmax(x, v128.load(ZERO)), tail);
  }

  /**
   * Φ(−a), a ≥ 0, Φ the normal distribution function: e^(−a²/2)·t·Q(t) with t = 1/(1 + 0.3·a). Q is a
   * minimax fit of degree 9 to 4e-9 relative on 0 ≤ a ≤ 14.5, where it leaves float32.
   */
  @inline
  static normalTail(distance: v128): v128 {
    // At 15 the result is 0 already; without a bound the two parts of a² below would leave float32.
    const a = f32x4.pmin(distance, v128.load(TAIL_END));
    const t = f32x4.div(v128.load(ONE), madd(a, v128.load(TAIL_SCALE), v128.load(ONE)));
    let q = v128.load(TAIL);
    q = madd(q, t, v128.load(TAIL, 16));
    q = madd(q, t, v128.load(TAIL, 32));
    q = madd(q, t, v128.load(TAIL, 48));
    q = madd(q, t, v128.load(TAIL, 64));
    q = madd(q, t, v128.load(TAIL, 80));
    q = madd(q, t, v128.load(TAIL, 96));
    q = madd(q, t, v128.load(TAIL, 112));
    q = madd(q, t, v128.load(TAIL, 128));
    q = madd(q, t, v128.load(TAIL, 144));
    // a = h + l, h with 12 bits, so that h²/2 is exact: a rounded a² would cost the tail its digits.
    const h = v128.and(a, v128.load(UPPER_BITS));
    const l = f32x4.sub(a, h);
    const main = f32x4.mul(f32x4.mul(h, h), v128.load(MINUS_HALF));
    const rest = f32x4.mul(f32x4.mul(l, f32x4.add(a, h)), v128.load(MINUS_HALF));
    return f32x4.mul(f32x4.mul(t, q), Elementary.expOfSum(main, rest));
  }
}
