// Batch normalisation, a workgroup for each channel: by the batch's own mean and biased variance, or by the running ones.
#struct TrainChannelShape

@group(0) @binding(0) var<uniform> shape: TrainChannelShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override RUNNING: bool = false; // mean and variance are there already
override SCALE: bool = true;
override SHIFT: bool = true;
const LANES = 256u;

var<workgroup> partial: array<f32, 256>;

// The sum over all invocations, by a tree of fixed shape.
fn total(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half = half / 2u) {
    if (lane < half) {
      partial[lane] = partial[lane] + partial[lane + half];
    }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}

fn place(channel: u32, i: u32) -> u32 {
  return i / shape.area * shape.sample + channel * shape.area + i % shape.area;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x;
  let count = shape.samples * shape.area;
  var mean = 0.0;
  var variance = 0.0;
  if (RUNNING) {
    mean = arena[shape.mean + channel];
    variance = arena[shape.variance + channel];
  } else {
    var sum = 0.0;
    for (var i = lane; i < count; i += LANES) {
      sum = sum + arena[shape.source + place(channel, i)];
    }
    mean = total(sum, lane) / f32(count);
    var squares = 0.0;
    for (var i = lane; i < count; i += LANES) {
      let off = arena[shape.source + place(channel, i)] - mean;
      squares = squares + off * off;
    }
    variance = total(squares, lane) / f32(count);
    if (lane == 0u) {
      arena[shape.mean + channel] = mean;
      arena[shape.variance + channel] = variance;
    }
  }
  var factor = 1.0 / sqrt(variance + shape.epsilon);
  if (SCALE) {
    factor = factor * arena[shape.scale + channel];
  }
  var offset = 0.0;
  if (SHIFT) {
    offset = arena[shape.shift + channel];
  }
  for (var i = lane; i < count; i += LANES) {
    let at = place(channel, i);
    arena[shape.output + at] = (arena[shape.source + at] - mean) * factor + offset;
  }
}
