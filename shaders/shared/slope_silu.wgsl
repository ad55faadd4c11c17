// σ(x) + x·σ′(x)
#import sigmoid

fn derivative(x: vec4f, slope: f32) -> vec4f {
  let e = decay(abs(x));
  return logistic(x) + x * e / ((1.0 + e) * (1.0 + e));
}
