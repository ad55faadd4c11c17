// R of x where it is above 0, else slope·(e^x − 1): max(x, 0) and the smooth slope·(e^n − 1) of n = x − max(x, 0); n0 = z,
// n1 = e^min(z, 0).
#import increments
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let above = bent(kept.n0, r, moved_from(kept.n0, r, kept, offset));
  let below = r - above;
  let on = kept.n0 > vec4f(0.0);
  let d = offset.rho * below + select(offset.a * kept.t1 + offset.b * kept.t2, vec4f(0.0), on);
  let x = offset.rho * d;
  // Above the step cannot lead beyond 0.
  let bend = kept.n1 * exponential_bend(min(x, vec4f(80.0)));
  return above + offset.slope * (kept.n1 * below + bend * (d * d));
}
