// x, or slope · x where x is negative

fn activate(x: vec4f, slope: f32) -> vec4f {
  return select(x, slope * x, x < vec4f(0.0));
}
