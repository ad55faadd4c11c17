// (2 − x²)·φ(x)
#import exponential

fn bend(x: vec4f, slope: f32) -> vec4f {
  let v = clamp(x, vec4f(-20.0), vec4f(20.0));
  return (2.0 - v * v) * 0.398942280 * decay(0.5 * v * v);
}
