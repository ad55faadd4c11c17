// −σ′·tanh(x/2)
#import sigmoid
#import slope_sigmoid

fn bend(x: vec4f, slope: f32) -> vec4f {
  return -derivative(x, slope) * hyperbolic_tangent(0.5 * x);
}
