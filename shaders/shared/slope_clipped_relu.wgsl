// 1 between 0 and slope, else 0

fn derivative(x: vec4f, slope: f32) -> vec4f {
  return select(vec4f(1.0), vec4f(0.0), (x <= vec4f(0.0)) | (x >= vec4f(slope)));
}
