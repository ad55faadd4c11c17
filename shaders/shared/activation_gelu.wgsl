// x·Φ(x); NaN stays NaN
#import bits
#import gelu

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(gelu_erf(x), x, is_nan(x));
}
