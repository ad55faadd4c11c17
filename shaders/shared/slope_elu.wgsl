// 1 above 0, else slope · eˣ
#import exponential

fn derivative(x: vec4f, slope: f32) -> vec4f {
  return select(slope * decay(-min(x, vec4f(0.0))), vec4f(1.0), x > vec4f(0.0));
}
