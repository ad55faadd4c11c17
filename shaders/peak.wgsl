// Multiply-adds on registers alone: the best that the adapter can do, for benchmarks.
#struct PeakShape

@group(0) @binding(0) var<uniform> shape: PeakShape;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>; // [invocation]

const HALF = vec4f(0.5);

// 96 multiply-adds a round, in twelve independent chains that hide the latency of the units.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(shape.factor);
  var a = vec4f(f32(id.x), 1.0, 2.0, 3.0);
  var b = a + 4.0;
  var c = a + 8.0;
  for (var round = 0u; round < shape.rounds; round = round + 1u) {
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
    a = HALF + a * factor; b = HALF + b * factor; c = HALF + c * factor;
  }
  output[id.x] = a + b + c;
}
