// Weights of one layer at each point, c·W + α·D1 + β·D2, for stages that do not form their own.
#struct FormShape

@group(0) @binding(0) var<uniform> shape: FormShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [W, D1, D2][weight / 4]
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>; // [point][weight / 4]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.section) {
    return;
  }
  let coordinates = points[id.y];
  var formed = coordinates.x * weights[id.x];
  formed = formed + coordinates.y * weights[id.x + shape.section];
  formed = formed + coordinates.z * weights[id.x + 2u * shape.section];
  output[id.y * shape.section + id.x] = formed;
}
