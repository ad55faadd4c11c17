// C = A·B (+ bias, + what is there) of three matrices in the arena: the three products of a dense layer and of a convolution.
#struct TrainProductShape

@group(0) @binding(0) var<uniform> shape: TrainProductShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

// How A and B lie: 0 by strides, 1 as windows of images, 2 (A alone) as what a pixel of the images sent to windows.
override A: u32 = 0u;
override B: u32 = 0u;
override BIAS: bool = false;
override ADDED: bool = false;
const TILE = 32u; // rows and columns of a workgroup's part of C, each invocation has 4 × 4
const DEPTH = 16u; // what is loaded at once

var<workgroup> left: array<f32, 512>; // [depth][row]
var<workgroup> right: array<f32, 512>; // [depth][column]

// The pixel that tap `tap` of window `line` reads; 0 in the padding.
fn window(line: u32, tap: u32) -> f32 {
  let places = shape.out_height * shape.out_width;
  let place = line % places;
  let channel = tap / shape.kernel;
  let within = tap % shape.kernel;
  let y = i32(place / shape.out_width * shape.stride_y + within / shape.kernel_width * shape.dilation_y) - shape.pad_top;
  let x = i32(place % shape.out_width * shape.stride_x + within % shape.kernel_width * shape.dilation_x) - shape.pad_left;
  if (y < 0 || x < 0 || y >= i32(shape.in_height) || x >= i32(shape.in_width)) {
    return 0.0;
  }
  let plane = shape.in_height * shape.in_width;
  return arena[shape.image_first + line / places * shape.image_sample + channel * plane + u32(y) * shape.in_width + u32(x)];
}

// The output's gradient where tap `tap` of some window read pixel `line`; 0 where none did.
fn spread(line: u32, tap: u32) -> f32 {
  let pixels = shape.in_height * shape.in_width;
  let pixel = line % pixels;
  let channel = tap / shape.kernel;
  let within = tap % shape.kernel;
  let y = i32(pixel / shape.in_width) + shape.pad_top - i32(within / shape.kernel_width * shape.dilation_y);
  let x = i32(pixel % shape.in_width) + shape.pad_left - i32(within % shape.kernel_width * shape.dilation_x);
  let row = y / i32(shape.stride_y);
  let column = x / i32(shape.stride_x);
  let met = row * i32(shape.stride_y) == y && column * i32(shape.stride_x) == x;
  if (y < 0 || x < 0 || !met || row >= i32(shape.out_height) || column >= i32(shape.out_width)) {
    return 0.0;
  }
  let plane = shape.out_height * shape.out_width;
  return arena[shape.image_first + line / pixels * shape.image_sample + channel * plane + u32(row) * shape.out_width + u32(column)];
}

fn element_a(row: u32, k: u32) -> f32 {
  if (A == 1u) {
    return window(row, k);
  }
  if (A == 2u) {
    return spread(row, k);
  }
  return arena[shape.a_first + row * shape.a_line + k / shape.a_inner * shape.a_outer + k % shape.a_inner * shape.a_step];
}

fn element_b(k: u32, column: u32) -> f32 {
  if (B == 1u) {
    return window(k, column);
  }
  return arena[shape.b_first + column * shape.b_line + k / shape.b_inner * shape.b_outer + k % shape.b_inner * shape.b_step];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_row = group.x * TILE;
  let first_column = group.y * TILE;
  let first_k = group.z * shape.slice;
  let last_k = min(first_k + shape.slice, shape.depth);
  let own_row = lane / 8u * 4u;
  let own_column = lane % 8u * 4u;
  var sums = array<vec4f, 4>(vec4f(0.0), vec4f(0.0), vec4f(0.0), vec4f(0.0));
  for (var k = first_k; k < last_k; k += DEPTH) {
    for (var i = lane; i < 512u; i += 64u) {
      let row = first_row + i % TILE;
      let column = first_column + i % TILE;
      let at = k + i / TILE;
      var a = 0.0;
      var b = 0.0;
      if (at < last_k && row < shape.rows) {
        a = element_a(row, at);
      }
      if (at < last_k && column < shape.columns) {
        b = element_b(at, column);
      }
      left[i] = a;
      right[i] = b;
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      let at = d * TILE;
      let b = vec4f(
        right[at + own_column],
        right[at + own_column + 1u],
        right[at + own_column + 2u],
        right[at + own_column + 3u],
      );
      for (var i = 0u; i < 4u; i++) {
        sums[i] = sums[i] + left[at + own_row + i] * b;
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let row = first_row + own_row + i;
    for (var j = 0u; j < 4u; j++) {
      let column = first_column + own_column + j;
      if (row < shape.rows && column < shape.columns) {
        var value = sums[i][j];
        if (BIAS) {
          value = value + arena[shape.bias_first + column];
        }
        let to = shape.c_first + group.z * shape.rows * shape.columns + row / shape.c_inner * shape.c_outer + row % shape.c_inner * shape.c_step + column * shape.c_line;
        if (ADDED) {
          value = value + arena[to];
        }
        arena[to] = value;
      }
    }
  }
}
