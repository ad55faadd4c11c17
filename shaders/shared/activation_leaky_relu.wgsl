// x, or slope · x where x is negative; NaN stays NaN, which a max that a compiler makes of the comparison need not keep
#import bits

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(x, slope * x, (x < vec4f(0.0)) & !is_nan(x));
}
