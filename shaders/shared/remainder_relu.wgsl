// R of max(x, 0); n0 = z
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  return bent(kept.n0, r, moved_from(kept.n0, r, kept, offset));
}
