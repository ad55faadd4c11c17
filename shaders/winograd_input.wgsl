// Tiles of 4×4, two pixels apart, as Winograd's F(2×2, 3×3) multiplies them: Bᵀ·d·B, B = [1 0 0 0; 0 1 −1 1; −1 1 1 0; 0 0 0 −1],
// zeros beyond the border. linear.wgsl and direct.wgsl multiply each of the 16 elements with filters of its own.
#import flat

#struct WinogradShape

@group(0) @binding(0) var<uniform> shape: WinogradShape;
@group(0) @binding(1) var<storage, read> source: array<vec4f>; // [point][channel][pixel][sample / 4]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // [point][16][channel][tile][sample / 4]

// One row of the result from one of Bᵀ·d.
fn store(at: u32, step: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f) {
  output[at] = a - c;
  output[at + step] = b + c;
  output[at + 2u * step] = c - b;
  output[at + 3u * step] = b - d;
}

@compute @workgroup_size(FLAT_LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane);
  let row = index / shape.columns;
  let column = index % shape.columns;
  let point = group.z;
  if (row >= shape.count) {
    return;
  }
  let channel = row / shape.tiles;
  let tile = row % shape.tiles;
  let y = i32(2u * (tile / shape.tiles_x)) - shape.pad_top;
  let x = i32(2u * (tile % shape.tiles_x)) - shape.pad_left;
  let plane = shape.source_first + point * shape.source_point
    + channel * shape.height * shape.width * shape.source_row + column;

  var d: array<vec4f, 16>;
  for (var i = 0; i < 4; i = i + 1) {
    for (var j = 0; j < 4; j = j + 1) {
      let inside = y + i >= 0 && y + i < i32(shape.height) && x + j >= 0 && x + j < i32(shape.width);
      if (inside) {
        d[4 * i + j] = source[plane + (u32(y + i) * shape.width + u32(x + j)) * shape.source_row];
      }
    }
  }
  let step = shape.count * shape.columns;
  let at = point * 16u * step + row * shape.columns + column;
  store(at, step, d[0] - d[8], d[1] - d[9], d[2] - d[10], d[3] - d[11]);
  store(at + 4u * step, step, d[4] + d[8], d[5] + d[9], d[6] + d[10], d[7] + d[11]);
  store(at + 8u * step, step, d[8] - d[4], d[9] - d[5], d[10] - d[6], d[11] - d[7]);
  store(at + 12u * step, step, d[4] - d[12], d[5] - d[13], d[6] - d[14], d[7] - d[15]);
}
