import { narrow, upper } from './lanes';

/** base + (α·d1 + β·d2) of two floats in float64. */
function at(base: v128, d1: v128, d2: v128, a: v128, b: v128): v128 {
  const along = f64x2.add(
    f64x2.mul(a, f64x2.promote_low_f32x4(d1)),
    f64x2.mul(b, f64x2.promote_low_f32x4(d2)),
  );
  return f64x2.add(f64x2.promote_low_f32x4(base), along);
}

/**
 * The parameters of a point: `count` floats (a multiple of 4) `base + α·d1 + β·d2`, already in the order in
 * which the kernels read them. In float64 and rounded once: α rounded to float32 would move all weights
 * of all layers the same way, an error that grows with the number of layers; and forming costs
 * two multiply-adds a weight against two for every sample that uses it.
 */
export function form(base: usize, d1: usize, d2: usize, out: usize, count: usize, a: f64, b: f64): void {
  const alpha = f64x2.splat(a);
  const beta = f64x2.splat(b);
  const bytes = count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const w = v128.load(base + i);
    const u = v128.load(d1 + i);
    const v = v128.load(d2 + i);
    const low = at(w, u, v, alpha, beta);
    const high = at(upper(w), upper(u), upper(v), alpha, beta);
    v128.store(out + i, narrow(low, high));
  }
}
