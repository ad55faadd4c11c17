// A value with its derivatives along the plane. In memory a point takes up lanes, each the input of one product with
// weights of its own (jets/pass.ts): v, ∂α, ∂β, v, v with the first order; v, ∂α², ∂α∂β, ∂β², ∂α, ∂β, v + ∂α, v + ∂β,
// ∂α + ∂β with the second.

override ORDER: u32 = 2; // 1: first derivatives alone, 2: second ones besides
override LANES = select(5u, 9u, ORDER == 2u);
override PARTS = select(3u, 6u, ORDER == 2u);

struct Jet {
  v: vec4f,
  a: vec4f,
  b: vec4f,
  aa: vec4f,
  ab: vec4f,
  bb: vec4f,
}

// What no direction moves.
fn still(v: vec4f) -> Jet {
  return Jet(v, vec4f(0.0), vec4f(0.0), vec4f(0.0), vec4f(0.0), vec4f(0.0));
}
