// Dense layers and convolutions without workgroup memory, eight outputs and sixteen samples an invocation. For renderers on
// the CPU, which pay dearly for barriers and for every load, so that weights are formed by a stage before where they can be.
#import epilogue

#struct LinearShape

@group(0) @binding(0) var<uniform> shape: LinearShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [W, D1, D2] or, formed, [point][group][tap][depth][outputs / 4]
@group(0) @binding(3) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(4) var<storage, read> source: array<array<vec4f, 2>>; // [point][input][pixel][sample / 8]
@group(0) @binding(5) var<storage, read> residual: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]
@group(0) @binding(6) var<storage, read_write> output: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]

override EPILOGUE: bool = true; // false: store the bare product
override FORMED: bool = false; // the weights are those of each point
override OUTPUT_LANES: u32 = 4; // invocations along outputs, 8 each

const SAMPLE_LANES = 16u; // invocations along pixels and samples, 16 samples each

// One row of one octet of samples.
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

// One row of an invocation's two octets, if there are such.
fn store_pair(
  point: u32,
  first_row: u32,
  row: u32,
  end: u32,
  column: u32,
  residual_column: u32,
  other: u32,
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
) {
  if (row >= end) {
    return;
  }
  store(point, first_row + row, column, residual_column, a, b);
  if (other == 1u) {
    store(point, first_row + row, column + 1u, residual_column + 1u, c, d);
  }
}

fn formed(at: u32, section: u32, coordinates: vec4f) -> vec4f {
  if (FORMED) {
    return weights[at];
  }
  var w = coordinates.x * weights[at];
  w = w + coordinates.y * weights[at + section];
  w = w + coordinates.z * weights[at + 2u * section];
  return w;
}

@compute @workgroup_size(SAMPLE_LANES, OUTPUT_LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let chunks = (shape.octets + 1u) / 2u;
  let pixel = id.x / chunks;
  let octet = 2u * (id.x % chunks);
  // Pairs of slabs of four outputs, group by group of channels.
  let pairs = (shape.outputs + 7u) / 8u;
  let member = id.y / pairs;
  let slab = 2u * (id.y % pairs);
  let point = id.z;
  if (pixel >= shape.out_pixels || member >= shape.groups) {
    return;
  }
  // An odd octet at the end is computed twice and stored once.
  let other = select(0u, 1u, octet + 1u < shape.octets);
  let corner_y = i32((pixel / shape.out_width) * shape.stride_y) - shape.pad_top;
  let corner_x = i32((pixel % shape.out_width) * shape.stride_x) - shape.pad_left;
  let in_row = shape.in_height * shape.in_width * shape.source_row;
  let source_first = point * shape.source_point + shape.source_first + member * shape.inputs * in_row + octet;
  let section = shape.groups * shape.taps_y * shape.taps_x * shape.depth * shape.slabs;
  let coordinates = points[point];
  let weights_first = select(0u, point * section, FORMED);

  var a0 = vec4f(); var b0 = vec4f(); var c0 = vec4f(); var d0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f(); var c1 = vec4f(); var d1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f(); var c2 = vec4f(); var d2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f(); var c3 = vec4f(); var d3 = vec4f();
  var a4 = vec4f(); var b4 = vec4f(); var c4 = vec4f(); var d4 = vec4f();
  var a5 = vec4f(); var b5 = vec4f(); var c5 = vec4f(); var d5 = vec4f();
  var a6 = vec4f(); var b6 = vec4f(); var c6 = vec4f(); var d6 = vec4f();
  var a7 = vec4f(); var b7 = vec4f(); var c7 = vec4f(); var d7 = vec4f();

  for (var ky = 0u; ky < shape.taps_y; ky = ky + 1u) {
    let y = corner_y + i32(ky * shape.dilation_y);
    if (y < 0 || y >= i32(shape.in_height)) {
      continue;
    }
    for (var kx = 0u; kx < shape.taps_x; kx = kx + 1u) {
      let x = corner_x + i32(kx * shape.dilation_x);
      if (x < 0 || x >= i32(shape.in_width)) {
        continue;
      }
      var at_source = source_first + (u32(y) * shape.in_width + u32(x)) * shape.source_row;
      let tap = (member * shape.taps_y + ky) * shape.taps_x + kx;
      var at_weight = weights_first + tap * shape.depth * shape.slabs + slab;
      for (var k = 0u; k < shape.inputs; k = k + 1u) {
        let p = source[at_source][0];
        let q = source[at_source][1];
        let r = source[at_source + other][0];
        let s = source[at_source + other][1];
        let v = formed(at_weight, section, coordinates);
        let w = formed(at_weight + 1u, section, coordinates);
        a0 = a0 + v.x * p; b0 = b0 + v.x * q; c0 = c0 + v.x * r; d0 = d0 + v.x * s;
        a1 = a1 + v.y * p; b1 = b1 + v.y * q; c1 = c1 + v.y * r; d1 = d1 + v.y * s;
        a2 = a2 + v.z * p; b2 = b2 + v.z * q; c2 = c2 + v.z * r; d2 = d2 + v.z * s;
        a3 = a3 + v.w * p; b3 = b3 + v.w * q; c3 = c3 + v.w * r; d3 = d3 + v.w * s;
        a4 = a4 + w.x * p; b4 = b4 + w.x * q; c4 = c4 + w.x * r; d4 = d4 + w.x * s;
        a5 = a5 + w.y * p; b5 = b5 + w.y * q; c5 = c5 + w.y * r; d5 = d5 + w.y * s;
        a6 = a6 + w.z * p; b6 = b6 + w.z * q; c6 = c6 + w.z * r; d6 = d6 + w.z * s;
        a7 = a7 + w.w * p; b7 = b7 + w.w * q; c7 = c7 + w.w * r; d7 = d7 + w.w * s;
        at_source = at_source + in_row;
        at_weight = at_weight + shape.slabs;
      }
    }
  }

  let column = pixel * shape.octets + octet;
  let residual_column = shape.residual_first + pixel * shape.residual_row + octet;
  // Four rows at a time, the others moving up: few copies of the epilogue keep compilers quick, few rounds the moves.
  let end = min(4u * slab + 8u, shape.outputs);
  for (var row = 4u * slab; row < end; row = row + 4u) {
    store_pair(point, member * shape.outputs, row, end, column, residual_column, other, a0, b0, c0, d0);
    store_pair(point, member * shape.outputs, row + 1u, end, column, residual_column, other, a1, b1, c1, d1);
    store_pair(point, member * shape.outputs, row + 2u, end, column, residual_column, other, a2, b2, c2, d2);
    store_pair(point, member * shape.outputs, row + 3u, end, column, residual_column, other, a3, b3, c3, d3);
    a0 = a4; b0 = b4; c0 = c4; d0 = d4;
    a1 = a5; b1 = b5; c1 = c5; d1 = d5;
    a2 = a6; b2 = b6; c2 = c6; d2 = d6;
    a3 = a7; b3 = b7; c3 = c7; d3 = d7;
  }
}
