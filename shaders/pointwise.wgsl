// Element by element: output = activation(scale · input + shift + residual); batchnorm, scale, add and activation that no
// product could take in.
#import epilogue
#import flat

#struct PointwiseShape

@group(0) @binding(0) var<uniform> shape: PointwiseShape;
@group(0) @binding(1) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(2) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

override AFFINE: bool = false; // scales and shifts by channel
override SCALE: bool = false; // scales and shifts all alike

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
  var value = source[point * shape.source_point + shape.source_first + row * shape.source_row + column];
  if (AFFINE) {
    let channel = affine[point * shape.channels + shape.channel + row / shape.plane];
    value = channel.x * value + channel.y;
  }
  if (SCALE) {
    value = shape.factor * value + shape.offset;
  }
  if (RESIDUAL) {
    value = value + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
  }
  output[(point * shape.rows + row) * shape.columns + column] = activate(value, shape.slope);
}
