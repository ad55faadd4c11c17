// Element by element: output = activation(scale · input + shift + residual); batchnorm, add and activation that no product could take in.
#import epilogue

#struct PointwiseShape

@group(0) @binding(0) var<uniform> shape: PointwiseShape;
@group(0) @binding(1) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(2) var<storage, read> source: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

override AFFINE: bool = false; // scales and shifts by channel

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  let point = id.z;
  if (column >= shape.columns) {
    return;
  }
  var value = source[point * shape.source_point + shape.source_first + row * shape.source_row + column];
  if (AFFINE) {
    let channel = affine[point * shape.channels + shape.channel + row / shape.plane];
    value = channel.x * value + channel.y;
  }
  if (RESIDUAL) {
    value = value + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
  }
  output[(point * shape.rows + row) * shape.columns + column] = activate(value, shape.slope);
}
