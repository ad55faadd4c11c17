// 1 between -slope and slope, else 0

fn derivative(x: vec4f, slope: f32) -> vec4f {
  return select(vec4f(1.0), vec4f(0.0), abs(x) >= vec4f(slope));
}
