// Remainders of products of two values, each broadcast along axes where it has one element: x·R_y + y·R_x + Δx·Δy/ρ².
#import flat

#struct DeltaMultiplyShape

@group(0) @binding(0) var<uniform> shape: DeltaMultiplyShape;
@group(0) @binding(1) var<storage, read> offsets: array<vec4f>; // [point] (a, b, ρ, 0)
@group(0) @binding(2) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // the other factor, [point][row][sample / 4]
@group(0) @binding(4) var<storage, read> centre: array<vec4f>; // of each factor [t1, t2, value][row][sample / 4]
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

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
  let place = vec3u(
    row / (shape.size_2 * shape.size_1),
    (row / shape.size_2) % shape.size_1,
    row % shape.size_2,
  );
  // A stride of 0 repeats the one element.
  let one = dot(place, vec3u(shape.one_0, shape.one_1, shape.one_2));
  let other = dot(place, vec3u(shape.other_0, shape.other_1, shape.other_2));
  let x = source[point * shape.source_point + shape.source_first + one * shape.source_row + column];
  let y = residual[point * shape.residual_point + shape.residual_first + other * shape.residual_row + column];
  let u = shape.kept + one * shape.centre_row + shape.centre_first + column;
  let v = shape.other_kept + other * shape.centre_row + shape.centre_first + column;
  let dx = own.x * centre[u] + own.y * centre[u + shape.section] + own.z * x;
  let dy = own.x * centre[v] + own.y * centre[v + shape.other_section] + own.z * y;
  let r = centre[u + 2u * shape.section] * y + (centre[v + 2u * shape.other_section] * x + dx * dy);
  output[(point * shape.rows + row) * shape.columns + column] = r;
}
