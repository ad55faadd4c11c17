// Dense layers and convolutions at several points at once: output = epilogue(x ∗ (c·W + α·D1 + β·D2)), an implicit
// matrix product whose weights are formed in workgroup memory; a dense layer is the convolution of one pixel.
#import epilogue

#struct LinearShape

@group(0) @binding(0) var<uniform> shape: LinearShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [W, D1, D2][group][tap][depth][outputs / 4]
@group(0) @binding(3) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(4) var<storage, read> source: array<array<vec4f, 2>>; // [point][input][pixel][sample / 8]
@group(0) @binding(5) var<storage, read> residual: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]
@group(0) @binding(6) var<storage, read_write> output: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]

override SAMPLE_LANES: u32 = 8; // invocations along pixels and samples, 8 samples each
override OUTPUT_LANES: u32 = 4; // invocations along outputs, 8 outputs each
override POINT_LANES: u32 = 4; // points of a workgroup
override DEPTH: u32 = 16; // inputs per weight tile
override EPILOGUE: bool = true; // false: store the bare product
override GROUPED: bool = false; // several groups of channels, whose outputs may not fill a tile
override LANES = SAMPLE_LANES * OUTPUT_LANES * POINT_LANES;
override SLAB = OUTPUT_LANES * 2; // vec4s of a tile's row

// [point][input][output / 8]; pairs, so that one address check serves two loads
var<workgroup> tile: array<array<vec4f, 2>, POINT_LANES * DEPTH * OUTPUT_LANES>;

// Stores one row of one octet of samples. Rows are padded, so that only columns have an end.
fn store(point: u32, row: u32, column: u32, residual_column: u32, value_low: vec4f, value_high: vec4f) {
  var low = value_low;
  var high = value_high;
  if (EPILOGUE) {
    let channel = affine[point * shape.channels + shape.channel + row];
    low = channel.x * low + channel.y;
    high = channel.x * high + channel.y;
    if (RESIDUAL) {
      let at = point * shape.residual_point + row * shape.out_pixels * shape.residual_row + residual_column;
      low = low + residual[at][0];
      high = high + residual[at][1];
    }
    low = activate(low, shape.slope);
    high = activate(high, shape.slope);
  }
  let at = (point * shape.rows + row) * shape.columns + column;
  output[at][0] = low;
  output[at][1] = high;
}

@compute @workgroup_size(SAMPLE_LANES * OUTPUT_LANES * POINT_LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sample_lane = lane % SAMPLE_LANES;
  let output_lane = (lane / SAMPLE_LANES) % OUTPUT_LANES;
  let point_lane = lane / (SAMPLE_LANES * OUTPUT_LANES);
  let point_first = group.z * POINT_LANES;
  let point = point_first + point_lane;
  let column = group.x * SAMPLE_LANES + sample_lane;
  let pixel = column / shape.octets;
  let octet = column % shape.octets;
  let corner_y = i32((pixel / shape.out_width) * shape.stride_y) - shape.pad_top;
  let corner_x = i32((pixel % shape.out_width) * shape.stride_x) - shape.pad_left;
  // Workgroups along y are tiles of outputs, tile by tile within each group of channels.
  let tiles = shape.slabs / SLAB;
  let member = group.y / tiles;
  let slab_first = (group.y % tiles) * SLAB;

  let in_row = shape.in_height * shape.in_width * shape.source_row;
  let source_first = point * shape.source_point + shape.source_first + member * shape.inputs * in_row + octet;
  let tile_first = point_lane * DEPTH * OUTPUT_LANES + output_lane;
  let taps = shape.taps_y * shape.taps_x;
  let section = shape.groups * taps * shape.depth * shape.slabs;

  var a0 = vec4f(); var b0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f();
  var a4 = vec4f(); var b4 = vec4f();
  var a5 = vec4f(); var b5 = vec4f();
  var a6 = vec4f(); var b6 = vec4f();
  var a7 = vec4f(); var b7 = vec4f();

  for (var tap = 0u; tap < taps; tap = tap + 1u) {
    let y = corner_y + i32((tap / shape.taps_x) * shape.dilation_y);
    let x = corner_x + i32((tap % shape.taps_x) * shape.dilation_x);
    let inside = y >= 0 && y < i32(shape.in_height) && x >= 0 && x < i32(shape.in_width);
    var at_source = source_first + (u32(max(y, 0)) * shape.in_width + u32(max(x, 0))) * shape.source_row;

    for (var first = 0u; first < shape.inputs; first = first + DEPTH) {
      workgroupBarrier();
      for (var entry = lane; entry < DEPTH * SLAB; entry = entry + LANES) {
        let row = (member * taps + tap) * shape.depth + first + entry / SLAB;
        let index = row * shape.slabs + slab_first + entry % SLAB;
        let w = weights[index];
        let d1 = weights[index + section];
        let d2 = weights[index + 2u * section];
        for (var p = 0u; p < POINT_LANES; p = p + 1u) {
          let coordinates = points[point_first + p];
          var formed = coordinates.x * w;
          formed = formed + coordinates.y * d1;
          formed = formed + coordinates.z * d2;
          tile[p * DEPTH * OUTPUT_LANES + entry / 2u][entry % 2u] = formed;
        }
      }
      workgroupBarrier();

      // Beyond the border the input is zero: nothing to add.
      let count = select(0u, min(DEPTH, shape.inputs - first), inside);
      var at_tile = tile_first;
      for (var k = 0u; k < count; k = k + 1u) {
        let p = source[at_source][0];
        let q = source[at_source][1];
        let v = tile[at_tile][0];
        let w = tile[at_tile][1];
        a0 = a0 + v.x * p; b0 = b0 + v.x * q;
        a1 = a1 + v.y * p; b1 = b1 + v.y * q;
        a2 = a2 + v.z * p; b2 = b2 + v.z * q;
        a3 = a3 + v.w * p; b3 = b3 + v.w * q;
        a4 = a4 + w.x * p; b4 = b4 + w.x * q;
        a5 = a5 + w.y * p; b5 = b5 + w.y * q;
        a6 = a6 + w.z * p; b6 = b6 + w.z * q;
        a7 = a7 + w.w * p; b7 = b7 + w.w * q;
        at_tile = at_tile + OUTPUT_LANES;
        at_source = at_source + in_row;
      }
    }
  }

  if (column >= shape.columns) {
    return;
  }
  let residual_column = shape.residual_first + pixel * shape.residual_row + octet;
  let first_row = (slab_first + output_lane * 2u) * 4u;
  // Two rows at a time, the others moving up: one copy of the epilogue instead of eight keeps compilers quick.
  for (var pair = 0u; pair < 8u; pair = pair + 2u) {
    let row = first_row + pair;
    if (!GROUPED || row < shape.outputs) {
      store(point, member * shape.outputs + row, column, residual_column, a0, b0);
    }
    if (!GROUPED || row + 1u < shape.outputs) {
      store(point, member * shape.outputs + row + 1u, column, residual_column, a1, b1);
    }
    a0 = a2; b0 = b2; a1 = a3; b1 = b3;
    a2 = a4; b2 = b4; a3 = a5; b3 = b5;
    a4 = a6; b4 = b6; a5 = a7; b5 = b7;
  }
}
