// R of ln(1 + e^x); n0 = σ(z), n1 = σ(−z). Its bend is that of a logarithm for a step s ≥ 0 and p = σ(z), else turned, with −z and
// −x: (ln(1 + p·(e^s − 1)) − p·s)/s², up to 0.25 by the cumulants of a draw with probability p.
#import increments
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let x = offset.rho * d;
  let s = abs(x);
  let turned = x < vec4f(0.0);
  let p = select(kept.n0, kept.n1, turned);
  let steep = kept.n0 * kept.n1;
  let skew = select(kept.n1, kept.n0, turned) - p;
  let k7 = steep * (steep * 0.0714285714 - 0.0119047619) + 1.98412698e-4;
  let k6 = steep * (steep * 0.166666667 - 0.0416666667) + 1.38888889e-3;
  let k5 = skew * (steep * -0.1 + 8.33333333e-3);
  let k4 = steep * -0.25 + 4.16666667e-2;
  var near = s * (skew * k7) + k6;
  near = s * (s * (s * near + k5) + k4) + skew * 0.166666667;
  near = steep * (s * near + 0.5);
  let far = (log1p_positive(p * (exponential(s) - 1.0)) - p * s) / (s * s);
  // A step beyond e^s leaves float32, and says so.
  let bend = select(select(far, near, s < vec4f(0.25)), s * 3.0e38, s > vec4f(80.0));
  return kept.n0 * r + bend * (d * d);
}
