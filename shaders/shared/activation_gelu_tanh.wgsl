// 0.5·x·(1 + tanh v) = x·σ(2v), v = √(2/π)·(x + 0.044715·x³), without cancellation; NaN stays NaN
#import bits
#import sigmoid

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(x * logistic(1.59576912 * (x + 0.044715 * x * x * x)), x, is_nan(x));
}
