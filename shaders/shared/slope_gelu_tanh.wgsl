// σ(u) + x·σ′(u)·u′, u = 2·√(2/π)·(x + 0.044715·x³); beyond ±20 it is 0 or 1, and x³ may leave float32
#import sigmoid

fn derivative(x: vec4f, slope: f32) -> vec4f {
  let v = clamp(x, vec4f(-20.0), vec4f(20.0));
  let u = 1.59576912 * (v + 0.044715 * v * v * v);
  let e = decay(abs(u));
  let inner = 1.59576912 * (1.0 + 0.134145 * v * v);
  return logistic(u) + v * inner * e / ((1.0 + e) * (1.0 + e));
}
