// x between -slope and slope, the nearer of them elsewhere; NaN stays NaN
#import bits

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(clamp(x, vec4f(-slope), vec4f(slope)), x, is_nan(x));
}
