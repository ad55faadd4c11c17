// Jets element by element: activation(scale · input + shift + residual), the input a jet, or what products with the lanes'
// weights left of one: as Karatsuba multiplies polynomials, (W + D1)(v + a) − W·v − D1·a is W·a + D1·v.
#import epilogue
#choose slope
#choose bend
#import flat
#import jet_inputs
#import jet_output

#struct JetPointwiseShape

@group(0) @binding(0) var<uniform> shape: JetPointwiseShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // [point][lane] (c, α, β, 0)
@group(0) @binding(2) var<storage, read> affine: array<vec2f>; // [point][part][channel] (scale, shift)
@group(0) @binding(3) var<storage, read> source: array<vec4f>; // [point][lane][row][sample / 4], or [xW, xD1, xD2][row][sample / 4]
@group(0) @binding(4) var<storage, read> residual: array<vec4f>; // [point][lane][row][sample / 4]
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>; // [point][lane][row][sample / 4]

override INPUT: u32 = 0; // 0: a jet, 1: the lanes' products, 2: the three products of a first layer
override AFFINE: bool = false; // scales and shifts by channel
override SCALE: bool = false; // scales and shifts all alike
override ACTIVATE: bool = true; // false: the identity
override COLUMNS: u32 = 4; // of an invocation, which divides, and loads scales and shifts, once for them

// The jet of a layer's output from the products of its input's lanes, whose places in memory are a jet's.
fn from_products(p: Jet, point: u32, row: u32, column: u32) -> Jet {
  let lane = shape.source_point;
  let at = point * LANES * lane + shape.source_first + row * shape.source_row + column;
  var jet = p;
  if (ORDER == 1u) {
    jet.a = p.a + source[at + 3u * lane];
    jet.b = p.b + source[at + 4u * lane];
    return jet;
  }
  jet.a = source[at + 6u * lane] - p.v - p.a;
  jet.b = source[at + 7u * lane] - p.v - p.b;
  jet.aa = p.aa + 2.0 * p.a;
  jet.ab = p.ab + (source[at + 8u * lane] - p.a - p.b);
  jet.bb = p.bb + 2.0 * p.b;
  return jet;
}

fn from_first(point: u32, row: u32, column: u32) -> Jet {
  let at = shape.source_first + row * shape.source_row + column;
  let coordinates = points[point * LANES];
  var jet = still(coordinates.x * source[at]);
  jet.a = source[at + shape.section];
  jet.b = source[at + 2u * shape.section];
  jet.v = jet.v + coordinates.y * jet.a;
  jet.v = jet.v + coordinates.z * jet.b;
  return jet;
}

// Scale F and shift S of a channel and their derivatives.
struct Affine {
  f: vec2f,
  a: vec2f,
  b: vec2f,
  aa: vec2f,
  ab: vec2f,
  bb: vec2f,
}

fn affine_of(point: u32, channel: u32) -> Affine {
  let first = point * PARTS * shape.channels + channel;
  let none = vec2f(0.0);
  var own = Affine(
    affine[first],
    affine[first + shape.channels],
    affine[first + 2u * shape.channels],
    none,
    none,
    none,
  );
  if (ORDER == 2u) {
    own.aa = affine[first + 3u * shape.channels];
    own.ab = affine[first + 4u * shape.channels];
    own.bb = affine[first + 5u * shape.channels];
  }
  return own;
}

// F·x + S.
fn scaled(x: Jet, own: Affine) -> Jet {
  let f = own.f.x;
  var jet = still(f * x.v + own.f.y);
  jet.a = f * x.a + (own.a.x * x.v + own.a.y);
  jet.b = f * x.b + (own.b.x * x.v + own.b.y);
  if (ORDER == 2u) {
    jet.aa = f * x.aa + 2.0 * own.a.x * x.a + (own.aa.x * x.v + own.aa.y);
    jet.ab = f * x.ab + own.a.x * x.b + own.b.x * x.a + (own.ab.x * x.v + own.ab.y);
    jet.bb = f * x.bb + 2.0 * own.b.x * x.b + (own.bb.x * x.v + own.bb.y);
  }
  return jet;
}

fn sum(x: Jet, y: Jet) -> Jet {
  return Jet(x.v + y.v, x.a + y.a, x.b + y.b, x.aa + y.aa, x.ab + y.ab, x.bb + y.bb);
}

fn activated(x: Jet) -> Jet {
  let first = derivative(x.v, shape.slope);
  var jet = still(activate(x.v, shape.slope));
  jet.a = first * x.a;
  jet.b = first * x.b;
  if (ORDER == 2u) {
    let second = bend(x.v, shape.slope);
    jet.aa = first * x.aa + second * x.a * x.a;
    jet.ab = first * x.ab + second * x.a * x.b;
    jet.bb = first * x.bb + second * x.b * x.b;
  }
  return jet;
}

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane);
  // Neighbours take neighbouring columns.
  let step = (shape.columns + COLUMNS - 1u) / COLUMNS;
  let row = index / step;
  let point = group.z;
  if (row >= shape.count) {
    return;
  }
  var own: Affine;
  if (AFFINE) {
    own = affine_of(point, shape.channel + row / shape.plane);
  }
  for (var column = index % step; column < shape.columns; column = column + step) {
    var jet: Jet;
    if (INPUT == 2u) {
      jet = from_first(point, row, column);
    } else {
      jet = source_jet(point, row, column);
    }
    if (INPUT == 1u) {
      jet = from_products(jet, point, row, column);
    }
    if (AFFINE) {
      jet = scaled(jet, own);
    }
    if (SCALE) {
      let f = shape.factor;
      jet = Jet(f * jet.v + shape.offset, f * jet.a, f * jet.b, f * jet.aa, f * jet.ab, f * jet.bb);
    }
    if (RESIDUAL) {
      jet = sum(jet, residual_jet(point, row, column));
    }
    if (ACTIVATE) {
      jet = activated(jet);
    }
    store(point, row, column, jet);
  }
}
