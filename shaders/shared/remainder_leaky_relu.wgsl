// R of x where it is above 0, else slope·x: slope·R and (1 − slope) times that of max(x, 0); n0 = z
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let rises = bent(kept.n0, r, moved_from(kept.n0, r, kept, offset));
  return (1.0 - offset.slope) * rises + offset.slope * r;
}
