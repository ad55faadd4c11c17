// Max pooling of jets: all lanes are those of the window's largest value, the first one of several.
#import bits
#import flat
#import jet

#struct PoolShape

@group(0) @binding(0) var<uniform> shape: PoolShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][lane][channel][pixel][sample / 4]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // [point][lane][channel][pixel][sample / 4]

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
  let out_pixels = shape.out_height * shape.out_width;
  let channel = row / out_pixels;
  let pixel = row % out_pixels;
  let top = i32((pixel / shape.out_width) * shape.stride_y) - shape.pad_top;
  let left = i32((pixel % shape.out_width) * shape.stride_x) - shape.pad_left;
  let base = point * LANES * shape.source_point + shape.source_first + column;

  var best = bitcast<vec4f>(vec4u(shape.minus_infinity_bits));
  var winner = vec4u(0u);
  var found = vec4<bool>(false);
  for (var ky = 0u; ky < shape.taps_y; ky = ky + 1u) {
    let y = top + i32(ky * shape.dilation_y);
    if (y < 0 || y >= i32(shape.in_height)) {
      continue;
    }
    for (var kx = 0u; kx < shape.taps_x; kx = kx + 1u) {
      let x = left + i32(kx * shape.dilation_x);
      if (x < 0 || x >= i32(shape.in_width)) {
        continue;
      }
      let from_row = (channel * shape.in_height + u32(y)) * shape.in_width + u32(x);
      let value = source[base + from_row * shape.source_row];
      // NaN beats everything, as in PyTorch.
      let better = !found | ((value > best) & !is_nan(best)) | is_nan(value);
      best = select(best, value, better);
      winner = select(winner, vec4u(from_row), better);
      found = vec4<bool>(true);
    }
  }
  let from_places = base + winner * shape.source_row;
  let to_lane = shape.rows * shape.columns;
  let to = point * LANES * to_lane + row * shape.columns + column;
  for (var i = 0u; i < LANES; i = i + 1u) {
    let places = from_places + i * shape.source_point;
    let value = vec4f(source[places.x].x, source[places.y].y, source[places.z].z, source[places.w].w);
    // A window beyond the border is −∞ whatever the weights.
    let nothing = select(vec4f(0.0), best, i == 0u);
    output[to + i * to_lane] = select(nothing, value, found);
  }
}
