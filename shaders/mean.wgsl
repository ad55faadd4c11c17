// Mean over some of three axes; lines are summed first, so that a plane's rounding stays that of its side.
#import flat

#struct MeanShape

@group(0) @binding(0) var<uniform> shape: MeanShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

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
  // Kept axes have their size in kept_…, reduced ones in sum_…; each is 1 in the other.
  let third = row % shape.kept_2;
  let second = (row / shape.kept_2) % shape.kept_1;
  let first = row / (shape.kept_2 * shape.kept_1);
  let start = first * shape.stride_0 + second * shape.stride_1 + third;
  let base = point * shape.source_point + shape.source_first + column;
  var total = vec4f(0.0);
  for (var i = 0u; i < shape.sum_0; i = i + 1u) {
    var plane = vec4f(0.0);
    for (var j = 0u; j < shape.sum_1; j = j + 1u) {
      var line = vec4f(0.0);
      for (var k = 0u; k < shape.sum_2; k = k + 1u) {
        line = line + source[base + (start + i * shape.stride_0 + j * shape.stride_1 + k) * shape.source_row];
      }
      plane = plane + line;
    }
    total = total + plane;
  }
  let count = f32(shape.sum_0 * shape.sum_1 * shape.sum_2);
  output[(point * shape.rows + row) * shape.columns + column] = total / count;
}
