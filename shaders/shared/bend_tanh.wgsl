// −2·tanh·tanh′
#import sigmoid
#import slope_tanh

fn bend(x: vec4f, slope: f32) -> vec4f {
  return -2.0 * hyperbolic_tangent(x) * derivative(x, slope);
}
