// Per-sample losses and hits of 256 samples at one point, summed by a tree of fixed shape; the host finishes the sums in float64.
#import outcome

#struct LossShape

@group(0) @binding(0) var<uniform> shape: LossShape;
@group(0) @binding(1) var<storage, read> logits: array<vec4f>; // [point][output][sample / 4]
@group(0) @binding(2) var<storage, read> truth: array<vec4u>; // labels [sample / 4], or targets' bits [output][sample / 4]
@group(0) @binding(3) var<storage, read_write> partials: array<vec4u>; // [point][block] bits of (Σℓ, Σℓ²), hits, flags

const LANES = 64u; // invocations, 4 samples each

var<workgroup> losses: array<f32, LANES>;
var<workgroup> squares: array<f32, LANES>;
var<workgroup> hits: array<u32, LANES>;
var<workgroup> flags: atomic<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let point = group.y;
  let own = outcome(point, group.x * LANES + lane);
  if (lane == 0u) {
    atomicStore(&flags, 0u);
  }
  workgroupBarrier();
  if (own.flags != 0u) {
    atomicOr(&flags, own.flags);
  }
  losses[lane] = (own.loss.x + own.loss.y) + (own.loss.z + own.loss.w);
  squares[lane] = (own.square.x + own.square.y) + (own.square.z + own.square.w);
  hits[lane] = own.hits;
  for (var width = LANES / 2u; width > 0u; width = width / 2u) {
    workgroupBarrier();
    if (lane < width) {
      losses[lane] = losses[lane] + losses[lane + width];
      squares[lane] = squares[lane] + squares[lane + width];
      hits[lane] = hits[lane] + hits[lane + width];
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    partials[point * shape.blocks + group.x] =
      vec4u(bitcast<u32>(losses[0]), bitcast<u32>(squares[0]), hits[0], atomicLoad(&flags));
  }
}
