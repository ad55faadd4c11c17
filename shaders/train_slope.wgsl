// The way back through an activation: output = gradient · activation′(source), or added to what is there.
#choose slope
#import flat

#struct TrainElementShape

@group(0) @binding(0) var<uniform> shape: TrainElementShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override ADDED: bool = false;

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = 4u * flat_index(group, groups, lane);
  var x = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (first + i < shape.count) {
      x[i] = arena[shape.source + first + i];
    }
  }
  let slopes = derivative(x, shape.slope);
  for (var i = 0u; i < 4u; i++) {
    if (first + i < shape.count) {
      var value = arena[shape.gradient + first + i] * slopes[i];
      if (ADDED) {
        value = value + arena[shape.output + first + i];
      }
      arena[shape.output + first + i] = value;
    }
  }
}
