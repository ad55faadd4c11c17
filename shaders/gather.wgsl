// Copies a block of three axes from stepped places, with a constant where the source ends: pad, slice and concat.
#import flat

#struct GatherShape

@group(0) @binding(0) var<uniform> shape: GatherShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

override LANES: u32 = 1; // places that a point takes up, each a part of a value
override FILLED: u32 = 1; // those that the constant belongs to, one bit each

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
  let start = vec3i(shape.start_0, shape.start_1, shape.start_2);
  let step = vec3i(shape.step_0, shape.step_1, shape.step_2);
  let sizes = vec3i(shape.source_size_0, shape.source_size_1, shape.source_size_2);
  let from_place = start + vec3i(place) * step;
  var value = vec4f(select(0.0, shape.fill, ((FILLED >> (point % LANES)) & 1u) == 1u));
  if (all(from_place >= vec3i(0)) && all(from_place < sizes)) {
    let from_row = u32((from_place.x * sizes.y + from_place.y) * sizes.z + from_place.z);
    value = source[point * shape.source_point + shape.source_first + from_row * shape.source_row + column];
  }
  let to_row = shape.out_first + (place.x * shape.out_size_1 + place.y) * shape.out_size_2 + place.z;
  output[(point * shape.rows + to_row) * shape.columns + column] = value;
}
