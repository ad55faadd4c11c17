/** Four vectors of four lanes as a square. */
export class Quad {
  /** [a₀ b₀ a₁ b₁]. */
  @inline
  static low(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  }

  /** [a₂ b₂ a₃ b₃]. */
  @inline
  static high(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  }

  /** [a₀ a₁ b₀ b₁]. */
  @inline
  static lower(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  }

  /** [a₂ a₃ b₂ b₃]. */
  @inline
  static upper(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }

  /** Lane by lane to four places `step` bytes apart. */
  @inline
  static transpose(a: v128, b: v128, c: v128, d: v128, out: usize, step: usize): void {
    const ab = Quad.low(a, b);
    const cd = Quad.low(c, d);
    v128.store(out, Quad.lower(ab, cd));
    v128.store(out + step, Quad.upper(ab, cd));
    const abHigh = Quad.high(a, b);
    const cdHigh = Quad.high(c, d);
    v128.store(out + step * 2, Quad.lower(abHigh, cdHigh));
    v128.store(out + step * 3, Quad.upper(abHigh, cdHigh));
  }

  /** [Σa Σb Σc Σd]. */
  @inline
  static sums(a: v128, b: v128, c: v128, d: v128): v128 {
    const ab = f32x4.add(Quad.low(a, b), Quad.high(a, b));
    const cd = f32x4.add(Quad.low(c, d), Quad.high(c, d));
    return f32x4.add(Quad.lower(ab, cd), Quad.upper(ab, cd));
  }
}
