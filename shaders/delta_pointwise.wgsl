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

const POINTS = 8u; // served by one invocation, so that what is kept of the centre is loaded once for them

// q11, q12 and q22 of a moved scale or moved weights.
struct Second {
  q11: vec4f,
  q12: vec4f,
  q22: vec4f,
}

fn second_at(at: u32) -> Second {
  return Second(centre[at], centre[at + shape.section], centre[at + 2u * shape.section]);
}

// a²·q11 + ab·q12 + b²·q22.
fn second_order(q: Second, own: vec4f) -> vec4f {
  var sum = own.y * own.y * q.q22;
  sum = sum + own.x * own.y * q.q12;
  return sum + own.x * own.x * q.q11;
}

fn kept_at(at: u32) -> Kept {
  var kept: Kept;
  kept.t1 = centre[at];
  kept.t2 = centre[at + shape.section];
  kept.n0 = centre[at + 2u * shape.section];
  if (NEEDS > 1u) {
    kept.n1 = centre[at + 3u * shape.section];
  }
  if (NEEDS > 2u) {
    kept.n2 = centre[at + 4u * shape.section];
  }
  return kept;
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
  if (row >= shape.count) {
    return;
  }
  let at = row * shape.centre_row + shape.centre_first + column;
  let channel = shape.channel + row / shape.plane;
  var layer: Second;
  if (SECOND) {
    layer = second_at(shape.second + at);
  }
  var norm: Second;
  if (RESCALED) {
    norm = second_at(shape.norm + at);
  }
  var kept: Kept;
  if (ACTIVATE) {
    kept = kept_at(shape.kept + at);
  }
  let end = min(group.z * POINTS + POINTS, shape.points);
  for (var point = group.z * POINTS; point < end; point = point + 1u) {
    let own = offsets[point];
    var r = vec4f(0.0);
    if (!STILL) {
      r = source[point * shape.source_point + shape.source_first + row * shape.source_row + column];
    }
    if (SECOND) {
      r = r + second_order(layer, own);
    }
    if (AFFINE) {
      r = affine[point * shape.channels + channel].x * r;
    }
    if (RESCALED) {
      r = r + second_order(norm, own);
    }
    r = shape.factor * r;
    if (RESIDUAL) {
      r = r + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
    }
    if (ACTIVATE) {
      r = remainder(r, kept, Offset(own.x, own.y, own.z, shape.slope));
    }
    output[(point * shape.rows + row) * shape.columns + column] = r;
  }
}
