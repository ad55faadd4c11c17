/**
 * Differences of smooth activations in remainder form (delta.ts). With x = ρ·d the step of the input,
 * f(z + x) − f(z) = f′(z)·x + B·x², so that R becomes f′(z)·R + B·d²; each kernel has a B without cancellation. What it
 * reads of the centre is listed in delta-activations.ts, after the derivatives t1 and t2 of its input.
 */
import { Relu } from './delta';
import { Elementary } from './elementary';
import { madd, nmadd } from './lanes';

/** Inlined into the loops. */
export class Step {
  /** d of an input whose remainder is `rest`; t1 at `t`, t2 `bytes` further on. */
  @inline
  static of(t: usize, bytes: usize, rest: v128, as: v128, bs: v128, rhos: v128): v128 {
    return madd(as, v128.load(t), madd(bs, v128.load(t + bytes), f32x4.mul(rhos, rest)));
  }
}

/**
 * R of tanh x from that of x; `centre` has t1, t2, tanh t and its derivative 1 − t². With x the difference,
 * c = tanh(x)/x and w = (1 − c)/x²: slope·(R − (x/ρ)²·(x·w + t·c)/(1 + t·x·c)).
 */
export function delta_tanh(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  const t = centre + 2 * bytes;
  const steep = t + bytes;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const value = v128.load(t + i);
    const d = Step.of(centre + i, bytes, rest, as, bs, rhos);
    const x = f32x4.mul(rhos, d);
    const xx = f32x4.mul(x, x);
    // 1/3 − 2x²/15 + 17x⁴/315 − 62x⁶/2835 + 1382x⁸/155925 − 21844x¹⁰/6081075.
    let series = madd(xx, f32x4.splat(-0.00359212803), f32x4.splat(0.00886323553));
    series = madd(xx, series, f32x4.splat(-0.0218694885));
    series = madd(xx, series, f32x4.splat(0.053968254));
    series = madd(xx, series, f32x4.splat(-0.133333333));
    series = madd(xx, series, f32x4.splat(0.333333333));
    const small = f32x4.lt(xx, f32x4.splat(0.25));
    let w = series;
    let c = nmadd(xx, series, one);
    let below = madd(f32x4.mul(value, x), c, one);
    if (!i32x4.all_true(small)) {
      const size = f32x4.abs(x);
      const gone = Elementary.boundedExp(f32x4.mul(size, f32x4.splat(-2)));
      const sum = f32x4.add(one, gone);
      const moved = f32x4.div(f32x4.sub(one, gone), sum);
      const ratio = f32x4.div(moved, size);
      w = v128.bitselect(w, f32x4.div(f32x4.sub(one, ratio), xx), small);
      c = v128.bitselect(c, ratio, small);
      // Towards 0 and beyond it 1 − |t|·|tanh x| from what either lacks to 1.
      const far = f32x4.abs(value);
      const lacks = f32x4.div(v128.load(steep + i), f32x4.add(one, far));
      const turned = madd(far, f32x4.div(f32x4.add(gone, gone), sum), lacks);
      const towards = f32x4.lt(f32x4.mul(value, x), f32x4.splat(0));
      const other = v128.bitselect(turned, madd(far, moved, one), towards);
      below = v128.bitselect(below, other, small);
    }
    const above = madd(x, w, f32x4.mul(value, c));
    const bend = f32x4.mul(f32x4.mul(d, d), f32x4.div(above, below));
    v128.store(out + i, f32x4.mul(v128.load(steep + i), f32x4.sub(rest, bend)));
  }
}

/** Hermite's polynomials leave float32 far beyond the z at which the density they multiply has become 0. */
const HERMITE_END: f32 = 40;

/**
 * z·Φ(z); `centre` ends with z, the density φ(z) and the tail Φ(−|z|). B = φ + (z + x)·D with
 * D = (Φ(z + x) − Φ(z) − φ·x)/x² = φ·Σ_{k ≥ 1} (−1)ᵏ·Heₖ(z)·xᵏ⁻¹/(k + 1)! up to |x| = 0.25 (the next term is below
 * 2e-8·φ(0)), and beyond that from the tails.
 */
export function delta_gelu(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  const z = centre + 2 * bytes;
  const densities = z + bytes;
  const tails = densities + bytes;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const d = Step.of(centre + i, bytes, rest, as, bs, rhos);
    const x = f32x4.mul(rhos, d);
    const value = v128.load(z + i);
    const density = v128.load(densities + i);
    const tail = v128.load(tails + i);
    const negative = f32x4.lt(value, zero);
    const h = f32x4.pmax(f32x4.pmin(value, f32x4.splat(HERMITE_END)), f32x4.splat(-HERMITE_END));
    const h2 = madd(h, h, f32x4.splat(-1));
    const h3 = nmadd(f32x4.splat(2), h, f32x4.mul(h, h2));
    const h4 = nmadd(f32x4.splat(3), h2, f32x4.mul(h, h3));
    const h5 = nmadd(f32x4.splat(4), h3, f32x4.mul(h, h4));
    const h6 = nmadd(f32x4.splat(5), h4, f32x4.mul(h, h5));
    const h7 = nmadd(f32x4.splat(6), h5, f32x4.mul(h, h6));
    // ±1/8!, … 1/2!.
    let series = madd(
      x,
      f32x4.mul(h7, f32x4.splat(-2.48015873e-5)),
      f32x4.mul(h6, f32x4.splat(1.98412698e-4)),
    );
    series = madd(x, series, f32x4.mul(h5, f32x4.splat(-1.38888889e-3)));
    series = madd(x, series, f32x4.mul(h4, f32x4.splat(8.33333333e-3)));
    series = madd(x, series, f32x4.mul(h3, f32x4.splat(-4.16666667e-2)));
    series = madd(x, series, f32x4.mul(h2, f32x4.splat(0.166666667)));
    series = madd(x, series, f32x4.mul(h, f32x4.splat(-0.5)));
    let D = f32x4.mul(density, series);
    const moved = f32x4.add(value, x);
    const near = f32x4.lt(f32x4.abs(x), f32x4.splat(0.25));
    if (!i32x4.all_true(near)) {
      // Turned so that the centre is on the left, where Φ has all its digits.
      const left = v128.xor(moved, v128.andnot(f32x4.splat(-0.0), negative));
      const far = Elementary.normalTail(f32x4.abs(moved));
      const share = v128.bitselect(far, f32x4.sub(one, far), f32x4.lt(left, zero));
      const rise = f32x4.sub(share, tail);
      const turned = v128.xor(rise, v128.andnot(f32x4.splat(-0.0), negative));
      const chord = f32x4.div(nmadd(density, x, turned), f32x4.mul(x, x));
      D = v128.bitselect(D, chord, near);
    }
    const share = v128.bitselect(tail, f32x4.sub(one, tail), negative);
    const first = madd(value, density, share);
    v128.store(out + i, madd(first, rest, f32x4.mul(madd(moved, D, density), f32x4.mul(d, d))));
  }
}

/**
 * z where it is above 0, else slope·(eᶻ − 1); `centre` ends with z and e^min(z, 0). That is max(z, 0) and the smooth
 * function slope·(eⁿ − 1) of n = min(z, 0) = z − max(z, 0), whose B is eⁿ·(eˣ − 1 − x)/x² with n's own step x.
 */
export function delta_elu(
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
  const powers = z + bytes;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const once = f32x4.splat(1 / rho);
  const inverse = f32x4.splat(1 / rho / rho);
  const slopes = f32x4.splat(slope);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const value = v128.load(z + i);
    const power = v128.load(powers + i);
    const along = madd(as, v128.load(centre + i), f32x4.mul(bs, v128.load(t2 + i)));
    const moved = madd(inverse, value, madd(once, along, rest));
    const above = Relu.of(value, rest, moved);
    const below = f32x4.sub(rest, above);
    const on = f32x4.gt(value, f32x4.splat(0));
    const d = madd(rhos, below, v128.andnot(along, on));
    const x = f32x4.mul(rhos, d);
    // 1/2 + x/6 + x²/24 + … up to |x| = 0.5, to 5e-9.
    let bend = madd(x, f32x4.splat(2.48015873e-5), f32x4.splat(1.98412698e-4));
    bend = madd(x, bend, f32x4.splat(1.38888889e-3));
    bend = madd(x, bend, f32x4.splat(8.33333333e-3));
    bend = madd(x, bend, f32x4.splat(4.16666667e-2));
    bend = madd(x, bend, f32x4.splat(0.166666667));
    bend = f32x4.mul(power, madd(x, bend, f32x4.splat(0.5)));
    const near = f32x4.lt(f32x4.abs(x), f32x4.splat(0.5));
    if (!i32x4.all_true(near)) {
      const end = f32x4.add(f32x4.pmin(value, f32x4.splat(0)), x);
      const rise = nmadd(power, f32x4.add(one, x), Elementary.boundedExp(end));
      bend = v128.bitselect(bend, f32x4.div(rise, f32x4.mul(x, x)), near);
    }
    const under = madd(power, below, f32x4.mul(bend, f32x4.mul(d, d)));
    v128.store(out + i, madd(slopes, under, above));
  }
}

/**
 * ln(1 + eᶻ); `centre` ends with σ(z) and σ(−z). For a step x ≥ 0 and p = σ(z) (else turned: with −z and −x the same B)
 * B = (ln(1 + p·(eˣ − 1)) − p·x)/x², up to 0.25 by the cumulants of a draw with probability p, of which the next is below
 * 3e-8. The jump of 2e-9 with which PyTorch goes over to z above 20 is left out.
 */
export function delta_softplus(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  const up = centre + 2 * bytes;
  const down = up + bytes;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const d = Step.of(centre + i, bytes, rest, as, bs, rhos);
    const x = f32x4.mul(rhos, d);
    const share = v128.load(up + i);
    const rare = v128.load(down + i);
    const step = f32x4.abs(x);
    const turn = f32x4.lt(x, f32x4.splat(0));
    const p = v128.bitselect(rare, share, turn);
    const steep = f32x4.mul(share, rare);
    const skew = f32x4.sub(v128.bitselect(share, rare, turn), p);
    const k7 = madd(
      steep,
      madd(steep, f32x4.splat(0.0714285714), f32x4.splat(-0.0119047619)),
      f32x4.splat(1.98412698e-4),
    );
    const k6 = madd(
      steep,
      madd(steep, f32x4.splat(0.166666667), f32x4.splat(-0.0416666667)),
      f32x4.splat(1.38888889e-3),
    );
    const k5 = f32x4.mul(skew, madd(steep, f32x4.splat(-0.1), f32x4.splat(8.33333333e-3)));
    const k4 = madd(steep, f32x4.splat(-0.25), f32x4.splat(4.16666667e-2));
    let bend = madd(step, f32x4.mul(skew, k7), k6);
    bend = madd(step, madd(step, madd(step, bend, k5), k4), f32x4.mul(skew, f32x4.splat(0.166666667)));
    bend = f32x4.mul(steep, madd(step, bend, f32x4.splat(0.5)));
    const near = f32x4.lt(step, f32x4.splat(0.25));
    if (!i32x4.all_true(near)) {
      const rise = Elementary.log1p(f32x4.mul(p, f32x4.sub(Elementary.exp(step), one)));
      const far = f32x4.div(nmadd(p, step, rise), f32x4.mul(step, step));
      bend = v128.bitselect(bend, far, near);
    }
    v128.store(out + i, madd(share, rest, f32x4.mul(bend, f32x4.mul(d, d))));
  }
}
