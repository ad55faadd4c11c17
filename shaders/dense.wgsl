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

fn store(point: u32, output_index: u32, low: u32, high: u32, value_low: vec4f, value_high: vec4f) {
  if (output_index >= shape.outputs) {
    return;
  }
  var first = value_low;
  var second = value_high;
  let row = (point * shape.outputs + output_index) * shape.columns;
  let has_high = high < shape.columns;
  if (EPILOGUE) {
    let channel = affine[point * shape.channels + shape.channel + output_index];
    first = channel.x * first + channel.y;
    second = channel.x * second + channel.y;
    if (RESIDUAL) {
      let base = point * shape.residual_point + shape.residual_first + output_index * shape.residual_row;
      first = first + residual[base + low];
      second = second + residual[base + min(high, shape.columns - 1u)];
    }
    first = activate(first, shape.slope);
    second = activate(second, shape.slope);
  }
  output[row + low] = first;
  if (has_high) {
    output[row + high] = second;
  }
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
  let high = low + SAMPLE_LANES;

  // Lanes past the end read the last row that exists and store nothing.
  let source_base = min(point, shape.points - 1u) * shape.source_point + shape.source_first;
  var at_low = source_base + min(low, shape.columns - 1u);
  var at_high = source_base + min(high, shape.columns - 1u);
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

  if (point >= shape.points || low >= shape.columns) {
    return;
  }
  let o = (slab_first + output_lane * 2u) * 4u;
  store(point, o, low, high, a0, b0);
  store(point, o + 1u, low, high, a1, b1);
  store(point, o + 2u, low, high, a2, b2);
  store(point, o + 3u, low, high, a3, b3);
  store(point, o + 4u, low, high, a4, b4);
  store(point, o + 5u, low, high, a5, b5);
  store(point, o + 6u, low, high, a6, b6);
  store(point, o + 7u, low, high, a7, b7);
}
