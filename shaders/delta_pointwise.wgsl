// Remainders of differences from a centre, element by element: R of activation(scale · input + residual), the input a layer's
// product with R, to which a²·q11 + ab·q12 + b²·q22 is added, what moved weights make of a moved input; as to a normalisation's whose scale moves.
#choose remainder
#import flat

#struct DeltaPointwiseShape

@group(0) @binding(0) var<uniform> shape: DeltaPointwiseShape;
@group(0) @binding(1) var<storage, read> offsets: array<vec4f>; // [point] (a, b, ρ, 0)
@group(0) @binding(2) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(3) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(4) var<storage, read> residual: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(5) var<storage, read> centre: array<vec4f>; // [array][row][sample / 4]
@group(0) @binding(6) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

override STILL: bool = false; // the input does not move: its remainder is 0
override SECOND: bool = false; // moved weights meet a moved input
override RESCALED: bool = false; // a moved scale meets a moved input
override RESIDUAL: bool = false;
override AFFINE: bool = false; // scales by channel
override NEEDS: u32 = 0; // functions of the activation's input that are kept
override ACTIVATE: bool = false; // false: the identity

// a²·q11 + ab·q12 + b²·q22, q11 at `at`.
fn second_order(at: u32, own: vec4f) -> vec4f {
  var sum = own.y * own.y * centre[at + 2u * shape.section];
  sum = sum + own.x * own.y * centre[at + shape.section];
  return sum + own.x * own.x * centre[at];
}

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane);
  let row = index / shape.columns;
  let column = index % shape.columns;
  let point = group.z;
  if (row >= shape.count) {
    return;
  }
  let own = offsets[point];
  let at = row * shape.centre_row + shape.centre_first + column;
  var r = vec4f(0.0);
  if (!STILL) {
    r = source[point * shape.source_point + shape.source_first + row * shape.source_row + column];
  }
  if (SECOND) {
    r = r + second_order(shape.second + at, own);
  }
  if (AFFINE) {
    r = affine[point * shape.channels + shape.channel + row / shape.plane].x * r;
  }
  if (RESCALED) {
    r = r + second_order(shape.norm + at, own);
  }
  r = shape.factor * r;
  if (RESIDUAL) {
    r = r + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
  }
  if (ACTIVATE) {
    let t = shape.kept + at;
    var kept: Kept;
    kept.t1 = centre[t];
    kept.t2 = centre[t + shape.section];
    kept.n0 = centre[t + 2u * shape.section];
    if (NEEDS > 1u) {
      kept.n1 = centre[t + 3u * shape.section];
    }
    if (NEEDS > 2u) {
      kept.n2 = centre[t + 4u * shape.section];
    }
    r = remainder(r, kept, Offset(own.x, own.y, own.z, shape.slope));
  }
  output[(point * shape.rows + row) * shape.columns + column] = r;
}
