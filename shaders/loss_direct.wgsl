// Per-sample losses of one block of samples at one point, summed by one invocation in a fixed order, without barriers; the
// host finishes the sums in float64.
#import outcome

#struct LossShape

@group(0) @binding(0) var<uniform> shape: LossShape;
@group(0) @binding(1) var<storage, read> logits: array<vec4f>; // [point][output][sample / 4]
@group(0) @binding(2) var<storage, read> truth: array<vec4u>; // labels [sample / 4], or targets' bits [output][sample / 4]
@group(0) @binding(3) var<storage, read_write> partials: array<vec4u>; // [point][block] bits of (Σℓ, Σℓ²), hits, flags

const LANES = 64u; // points of a workgroup
// A block's vectors of four samples, summed run by run, so that rounding stays that of a run.
const RUNS = 8u;
const RUN = 8u;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let point = group.y * LANES + lane;
  if (point >= shape.points) {
    return;
  }
  var loss = vec4f(0.0);
  var square = vec4f(0.0);
  var hits = 0u;
  var flags = 0u;
  for (var run = 0u; run < RUNS; run = run + 1u) {
    var run_loss = vec4f(0.0);
    var run_square = vec4f(0.0);
    for (var i = 0u; i < RUN; i = i + 1u) {
      let own = outcome(point, (group.x * RUNS + run) * RUN + i);
      run_loss = run_loss + own.loss;
      run_square = run_square + own.square;
      hits = hits + own.hits;
      flags = flags | own.flags;
    }
    loss = loss + run_loss;
    square = square + run_square;
  }
  let sums = vec2f((loss.x + loss.y) + (loss.z + loss.w), (square.x + square.y) + (square.z + square.w));
  partials[point * shape.blocks + group.x] = vec4u(bitcast<vec2u>(sums), hits, flags);
}
