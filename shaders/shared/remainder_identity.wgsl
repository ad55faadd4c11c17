// R of x
#import kept

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  return r;
}
