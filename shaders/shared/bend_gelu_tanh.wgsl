// σ′(u)·(2u′ + x·u″ − x·u′²·tanh(u/2)), u = 2·√(2/π)·(x + 0.044715·x³); beyond ±20 it is 0
#import sigmoid

fn bend(x: vec4f, slope: f32) -> vec4f {
  let v = clamp(x, vec4f(-20.0), vec4f(20.0));
  let u = 1.59576912 * (v + 0.044715 * v * v * v);
  let e = decay(abs(u));
  let inner = 1.59576912 * (1.0 + 0.134145 * v * v);
  let outer = 2.0 * inner + 0.428128898 * v * v;
  return (outer - v * inner * inner * hyperbolic_tangent(0.5 * u)) * e / ((1.0 + e) * (1.0 + e));
}
