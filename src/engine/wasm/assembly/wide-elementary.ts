/** Elementary functions of two float64 lanes, to a few units in the last place. NaN stays NaN. */

/** a·b + c, rounded once in the relaxed build where the machine has fused multiply-adds, else twice. */
export function wideMadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** Inlined wherever they are used. */
export class WideElementary {
  /** eʳ − 1 for |r| ≤ ½·ln 2 by Taylor's series; the next term is below 1e-16 of the result. */
  @inline
  static expm1OfRemainder(r: v128): v128 {
    let p = f64x2.splat(1.0 / 6227020800.0);
    p = wideMadd(p, r, f64x2.splat(1.0 / 479001600.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 39916800.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 3628800.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 362880.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 40320.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 5040.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 720.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 120.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 24.0));
    p = wideMadd(p, r, f64x2.splat(1.0 / 6.0));
    p = wideMadd(p, r, f64x2.splat(0.5));
    return wideMadd(p, f64x2.mul(r, r), r);
  }

  /** eˣ for x ≤ 0, and e⁻⁷⁰⁸ below −708. */
  @inline
  static expOfNegative(x: v128): v128 {
    const bounded = f64x2.pmax(x, f64x2.splat(-708));
    const n = f64x2.nearest(f64x2.mul(bounded, f64x2.splat(1.4426950408889634)));
    const p = WideElementary.expm1OfRemainder(WideElementary.remainder(bounded, n));
    return f64x2.mul(f64x2.add(p, f64x2.splat(1)), WideElementary.power(n));
  }

  /** eˣ − 1, without cancellation near 0; ∞ beyond 709. */
  @inline
  static expm1(x: v128): v128 {
    // Up to 1/32 eight terms of Taylor's series do, the next is below 3e-18 of the result.
    if (i64x2.all_true(f64x2.le(f64x2.abs(x), f64x2.splat(0.03125)))) {
      let p = f64x2.splat(1.0 / 40320.0);
      p = wideMadd(p, x, f64x2.splat(1.0 / 5040.0));
      p = wideMadd(p, x, f64x2.splat(1.0 / 720.0));
      p = wideMadd(p, x, f64x2.splat(1.0 / 120.0));
      p = wideMadd(p, x, f64x2.splat(1.0 / 24.0));
      p = wideMadd(p, x, f64x2.splat(1.0 / 6.0));
      p = wideMadd(p, x, f64x2.splat(0.5));
      return wideMadd(p, f64x2.mul(x, x), x);
    }
    const bounded = f64x2.pmax(f64x2.pmin(x, f64x2.splat(710)), f64x2.splat(-708));
    const n = f64x2.nearest(f64x2.mul(bounded, f64x2.splat(1.4426950408889634)));
    const scale = WideElementary.power(n);
    const p = WideElementary.expm1OfRemainder(WideElementary.remainder(bounded, n));
    return f64x2.add(f64x2.mul(p, scale), f64x2.sub(scale, f64x2.splat(1)));
  }

  /** x − n·ln 2, in two parts: multiples of the first by integers up to 2¹⁰ are exact. */
  @inline
  static remainder(x: v128, n: v128): v128 {
    const r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(0.6931471803691238)));
    return f64x2.sub(r, f64x2.mul(n, f64x2.splat(1.9082149292705877e-10)));
  }

  /** 2ⁿ for integers n. */
  @inline
  static power(n: v128): v128 {
    const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n));
    return i64x2.shl(i64x2.add(whole, i64x2.splat(1023)), 52);
  }

  /** ln(1 + u) for u > −1, without cancellation near 0. */
  @inline
  static log1p(u: v128): v128 {
    return WideElementary.logOf(f64x2.add(u, f64x2.splat(1)), u);
  }

  /** ln f for f ≥ 2⁻¹⁰²². */
  @inline
  static log(f: v128): v128 {
    return WideElementary.logOf(f, f64x2.sub(f, f64x2.splat(1)));
  }

  /** ln f, with u = f − 1 as exact as it is known. */
  @inline
  static logOf(f: v128, u: v128): v128 {
    // f = 2ᵏ·m with m in [√½, √2): the exponent field after moving √½ to 1.
    const k = i64x2.shr_s(i64x2.sub(f, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
    const m = i64x2.sub(f, i64x2.shl(k, 52));
    const t = v128.bitselect(u, f64x2.sub(m, f64x2.splat(1)), i64x2.eq(k, i64x2.splat(0)));
    // The two integers as one vector of 32 bits.
    const e = f64x2.convert_low_i32x4_s(
      i8x16.shuffle(k, k, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11),
    );
    const s = f64x2.div(t, f64x2.add(t, f64x2.splat(2)));
    const z = f64x2.mul(s, s);
    let R = f64x2.splat(2.0 / 21.0);
    R = wideMadd(R, z, f64x2.splat(2.0 / 19.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 17.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 15.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 13.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 11.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 9.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 7.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 5.0));
    R = wideMadd(R, z, f64x2.splat(2.0 / 3.0));
    R = f64x2.mul(R, z);
    // 2·artanh s, written so that t itself stays exact: t − s·(t − R).
    const small = f64x2.sub(t, f64x2.mul(s, f64x2.sub(t, R)));
    const result = f64x2.add(f64x2.mul(e, f64x2.splat(0.6931471805599453)), small);
    // ∞ and NaN have no mantissa to speak of.
    return v128.bitselect(result, u, f64x2.lt(u, f64x2.splat(Infinity)));
  }
}
