// A bias's gradient: the sum of each channel over samples and area, by a tree of fixed shape, added to what is there.
#struct TrainChannelShape

@group(0) @binding(0) var<uniform> shape: TrainChannelShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

const LANES = 256u;

var<workgroup> partial: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x;
  let count = shape.samples * shape.area;
  var sum = 0.0;
  for (var i = lane; i < count; i += LANES) {
    sum = sum + arena[shape.gradient + i / shape.area * shape.sample + channel * shape.area + i % shape.area];
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half = half / 2u) {
    if (lane < half) {
      partial[lane] = partial[lane] + partial[lane + half];
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    arena[shape.shift + channel] = arena[shape.shift + channel] + partial[0];
  }
}
