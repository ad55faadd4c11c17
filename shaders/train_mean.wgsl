// Means over the area of every channel of every sample.
#import flat

#struct TrainElementShape

@group(0) @binding(0) var<uniform> shape: TrainElementShape;
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
  // Four sums side by side keep the rounding of a large area small.
  var sums = vec4f(0.0);
  for (var k = 0u; k < shape.area; k++) {
    sums[k % 4u] = sums[k % 4u] + arena[shape.source + i * shape.area + k];
  }
  arena[shape.output + i] = ((sums.x + sums.y) + (sums.z + sums.w)) * shape.factor;
}
