// R of σ(x); n0 = z, n1 = σ(z), n2 = σ(−z)
#import kept
#import logistic_bend

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let own = logistic_bend(offset.rho * d, kept.n1, kept.n2);
  return kept.n1 * kept.n2 * r + own.bend * (d * d);
}
