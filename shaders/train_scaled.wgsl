// output = factor · source + offset, or added to what is there: sums, scaling, and gradients handed on.
#import flat

#struct TrainElementShape

@group(0) @binding(0) var<uniform> shape: TrainElementShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override ADDED: bool = false;
override REPEAT: bool = false; // source has one element for `area` of the output

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
  let origin = select(i, i / shape.area, REPEAT);
  var value = shape.factor * arena[shape.source + origin] + shape.offset;
  if (ADDED) {
    value = value + arena[shape.output + i];
  }
  arena[shape.output + i] = value;
}
