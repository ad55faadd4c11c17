// R of x·σ(x); n0 = z, n1 = σ(z), n2 = σ(−z). Its bend is the chord of σ and z times the bend of σ.
#import kept
#import logistic_bend

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let own = logistic_bend(offset.rho * d, kept.n1, kept.n2);
  let first = kept.n0 * kept.n1 * kept.n2 + kept.n1;
  return first * r + (kept.n0 * own.bend + own.chord) * (d * d);
}
