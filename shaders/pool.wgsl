// Max or average pooling over windows of [channel][pixel]; a window's part beyond the border counts nothing.
#import bits
#import flat

#struct PoolShape

@group(0) @binding(0) var<uniform> shape: PoolShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][channel][pixel][sample / 4]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // [point][channel][pixel][sample / 4]

override MAXIMUM: bool = true; // else the average
override COUNT_PADDING: bool = false; // the average divides by the padded window

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
  let height = i32(shape.in_height);
  let width = i32(shape.in_width);
  let base = point * shape.source_point + shape.source_first + column;

  var best = bitcast<vec4f>(vec4u(shape.minus_infinity_bits));
  var sum = vec4f(0.0);
  var inside = 0u;
  for (var ky = 0u; ky < shape.taps_y; ky = ky + 1u) {
    let y = top + i32(ky * shape.dilation_y);
    if (y < 0 || y >= height) {
      continue;
    }
    var line = vec4f(0.0);
    for (var kx = 0u; kx < shape.taps_x; kx = kx + 1u) {
      let x = left + i32(kx * shape.dilation_x);
      if (x < 0 || x >= width) {
        continue;
      }
      let from_row = (channel * shape.in_height + u32(y)) * shape.in_width + u32(x);
      let value = source[base + from_row * shape.source_row];
      // NaN beats everything, as in PyTorch.
      best = select(best, value, ((value > best) & !is_nan(best)) | is_nan(value));
      line = line + value;
      inside = inside + 1u;
    }
    sum = sum + line;
  }
  if (!MAXIMUM) {
    var count = inside;
    if (COUNT_PADDING) {
      // The window as far as the padded image goes; rounding the size up may leave it.
      let reach_y = min(i32((shape.taps_y - 1u) * shape.dilation_y) + 1, height + shape.pad_bottom - top);
      let reach_x = min(i32((shape.taps_x - 1u) * shape.dilation_x) + 1, width + shape.pad_right - left);
      let lines = (u32(reach_y) + shape.dilation_y - 1u) / shape.dilation_y;
      count = lines * ((u32(reach_x) + shape.dilation_x - 1u) / shape.dilation_x);
    }
    best = sum / f32(count);
  }
  output[(point * shape.rows + row) * shape.columns + column] = best;
}
