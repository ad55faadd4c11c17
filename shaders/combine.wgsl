// First perturbed layer, linear in (α, β): output = epilogue(xW + α·xD1 + β·xD2) from products made once per data set.
#import epilogue
#import flat

#struct CombineShape

@group(0) @binding(0) var<uniform> shape: CombineShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> products: array<vec4f>; // [xW, xD1, xD2][row][sample / 4]
@group(0) @binding(3) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(4) var<storage, read> residual: array<vec4f>; // [point][row][sample / 4]
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

const POINTS = 8u; // served by one invocation, so that a product is loaded once for them

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane);
  let row = index / shape.columns;
  let column = index % shape.columns;
  if (row >= shape.count) {
    return;
  }
  let at = shape.products_first + row * shape.products_row + column;
  let w = products[at];
  let d1 = products[at + shape.products_section];
  let d2 = products[at + 2u * shape.products_section];
  let channel = shape.channel + row / shape.plane;
  let end = min(group.z * POINTS + POINTS, shape.points);
  for (var point = group.z * POINTS; point < end; point = point + 1u) {
    let coordinates = points[point];
    let scale_shift = affine[point * shape.channels + channel];
    var value = coordinates.x * w;
    value = value + coordinates.y * d1;
    value = value + coordinates.z * d2;
    value = scale_shift.x * value + scale_shift.y;
    if (RESIDUAL) {
      value = value + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
    }
    output[(point * shape.rows + row) * shape.columns + column] = activate(value, shape.slope);
  }
}
