// Partial sums of a product's slices, added in order to what is there.
#import flat

#struct TrainFoldShape

@group(0) @binding(0) var<uniform> shape: TrainFoldShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_index(group, groups, lane);
  if (i >= shape.count) {
    return;
  }
  var sum = 0.0;
  for (var slice = 0u; slice < shape.slices; slice++) {
    sum = sum + arena[shape.source + slice * shape.count + i];
  }
  arena[shape.output + i] = arena[shape.output + i] + sum;
}
