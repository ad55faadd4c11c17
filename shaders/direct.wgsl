// Dense layers and convolutions without workgroup memory: every invocation forms the weights of four outputs itself and
// uses them for sixteen samples. For renderers on the CPU, which pay dearly for barriers.
#import epilogue

#struct LinearShape

@group(0) @binding(0) var<uniform> shape: LinearShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> weights: array<vec4f>; // [W, D1, D2][group][tap][depth][outputs / 4]
@group(0) @binding(3) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(4) var<storage, read> source: array<array<vec4f, 2>>; // [point][input][pixel][sample / 8]
@group(0) @binding(5) var<storage, read> residual: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]
@group(0) @binding(6) var<storage, read_write> output: array<array<vec4f, 2>>; // [point][output][pixel][sample / 8]

override EPILOGUE: bool = true; // false: store the bare product
override SLAB_LANES: u32 = 4; // invocations along outputs, 4 each

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

@compute @workgroup_size(SAMPLE_LANES, SLAB_LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let chunks = (shape.octets + 1u) / 2u;
  let pixel = id.x / chunks;
  let octet = 2u * (id.x % chunks);
  // Slabs of four outputs, group by group of channels.
  let slabs = (shape.outputs + 3u) / 4u;
  let member = id.y / slabs;
  let slab = id.y % slabs;
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

  var a0 = vec4f(); var b0 = vec4f(); var c0 = vec4f(); var d0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f(); var c1 = vec4f(); var d1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f(); var c2 = vec4f(); var d2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f(); var c3 = vec4f(); var d3 = vec4f();

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
      var at_weight = tap * shape.depth * shape.slabs + slab;
      for (var k = 0u; k < shape.inputs; k = k + 1u) {
        let p = source[at_source][0];
        let q = source[at_source][1];
        let r = source[at_source + other][0];
        let s = source[at_source + other][1];
        var w = coordinates.x * weights[at_weight];
        w = w + coordinates.y * weights[at_weight + section];
        w = w + coordinates.z * weights[at_weight + 2u * section];
        a0 = a0 + w.x * p; b0 = b0 + w.x * q; c0 = c0 + w.x * r; d0 = d0 + w.x * s;
        a1 = a1 + w.y * p; b1 = b1 + w.y * q; c1 = c1 + w.y * r; d1 = d1 + w.y * s;
        a2 = a2 + w.z * p; b2 = b2 + w.z * q; c2 = c2 + w.z * r; d2 = d2 + w.z * s;
        a3 = a3 + w.w * p; b3 = b3 + w.w * q; c3 = c3 + w.w * r; d3 = d3 + w.w * s;
        at_source = at_source + in_row;
        at_weight = at_weight + shape.slabs;
      }
    }
  }

  let column = pixel * shape.octets + octet;
  let residual_column = shape.residual_first + pixel * shape.residual_row + octet;
  // One row at a time, the others moving up: few copies of the epilogue keep compilers quick.
  for (var row = 4u * slab; row < min(4u * slab + 4u, shape.outputs); row = row + 1u) {
    store(point, member * shape.outputs + row, column, residual_column, a0, b0);
    if (other == 1u) {
      store(point, member * shape.outputs + row, column + 1u, residual_column + 1u, c0, d0);
    }
    a0 = a1; b0 = b1; c0 = c1; d0 = d1;
    a1 = a2; b1 = b2; c1 = c2; d1 = d2;
    a2 = a3; b2 = b3; c2 = c3; d2 = d3;
  }
}
