// σ·(1 − σ), as e/(1 + e)² with e = exp(−|x|), which does not cancel
#import exponential

fn derivative(x: vec4f, slope: f32) -> vec4f {
  let e = decay(abs(x));
  return e / ((1.0 + e) * (1.0 + e));
}
