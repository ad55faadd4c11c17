// σ′(x), as e/(1 + e)² with e = exp(−|x|)
#import exponential

fn bend(x: vec4f, slope: f32) -> vec4f {
  let e = decay(abs(x));
  return e / ((1.0 + e) * (1.0 + e));
}
