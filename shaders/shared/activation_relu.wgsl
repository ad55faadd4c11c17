// max(x, 0) by comparison, since max(NaN, 0) may be 0.

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(x, vec4f(0.0), x < vec4f(0.0));
}
