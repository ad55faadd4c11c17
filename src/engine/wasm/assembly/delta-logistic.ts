/** Differences of the activations that are made of the logistic function, as delta-smooth.ts has those of others. */
import { Step } from './delta-smooth';
import { Elementary } from './elementary';
import { madd, nmadd } from './lanes';

/** Functions made of the logistic one. */
const SIGMOID: i32 = 0;
const SILU: i32 = 1;
const GELU_TANH: i32 = 2;
/** 2·√(2/π), and that times 0.044715: the argument of gelu_tanh's logistic function is u = z·(linear + cubic·z²). */
const GELU_LINEAR: f32 = 1.5957691216;
const GELU_CUBIC: f32 = 0.0713548162726;

/** (x − 1 + e⁻ˣ)/x² for 0 ≤ x ≤ 0.5: 1/2 − x/6 + x²/24 − … to 3e-9. */
function logisticSeries(x: v128): v128 {
  let series = madd(x, f32x4.splat(2.48015873e-5), f32x4.splat(-1.98412698e-4));
  series = madd(x, series, f32x4.splat(1.38888889e-3));
  series = madd(x, series, f32x4.splat(-8.33333333e-3));
  series = madd(x, series, f32x4.splat(4.16666667e-2));
  series = madd(x, series, f32x4.splat(-0.166666667));
  return madd(x, series, f32x4.splat(0.5));
}

/**
 * σ(v), z·σ(v) with v = z and with v = u(z). `centre` ends with z, σ(v) and σ(−v). For a step y ≥ 0 of v (else σ is
 * turned: σ(v + y) = 1 − σ(−v − y)) with g = 1 − e⁻ʸ the chord of σ is σ′·(g/y)/(e⁻ʸ + σ(v)·g) and its bend
 * σ′·(σ(−v)·g/y − (y − g)/y²)/(e⁻ʸ + σ(v)·g). With y = e·x, and e = u′ + w·x:
 * B = chord + z·bend where v = z, and σ′·(z·w + e) + (z + x)·bend·e² for u, which serves up to |x| = 1, beyond which
 * the values themselves differ enough.
 */
function logistic(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  kind: i32,
): void {
  const z = centre + 2 * bytes;
  const up = z + bytes;
  const down = up + bytes;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const rhos = f32x4.splat(rho);
  const one = f32x4.splat(1);
  const sign = f32x4.splat(-0.0);
  const linear = f32x4.splat(GELU_LINEAR);
  const cubic = f32x4.splat(GELU_CUBIC);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = v128.load(r + i);
    const d = Step.of(centre + i, bytes, rest, as, bs, rhos);
    const x = f32x4.mul(rhos, d);
    const value = v128.load(z + i);
    let y = x;
    let along = one;
    if (kind == GELU_TANH) {
      // 3z² + 3zx + x², a sum that is never negative.
      const mixed = f32x4.mul(f32x4.mul(f32x4.splat(3), value), f32x4.add(value, x));
      along = madd(cubic, madd(x, x, mixed), linear);
      y = f32x4.mul(x, along);
    }
    const step = f32x4.abs(y);
    const share = v128.load(up + i);
    const rare = v128.load(down + i);
    const turn = f32x4.lt(y, f32x4.splat(0));
    const other = v128.bitselect(share, rare, turn);
    const same = v128.bitselect(rare, share, turn);
    const steep = f32x4.mul(share, rare);
    let second = logisticSeries(step);
    let ratio = nmadd(step, second, one);
    let left = nmadd(step, ratio, one);
    const near = f32x4.lt(step, f32x4.splat(0.5));
    if (!i32x4.all_true(near)) {
      const far = Elementary.boundedExp(f32x4.neg(step));
      const chord = f32x4.div(f32x4.sub(one, far), step);
      second = v128.bitselect(second, f32x4.div(f32x4.sub(one, chord), step), near);
      ratio = v128.bitselect(ratio, chord, near);
      left = v128.bitselect(left, far, near);
    }
    const scale = f32x4.div(steep, madd(same, f32x4.mul(ratio, step), left));
    const over = f32x4.sub(f32x4.mul(other, ratio), second);
    const bend = v128.xor(f32x4.mul(scale, over), v128.and(y, sign));
    let first = steep;
    let more = bend;
    if (kind == SILU) {
      first = madd(value, steep, share);
      more = madd(value, bend, f32x4.mul(scale, ratio));
    }
    if (kind == GELU_TANH) {
      const square = f32x4.mul(value, value);
      const slope = madd(f32x4.mul(f32x4.splat(3), cubic), square, linear);
      const w = f32x4.mul(cubic, madd(f32x4.splat(3), value, x));
      first = madd(f32x4.mul(value, steep), slope, share);
      more = f32x4.mul(f32x4.mul(f32x4.add(value, x), bend), f32x4.mul(along, along));
      more = madd(steep, madd(value, w, along), more);
      const close = f32x4.lt(f32x4.abs(x), one);
      if (!i32x4.all_true(close)) {
        const moved = f32x4.add(value, x);
        const argument = f32x4.mul(moved, madd(f32x4.mul(moved, moved), cubic, linear));
        const end = f32x4.mul(moved, Elementary.sigmoid(argument));
        const rise = nmadd(first, x, nmadd(value, share, end));
        more = v128.bitselect(more, f32x4.div(rise, f32x4.mul(x, x)), close);
      }
    }
    v128.store(out + i, madd(first, rest, f32x4.mul(more, f32x4.mul(d, d))));
  }
}

export function delta_sigmoid(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  logistic(r, centre, out, bytes, a, b, rho, SIGMOID);
}

export function delta_silu(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  logistic(r, centre, out, bytes, a, b, rho, SILU);
}

export function delta_gelu_tanh(
  r: usize,
  centre: usize,
  out: usize,
  bytes: usize,
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
): void {
  logistic(r, centre, out, bytes, a, b, rho, GELU_TANH);
}
