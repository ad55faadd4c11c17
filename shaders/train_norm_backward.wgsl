// The way back through batch normalisation in training: γ/√(v + ε)·(g − mean(g) − x̂·mean(g·x̂)), and the gradients by γ and shift.
#struct TrainChannelShape

@group(0) @binding(0) var<uniform> shape: TrainChannelShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override SCALE: bool = true;
override SHIFT: bool = true;
override INPUT: bool = true; // somebody asks for the gradient by the input
override ADDED: bool = false;
const LANES = 256u;

var<workgroup> partial: array<vec2f, 256>;

fn place(channel: u32, i: u32) -> u32 {
  return i / shape.area * shape.sample + channel * shape.area + i % shape.area;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x;
  let count = shape.samples * shape.area;
  let mean = arena[shape.mean + channel];
  let inverse = 1.0 / sqrt(arena[shape.variance + channel] + shape.epsilon);
  var sums = vec2f(0.0);
  for (var i = lane; i < count; i += LANES) {
    let at = place(channel, i);
    let g = arena[shape.gradient + at];
    sums = sums + vec2f(g, g * (arena[shape.source + at] - mean) * inverse);
  }
  partial[lane] = sums;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half = half / 2u) {
    if (lane < half) {
      partial[lane] = partial[lane] + partial[lane + half];
    }
    workgroupBarrier();
  }
  let whole = partial[0];
  var factor = inverse;
  if (SCALE) {
    factor = factor * arena[shape.scale + channel];
  }
  if (INPUT) {
    let means = whole / f32(count);
    for (var i = lane; i < count; i += LANES) {
      let at = place(channel, i);
      let normalised = (arena[shape.source + at] - mean) * inverse;
      var value = factor * (arena[shape.gradient + at] - means.x - normalised * means.y);
      if (ADDED) {
        value = value + arena[shape.output + at];
      }
      arena[shape.output + at] = value;
    }
  }
  if (lane == 0u) {
    if (SCALE) {
      arena[shape.by_scale + channel] = arena[shape.by_scale + channel] + whole.y;
    }
    if (SHIFT) {
      arena[shape.by_shift + channel] = arena[shape.by_shift + channel] + whole.x;
    }
  }
}
