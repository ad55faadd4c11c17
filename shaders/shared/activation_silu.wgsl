// x·σ(x); NaN stays NaN
#import bits
#import sigmoid

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(x * logistic(x), x, is_nan(x));
}
