// 0 above 0, else slope · eˣ
#import exponential

fn bend(x: vec4f, slope: f32) -> vec4f {
  return select(slope * decay(-min(x, vec4f(0.0))), vec4f(0.0), x > vec4f(0.0));
}
