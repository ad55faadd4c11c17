// x, or slope · (eˣ − 1) where x is negative; NaN stays NaN
#import bits
#import exponential

fn activate(x: vec4f, slope: f32) -> vec4f {
  let negative = slope * expm1_negative(min(x, vec4f(0.0)));
  return select(negative, x, (x > vec4f(0.0)) | is_nan(x));
}
