// Max and average pooling, and their way back; NaN in a window is its maximum, the first of equals wins.
#import flat

#struct TrainPoolShape

@group(0) @binding(0) var<uniform> shape: TrainPoolShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override MAXIMUM: bool = true;
override PADDING: bool = true; // an average divides by the padding too
override BACKWARD: bool = false;
override ADDED: bool = false;
const NOTHING = 0xffffffffu;

// Whether `value` takes the place of `best`; NaN, by its bits, is larger than all.
fn is_larger(value: f32, best: f32) -> bool {
  let nan = (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
  let best_nan = (bitcast<u32>(best) & 0x7fffffffu) > 0x7f800000u;
  return !best_nan && (nan || value > best);
}

// Pixel of the largest element of a window; NOTHING where dilation leaps over all of them.
fn winner(plane: u32, row: u32, column: u32) -> u32 {
  var best = NOTHING;
  var top = 0.0;
  for (var i = 0u; i < shape.kernel_height; i++) {
    let y = i32(row * shape.stride_y + i * shape.dilation_y) - shape.pad_top;
    for (var j = 0u; j < shape.kernel_width; j++) {
      let x = i32(column * shape.stride_x + j * shape.dilation_x) - shape.pad_left;
      if (y >= 0 && x >= 0 && y < i32(shape.in_height) && x < i32(shape.in_width)) {
        let pixel = u32(y) * shape.in_width + u32(x);
        let value = arena[shape.source + plane * shape.in_height * shape.in_width + pixel];
        if (best == NOTHING || is_larger(value, top)) {
          best = pixel;
          top = value;
        }
      }
    }
  }
  return best;
}

// Taps of one axis of a window that count: those inside, or with the padding those before its end.
fn counted(place: u32, kernel: u32, stride: u32, dilation: u32, before: i32, after: i32, size: u32) -> u32 {
  var count = 0u;
  for (var k = 0u; k < kernel; k++) {
    let tap = i32(place * stride + k * dilation) - before;
    if (PADDING) {
      count += u32(tap < i32(size) + after);
    } else {
      count += u32(tap >= 0 && tap < i32(size));
    }
  }
  return count;
}

fn divisor(row: u32, column: u32) -> f32 {
  let rows = counted(row, shape.kernel_height, shape.stride_y, shape.dilation_y, shape.pad_top, shape.pad_bottom, shape.in_height);
  let columns = counted(column, shape.kernel_width, shape.stride_x, shape.dilation_x, shape.pad_left, shape.pad_right, shape.in_width);
  return f32(rows * columns);
}

fn forward(i: u32) {
  let places = shape.out_height * shape.out_width;
  let plane = i / places;
  let row = i % places / shape.out_width;
  let column = i % shape.out_width;
  let first = shape.source + plane * shape.in_height * shape.in_width;
  if (MAXIMUM) {
    let pixel = winner(plane, row, column);
    // Below all numbers, as its bits say: −∞.
    arena[shape.output + i] = select(arena[first + min(pixel, shape.in_height * shape.in_width - 1u)], bitcast<f32>(shape.minus_infinity_bits), pixel == NOTHING);
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < shape.kernel_height; k++) {
    let y = i32(row * shape.stride_y + k * shape.dilation_y) - shape.pad_top;
    for (var j = 0u; j < shape.kernel_width; j++) {
      let x = i32(column * shape.stride_x + j * shape.dilation_x) - shape.pad_left;
      if (y >= 0 && x >= 0 && y < i32(shape.in_height) && x < i32(shape.in_width)) {
        sum = sum + arena[first + u32(y) * shape.in_width + u32(x)];
      }
    }
  }
  arena[shape.output + i] = sum / divisor(row, column);
}

// What the windows that read pixel i send back to it.
fn backward(i: u32) {
  let pixels = shape.in_height * shape.in_width;
  let plane = i / pixels;
  let pixel = i % pixels;
  var sum = 0.0;
  for (var k = 0u; k < shape.kernel_height; k++) {
    let y = i32(pixel / shape.in_width) + shape.pad_top - i32(k * shape.dilation_y);
    let row = y / i32(shape.stride_y);
    for (var j = 0u; j < shape.kernel_width; j++) {
      let x = i32(pixel % shape.in_width) + shape.pad_left - i32(j * shape.dilation_x);
      let column = x / i32(shape.stride_x);
      let met = y >= 0 && x >= 0 && row * i32(shape.stride_y) == y && column * i32(shape.stride_x) == x;
      if (met && row < i32(shape.out_height) && column < i32(shape.out_width)) {
        let g = arena[shape.gradient + (plane * shape.out_height + u32(row)) * shape.out_width + u32(column)];
        if (!MAXIMUM) {
          sum = sum + g / divisor(u32(row), u32(column));
        } else if (winner(plane, u32(row), u32(column)) == pixel) {
          sum = sum + g;
        }
      }
    }
  }
  if (ADDED) {
    sum = sum + arena[shape.output + i];
  }
  arena[shape.output + i] = sum;
}

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = flat_index(group, groups, lane);
  if (i >= shape.count) {
    return;
  }
  if (BACKWARD) {
    backward(i);
  } else {
    forward(i);
  }
}
