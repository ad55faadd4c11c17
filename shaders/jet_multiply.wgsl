// Product of two jets element by element, each broadcast along axes where it has one element.
#import flat
#import jet_inputs
#import jet_output

#struct MultiplyShape

@group(0) @binding(0) var<uniform> shape: MultiplyShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][lane][row][sample / 4]
@group(0) @binding(2) var<storage, read> residual: array<vec4f>; // the other factor, [point][lane][row][sample / 4]
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>; // [point][lane][row][sample / 4]

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
  let place = vec3u(
    row / (shape.size_2 * shape.size_1),
    (row / shape.size_2) % shape.size_1,
    row % shape.size_2,
  );
  // A stride of 0 repeats the one element.
  let x = source_jet(group.z, dot(place, vec3u(shape.one_0, shape.one_1, shape.one_2)), column);
  let y = residual_jet(group.z, dot(place, vec3u(shape.other_0, shape.other_1, shape.other_2)), column);
  var jet = still(x.v * y.v);
  jet.a = x.v * y.a + x.a * y.v;
  jet.b = x.v * y.b + x.b * y.v;
  if (ORDER == 2u) {
    jet.aa = x.v * y.aa + 2.0 * x.a * y.a + x.aa * y.v;
    jet.ab = x.v * y.ab + x.a * y.b + x.b * y.a + x.ab * y.v;
    jet.bb = x.v * y.bb + 2.0 * x.b * y.b + x.bb * y.v;
  }
  store(group.z, row, column, jet);
}
