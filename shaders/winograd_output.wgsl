// Four pixels from the 16 products of a tile of Winograd's F(2×2, 3×3): Aᵀ·m·A, A = [1 0; 1 1; 1 −1; 0 −1], then scale,
// shift, residual and activation.
#import epilogue
#import flat

#struct WinogradShape

@group(0) @binding(0) var<uniform> shape: WinogradShape;
@group(0) @binding(1) var<storage, read> affine: array<vec2f>; // [point][channel] (scale, shift)
@group(0) @binding(2) var<storage, read> source: array<vec4f>; // [point][16][channel][tile][sample / 4]
@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // [point][channel][pixel][sample / 4]
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>; // [point][channel][pixel][sample / 4]

// Of one pixel, if the image has it.
fn store(point: u32, channel: u32, y: u32, x: u32, column: u32, bare: vec4f) {
  if (y >= shape.height || x >= shape.width) {
    return;
  }
  let row = (channel * shape.height + y) * shape.width + x;
  let affinity = affine[point * shape.channels + shape.channel + channel];
  var value = affinity.x * bare + affinity.y;
  if (RESIDUAL) {
    value = value + residual[point * shape.residual_point + shape.residual_first + row * shape.residual_row + column];
  }
  output[(point * shape.rows + row) * shape.columns + column] = activate(value, shape.slope);
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
  let y = 2u * (tile / shape.tiles_x);
  let x = 2u * (tile % shape.tiles_x);
  let step = shape.count * shape.columns;
  let at = point * 16u * step + row * shape.columns + column;

  // Aᵀ·m, a column of the tile at a time.
  var upper: array<vec4f, 4>;
  var lower: array<vec4f, 4>;
  for (var j = 0u; j < 4u; j = j + 1u) {
    let m1 = source[at + (4u + j) * step];
    let m2 = source[at + (8u + j) * step];
    upper[j] = (source[at + j * step] + m1) + m2;
    lower[j] = (m1 - m2) - source[at + (12u + j) * step];
  }
  store(point, channel, y, x, column, (upper[0] + upper[1]) + upper[2]);
  store(point, channel, y, x + 1u, column, (upper[1] - upper[2]) - upper[3]);
  store(point, channel, y + 1u, x, column, (lower[0] + lower[1]) + lower[2]);
  store(point, channel, y + 1u, x + 1u, column, (lower[1] - lower[2]) - lower[3]);
}
