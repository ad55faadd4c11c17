// R of x between two bounds, max(x − low, 0) − max(x − high, 0); n0 = z − low, n1 = z − high
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let rises = bent(kept.n0, r, moved_from(kept.n0, r, kept, offset));
  return rises - bent(kept.n1, r, moved_from(kept.n1, r, kept, offset));
}
