// Dense layer at several points at once: output = epilogue(x · (c·W + α·D1 + β·D2)), weights formed in workgroup memory.
#import epilogue

#struct DenseShape

@group(0) @binding(0) var<uniform> shape: DenseShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [W, D1, D2][depth][outputs / 4]
@group(0) @binding(3) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(4) var<storage, read> source: array<vec4f>; // [point][input][sample / 4]
@group(0) @binding(5) var<storage, read> residual: array<vec4f>; // [point][output][sample / 4]
@group(0) @binding(6) var<storage, read_write> output: array<vec4f>; // [point][output][sample / 4]

override SAMPLE_LANES: u32 = 8; // invocations along samples, 8 samples each
override OUTPUT_LANES: u32 = 4; // invocations along outputs, 8 outputs each
override POINT_LANES: u32 = 4; // points of a workgroup
override DEPTH: u32 = 16; // inputs per weight tile
override EPILOGUE: bool = true; // false: store the bare product

override LANES = SAMPLE_LANES * OUTPUT_LANES * POINT_LANES;
override SLAB = OUTPUT_LANES * 2; // vec4s of a tile's row

// [point][input][output / 4]
var<workgroup> tile: array<vec4f, POINT_LANES * DEPTH * OUTPUT_LANES * 2>;

// Rows and columns are padded, so that nothing here depends on the sizes.
fn store(point: u32, row: u32, low: u32, value_low: vec4f, value_high: vec4f) {
  var first = value_low;
  var second = value_high;
  if (EPILOGUE) {
    let channel = affine[point * shape.channels + shape.channel + row];
    first = channel.x * first + channel.y;
    second = channel.x * second + channel.y;
    if (RESIDUAL) {
      let at = point * shape.residual_point + shape.residual_first + row * shape.residual_row + low;
      first = first + residual[at];
      second = second + residual[at + SAMPLE_LANES];
    }
    first = activate(first, shape.slope);
    second = activate(second, shape.slope);
  }
  let at = (point * shape.rows + row) * shape.columns + low;
  output[at] = first;
  output[at + SAMPLE_LANES] = second;
}

@compute @workgroup_size(SAMPLE_LANES * OUTPUT_LANES * POINT_LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sample_lane = lane % SAMPLE_LANES;
  let output_lane = (lane / SAMPLE_LANES) % OUTPUT_LANES;
  let point_lane = lane / (SAMPLE_LANES * OUTPUT_LANES);
  let slab_first = group.y * SLAB;
  let point_first = group.z * POINT_LANES;
  let point = point_first + point_lane;
  let low = group.x * SAMPLE_LANES * 2u + sample_lane;

  var at_low = point * shape.source_point + shape.source_first + low;
  var at_high = at_low + SAMPLE_LANES;
  let tile_first = point_lane * DEPTH * SLAB + output_lane * 2u;
  let section = shape.depth * shape.slabs;

  var a0 = vec4f(); var b0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f();
  var a4 = vec4f(); var b4 = vec4f();
  var a5 = vec4f(); var b5 = vec4f();
  var a6 = vec4f(); var b6 = vec4f();
  var a7 = vec4f(); var b7 = vec4f();

  for (var first = 0u; first < shape.inputs; first = first + DEPTH) {
    workgroupBarrier();
    for (var entry = lane; entry < DEPTH * SLAB; entry = entry + LANES) {
      let index = (first + entry / SLAB) * shape.slabs + slab_first + entry % SLAB;
      let w = weights[index];
      let d1 = weights[index + section];
      let d2 = weights[index + 2u * section];
      for (var p = 0u; p < POINT_LANES; p = p + 1u) {
        let coordinates = points[point_first + p];
        var formed = coordinates.x * w;
        formed = formed + coordinates.y * d1;
        formed = formed + coordinates.z * d2;
        tile[p * DEPTH * SLAB + entry] = formed;
      }
    }
    workgroupBarrier();

    let count = min(DEPTH, shape.inputs - first);
    var at_tile = tile_first;
    for (var k = 0u; k < count; k = k + 1u) {
      let x = source[at_low];
      let y = source[at_high];
      let v = tile[at_tile];
      let w = tile[at_tile + 1u];
      a0 = a0 + v.x * x; b0 = b0 + v.x * y;
      a1 = a1 + v.y * x; b1 = b1 + v.y * y;
      a2 = a2 + v.z * x; b2 = b2 + v.z * y;
      a3 = a3 + v.w * x; b3 = b3 + v.w * y;
      a4 = a4 + w.x * x; b4 = b4 + w.x * y;
      a5 = a5 + w.y * x; b5 = b5 + w.y * y;
      a6 = a6 + w.z * x; b6 = b6 + w.z * y;
      a7 = a7 + w.w * x; b7 = b7 + w.w * y;
      at_tile = at_tile + SLAB;
      at_low = at_low + shape.source_row;
      at_high = at_high + shape.source_row;
    }
  }

  // Two rows at a time, the others moving up: one copy of the epilogue instead of eight keeps compilers quick.
  var row = (slab_first + output_lane * 2u) * 4u;
  for (var pair = 0u; pair < 4u; pair = pair + 1u) {
    store(point, row, low, a0, b0);
    store(point, row + 1u, low, a1, b1);
    row = row + 2u;
    a0 = a2; b0 = b2; a1 = a3; b1 = b3;
    a2 = a4; b2 = b4; a3 = a5; b3 = b5;
    a4 = a6; b4 = b6; a5 = a7; b5 = b7;
  }
}
