// Biases and batchnorms of the whole network as one (scale, shift) per point and channel, all of their parameters perturbed.
#import channel

#struct AffineShape

@group(0) @binding(0) var<uniform> shape: AffineShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> channels: array<Channel>;
@group(0) @binding(3) var<storage, read_write> affine: array<vec2f>; // [point][channel] (scale, shift)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.channels) {
    return;
  }
  let point = points[id.y];
  let channel = channels[id.x];
  let scale = at(channel.gamma, point) * inverse_deviation(channel, point, shape.nan_bits);
  let shift = scale * (at(channel.bias, point) - at(channel.mean, point)) + at(channel.beta, point);
  affine[id.y * shape.channels + id.x] = vec2f(scale, shift);
}
