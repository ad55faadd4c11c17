// A whole network of dense layers at several points at once, its values in registers and workgroup memory: the first layer
// combined from three products, then layer after layer y = activate(scale · (h · (c·W + α·D1 + β·D2)) + shift + kept).
#choose activation

#struct ChainShape

struct Layer {
  // In vec4s: where [W, D1, D2][input][outputs / 4] begins, and from one of the three to the next.
  weights: u32,
  section: u32,
  inputs: u32,
  outputs: u32,
  // outputs / 4, padded to pairs
  slabs: u32,
  channel: u32,
  // What comes after the product, as FLAG_…
  flags: u32,
  slope: f32,
}

@group(0) @binding(0) var<uniform> shape: ChainShape;
@group(0) @binding(1) var<storage, read> layers: array<Layer>;
@group(0) @binding(2) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(3) var<storage, read> products: array<vec4f>; // [xW, xD1, xD2][row][sample / 4]
@group(0) @binding(4) var<storage, read> weights: array<vec4f>; // of one layer after the other
@group(0) @binding(5) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(6) var<storage, read_write> output: array<vec4f>; // [point][row][sample / 4]

const FLAG_ACTIVATE = 1u;
const FLAG_ADD = 2u; // the kept value, before the activation
const FLAG_KEEP = 4u; // the result, for a later sum

override SAMPLE_LANES: u32 = 16; // invocations along samples, 4 each
override OUTPUT_LANES: u32 = 8; // invocations along outputs, 8 each
override POINT_LANES: u32 = 2; // points of a workgroup
override DEPTH: u32 = 16; // inputs whose values and weights are in workgroup memory at once, a multiple of 8
override RESIDUAL: bool = false; // some layer adds a kept value
override LANES = SAMPLE_LANES * OUTPUT_LANES * POINT_LANES;
override PAIRS = DEPTH / 2; // of inputs, so that one address check serves more loads
override OWNERS = DEPTH / 8; // output lanes that own the inputs of a chunk

var<workgroup> hidden: array<array<vec4f, 2>, POINT_LANES * PAIRS * SAMPLE_LANES>; // [point][input / 2][sample / 4][input % 2]
var<workgroup> tile: array<array<vec4f, 4>, POINT_LANES * PAIRS * OUTPUT_LANES>; // [point][input / 2][output / 8][input % 2][2]

// What follows the product in one row; zero in padding rows, whose channels are another layer's.
fn finish(sum: vec4f, kept: vec4f, row: u32, channel_first: u32, layer: Layer) -> vec4f {
  let channel = affine[channel_first + row];
  var value = channel.x * sum + channel.y;
  if (RESIDUAL && (layer.flags & FLAG_ADD) != 0u) {
    value = value + kept;
  }
  if ((layer.flags & FLAG_ACTIVATE) != 0u) {
    value = activate(value, layer.slope);
  }
  return select(vec4f(0.0), value, row < layer.outputs);
}

@compute @workgroup_size(SAMPLE_LANES * OUTPUT_LANES * POINT_LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sample_lane = lane % SAMPLE_LANES;
  let output_lane = (lane / SAMPLE_LANES) % OUTPUT_LANES;
  let point_lane = lane / (SAMPLE_LANES * OUTPUT_LANES);
  let point_first = group.z * POINT_LANES;
  let point = point_first + point_lane;
  let column = group.x * SAMPLE_LANES + sample_lane;
  let row = output_lane * 8u;

  // Rows `row …` of the layer under way, of the layer before it, and of the value kept for a sum.
  var a0 = vec4f(); var h0 = vec4f(); var k0 = vec4f();
  var a1 = vec4f(); var h1 = vec4f(); var k1 = vec4f();
  var a2 = vec4f(); var h2 = vec4f(); var k2 = vec4f();
  var a3 = vec4f(); var h3 = vec4f(); var k3 = vec4f();
  var a4 = vec4f(); var h4 = vec4f(); var k4 = vec4f();
  var a5 = vec4f(); var h5 = vec4f(); var k5 = vec4f();
  var a6 = vec4f(); var h6 = vec4f(); var k6 = vec4f();
  var a7 = vec4f(); var h7 = vec4f(); var k7 = vec4f();

  for (var index = 0u; index < shape.layers; index = index + 1u) {
    let layer = layers[index];
    if (index == 0u) {
      if (row < layer.outputs && column < shape.columns) {
        // Four rows at a time, in loops that no compiler unrolls, so that loads do not fill the registers.
        var coordinates = points[point];
        let begin = shape.products_first + row * shape.products_row + column;
        let end = 3u * shape.products_section;
        for (var at = begin; at < end; at = at + shape.products_section) {
          a0 = a0 + coordinates.x * products[at];
          a1 = a1 + coordinates.x * products[at + shape.products_row];
          a2 = a2 + coordinates.x * products[at + 2u * shape.products_row];
          a3 = a3 + coordinates.x * products[at + 3u * shape.products_row];
          coordinates = coordinates.yzwx;
        }
        coordinates = points[point];
        for (var at = begin + 4u * shape.products_row; at < end; at = at + shape.products_section) {
          a4 = a4 + coordinates.x * products[at];
          a5 = a5 + coordinates.x * products[at + shape.products_row];
          a6 = a6 + coordinates.x * products[at + 2u * shape.products_row];
          a7 = a7 + coordinates.x * products[at + 3u * shape.products_row];
          coordinates = coordinates.yzwx;
        }
      }
    } else {
      a0 = vec4f(); a1 = vec4f(); a2 = vec4f(); a3 = vec4f();
      a4 = vec4f(); a5 = vec4f(); a6 = vec4f(); a7 = vec4f();
      for (var first = 0u; first < layer.inputs; first = first + DEPTH) {
        workgroupBarrier();
        if (output_lane / OWNERS == first / DEPTH) {
          let own = (point_lane * PAIRS + (output_lane % OWNERS) * 4u) * SAMPLE_LANES + sample_lane;
          hidden[own][0] = h0;
          hidden[own][1] = h1;
          hidden[own + SAMPLE_LANES][0] = h2;
          hidden[own + SAMPLE_LANES][1] = h3;
          hidden[own + 2u * SAMPLE_LANES][0] = h4;
          hidden[own + 2u * SAMPLE_LANES][1] = h5;
          hidden[own + 3u * SAMPLE_LANES][0] = h6;
          hidden[own + 3u * SAMPLE_LANES][1] = h7;
        }
        for (var entry = lane; entry < DEPTH * layer.slabs; entry = entry + LANES) {
          let input = entry / layer.slabs;
          let slab = entry % layer.slabs;
          let at = layer.weights + first * layer.slabs + entry;
          let w = weights[at];
          let d1 = weights[at + layer.section];
          let d2 = weights[at + 2u * layer.section];
          let to = (input / 2u) * OUTPUT_LANES + slab / 2u;
          for (var p = 0u; p < POINT_LANES; p = p + 1u) {
            let coordinates = points[point_first + p];
            var formed = coordinates.x * w;
            formed = formed + coordinates.y * d1;
            formed = formed + coordinates.z * d2;
            tile[p * PAIRS * OUTPUT_LANES + to][(input % 2u) * 2u + slab % 2u] = formed;
          }
        }
        workgroupBarrier();

        if (row < layer.outputs) {
          let pairs = (min(DEPTH, layer.inputs - first) + 1u) / 2u;
          var at_hidden = point_lane * PAIRS * SAMPLE_LANES + sample_lane;
          var at_tile = point_lane * PAIRS * OUTPUT_LANES + output_lane;
          for (var pair = 0u; pair < pairs; pair = pair + 1u) {
            // One input after the other, so that one input's loads are alive at a time.
            let p = hidden[at_hidden][0];
            let v = tile[at_tile][0];
            let w = tile[at_tile][1];
            a0 = a0 + v.x * p; a1 = a1 + v.y * p;
            a2 = a2 + v.z * p; a3 = a3 + v.w * p;
            a4 = a4 + w.x * p; a5 = a5 + w.y * p;
            a6 = a6 + w.z * p; a7 = a7 + w.w * p;
            let q = hidden[at_hidden][1];
            let s = tile[at_tile][2];
            let t = tile[at_tile][3];
            a0 = a0 + s.x * q; a1 = a1 + s.y * q;
            a2 = a2 + s.z * q; a3 = a3 + s.w * q;
            a4 = a4 + t.x * q; a5 = a5 + t.y * q;
            a6 = a6 + t.z * q; a7 = a7 + t.w * q;
            at_hidden = at_hidden + SAMPLE_LANES;
            at_tile = at_tile + OUTPUT_LANES;
          }
        }
      }
    }

    let channel_first = point * shape.channels + layer.channel;
    h0 = finish(a0, k0, row, channel_first, layer);
    h1 = finish(a1, k1, row + 1u, channel_first, layer);
    h2 = finish(a2, k2, row + 2u, channel_first, layer);
    h3 = finish(a3, k3, row + 3u, channel_first, layer);
    h4 = finish(a4, k4, row + 4u, channel_first, layer);
    h5 = finish(a5, k5, row + 5u, channel_first, layer);
    h6 = finish(a6, k6, row + 6u, channel_first, layer);
    h7 = finish(a7, k7, row + 7u, channel_first, layer);
    if (RESIDUAL && (layer.flags & FLAG_KEEP) != 0u) {
      k0 = h0; k1 = h1; k2 = h2; k3 = h3;
      k4 = h4; k5 = h5; k6 = h6; k7 = h7;
    }
  }

  if (column >= shape.columns || row >= shape.rows) {
    return;
  }
  let to = (point * shape.rows + row) * shape.columns + column;
  output[to] = h0;
  output[to + shape.columns] = h1;
  output[to + 2u * shape.columns] = h2;
  output[to + 3u * shape.columns] = h3;
  output[to + 4u * shape.columns] = h4;
  output[to + 5u * shape.columns] = h5;
  output[to + 6u * shape.columns] = h6;
  output[to + 7u * shape.columns] = h7;
}
