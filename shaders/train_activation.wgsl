// output = activation(source), four elements an invocation.
#choose activation
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
  let first = 4u * flat_index(group, groups, lane);
  var x = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (first + i < shape.count) {
      x[i] = arena[shape.source + first + i];
    }
  }
  let y = activate(x, shape.slope);
  for (var i = 0u; i < 4u; i++) {
    if (first + i < shape.count) {
      arena[shape.output + first + i] = y[i];
    }
  }
}
