// log(1 + eˣ) = max(x, 0) + log1p(e^(−|x|)); NaN stays NaN
#import bits
#import exponential

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(max(x, vec4f(0.0)) + log1p_positive(decay(abs(x))), x, is_nan(x));
}
