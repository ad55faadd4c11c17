// What an activation's difference from the centre reads: the remainder R of its input, whose difference is ρ·s + ρ²·R with
// s = a·t1 + b·t2; the input's derivatives t1, t2; and functions n0, n1, n2 of the input's value z at the centre.
struct Kept {
  t1: vec4f,
  t2: vec4f,
  n0: vec4f,
  n1: vec4f,
  n2: vec4f,
}

// a, b, ρ of the offset (ρa, ρb), and the activation's slope.
struct Offset {
  a: f32,
  b: f32,
  rho: f32,
  slope: f32,
}

// The input's difference over ρ.
fn along(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  return offset.a * kept.t1 + offset.b * kept.t2 + offset.rho * r;
}

// The input's difference over ρ², to which a value at the centre is added that may be far larger.
fn moved_from(value: vec4f, r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let inverse = 1.0 / offset.rho;
  return value * inverse * inverse + (offset.a * inverse * kept.t1 + (offset.b * inverse * kept.t2 + r));
}

// R of max(x, 0) from that of x, and x there over ρ².
fn bent(value: vec4f, r: vec4f, moved: vec4f) -> vec4f {
  return select(max(moved, vec4f(0.0)), r - min(moved, vec4f(0.0)), value > vec4f(0.0));
}
