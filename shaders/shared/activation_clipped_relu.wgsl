// x between 0 and slope, the nearer of them elsewhere; NaN stays NaN
#import bits

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(clamp(x, vec4f(0.0), vec4f(slope)), x, is_nan(x));
}
