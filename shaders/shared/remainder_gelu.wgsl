// R of x·Φ(x); n0 = z, n1 = φ(z), n2 = Φ(−|z|). The bend is φ + (z + x)·D with D = (Φ(z + x) − Φ(z) − φ·x)/x² =
// φ·Σ_{k ≥ 1} (−1)ᵏ·Heₖ(z)·xᵏ⁻¹/(k + 1)!, He Hermite's polynomials, up to |x| = 0.25, beyond that from the distribution.
#import gelu
#import kept

const HERMITE_END = 40.0; // beyond, the density has long become 0, and the polynomials leave float32

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let x = offset.rho * d;
  let z = kept.n0;
  let h = clamp(z, vec4f(-HERMITE_END), vec4f(HERMITE_END));
  let h2 = h * h - 1.0;
  let h3 = h * h2 - 2.0 * h;
  let h4 = h * h3 - 3.0 * h2;
  let h5 = h * h4 - 4.0 * h3;
  let h6 = h * h5 - 5.0 * h4;
  let h7 = h * h6 - 6.0 * h5;
  // ±1/8!, … 1/2!.
  var series = x * (h7 * -2.48015873e-5) + h6 * 1.98412698e-4;
  series = x * series - h5 * 1.38888889e-3;
  series = x * series + h4 * 8.33333333e-3;
  series = x * series - h3 * 4.16666667e-2;
  series = x * series + h2 * 0.166666667;
  series = x * series - h * 0.5;
  let negative = z < vec4f(0.0);
  let share = select(1.0 - kept.n2, kept.n2, negative);
  let moved = z + x;
  // Turned so that the centre is on the left, where Φ has all its digits.
  let rise = normal_distribution(select(-moved, moved, negative)) - kept.n2;
  let chord = (select(-rise, rise, negative) - kept.n1 * x) / (x * x);
  let bend = kept.n1 + moved * select(chord, kept.n1 * series, abs(x) < vec4f(0.25));
  return (share + z * kept.n1) * r + bend * (d * d);
}
