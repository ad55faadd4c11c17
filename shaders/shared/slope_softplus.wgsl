// σ(x)
#import sigmoid

fn derivative(x: vec4f, slope: f32) -> vec4f {
  return logistic(x);
}
