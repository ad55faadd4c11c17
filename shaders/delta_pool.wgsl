// Maxima's remainders: of every tap of a window the centre has z_j − z_winner, and how much faster it grows than the winner along α
// and along β; R is the largest of gap_j/ρ² + rate_j/ρ + R_j.
#import flat

#struct DeltaPoolShape

@group(0) @binding(0) var<uniform> shape: DeltaPoolShape;
@group(0) @binding(1) var<storage, read> offsets: array<vec4f>; // [point] (a, b, ρ, 0)
@group(0) @binding(2) var<storage, read> source: array<vec4f>; // [point][channel][pixel][sample / 4]
@group(0) @binding(3) var<storage, read> centre: array<vec4f>; // [tap][gap, rates][row][sample / 4]
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>; // [point][channel][pixel][sample / 4]

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
  let inverse = 1.0 / own.z;
  let out_pixels = shape.out_height * shape.out_width;
  let channel = row / out_pixels;
  let pixel = row % out_pixels;
  let top = i32((pixel / shape.out_width) * shape.stride_y) - shape.pad_top;
  let left = i32((pixel % shape.out_width) * shape.stride_x) - shape.pad_left;
  let base = point * shape.source_point + shape.source_first + column;
  let at = shape.kept + row * shape.centre_row + shape.centre_first + column;

  var best = vec4f(0.0);
  var found = false;
  for (var tap = 0u; tap < shape.taps_y * shape.taps_x; tap = tap + 1u) {
    let y = top + i32((tap / shape.taps_x) * shape.dilation_y);
    let x = left + i32((tap % shape.taps_x) * shape.dilation_x);
    if (y < 0 || y >= i32(shape.in_height) || x < 0 || x >= i32(shape.in_width)) {
      continue;
    }
    let from_row = (channel * shape.in_height + u32(y)) * shape.in_width + u32(x);
    let gap = at + 3u * tap * shape.section;
    let rate = own.x * inverse * centre[gap + shape.section] + own.y * inverse * centre[gap + 2u * shape.section];
    let r = centre[gap] * inverse * inverse + (rate + source[base + from_row * shape.source_row]);
    best = select(r, max(best, r), found);
    found = true;
  }
  output[(point * shape.rows + row) * shape.columns + column] = best;
}
