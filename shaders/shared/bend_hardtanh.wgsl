// 0

fn bend(x: vec4f, slope: f32) -> vec4f {
  return vec4f(0.0);
}
