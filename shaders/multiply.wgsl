// Product of two values element by element, each broadcast along axes where it has one element.
#import flat

#struct MultiplyShape

@group(0) @binding(0) var<uniform> shape: MultiplyShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(2) var<storage, read> residual: array<vec4f>; // the other factor, [point][row][sample / 4]
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

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
  let place = vec3u(
    row / (shape.size_2 * shape.size_1),
    (row / shape.size_2) % shape.size_1,
    row % shape.size_2,
  );
  // A stride of 0 repeats the one element.
  let one = dot(place, vec3u(shape.one_0, shape.one_1, shape.one_2));
  let other = dot(place, vec3u(shape.other_0, shape.other_1, shape.other_2));
  let a = source[point * shape.source_point + shape.source_first + one * shape.source_row + column];
  let b = residual[point * shape.residual_point + shape.residual_first + other * shape.residual_row + column];
  output[(point * shape.rows + row) * shape.columns + column] = a * b;
}
