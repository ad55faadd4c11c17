// Scale and shift of every channel at each point, as affine.wgsl, with their derivatives along the plane.
#import channel
#import jet

#struct AffineShape

@group(0) @binding(0) var<uniform> shape: AffineShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // [point][lane] (c, α, β, 0)
@group(0) @binding(2) var<storage, read> channels: array<Channel>;
@group(0) @binding(3) var<storage, read_write> affine: array<vec2f>; // [point][part][channel] (scale, shift)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.channels) {
    return;
  }
  let point = points[id.y * LANES];
  let channel = channels[id.x];
  let first = id.y * PARTS * shape.channels + id.x;

  // q = (variance + epsilon)^(−½), rate and bend its first and second derivatives.
  let q = inverse_deviation(channel, point, shape.nan_bits);
  var rate = vec2f(0.0);
  var bend = vec3f(0.0);
  if (channel.moves != 0u) {
    let along = vec2f(channel.variance.d1, channel.variance.d2) / (at(channel.variance, point) + channel.epsilon);
    rate = -0.5 * q * along;
    bend = 0.75 * q * vec3f(along.x * along.x, along.x * along.y, along.y * along.y);
  }
  let gamma = at(channel.gamma, point);
  let gammas = vec2f(channel.gamma.d1, channel.gamma.d2);
  let middle = at(channel.bias, point) - at(channel.mean, point);
  let middles = vec2f(channel.bias.d1 - channel.mean.d1, channel.bias.d2 - channel.mean.d2);
  let scale = gamma * q;
  let scales = gammas * q + gamma * rate;
  let shifts = scales * middle + scale * middles + vec2f(channel.beta.d1, channel.beta.d2);
  affine[first] = vec2f(scale, scale * middle + at(channel.beta, point));
  affine[first + shape.channels] = vec2f(scales.x, shifts.x);
  affine[first + 2u * shape.channels] = vec2f(scales.y, shifts.y);
  if (ORDER == 2u) {
    let mixed = gammas.x * rate.y + gammas.y * rate.x;
    let seconds = gamma * bend + vec3f(2.0 * gammas.x * rate.x, mixed, 2.0 * gammas.y * rate.y);
    let cross = scales.x * middles.y + scales.y * middles.x;
    let curves = seconds * middle + vec3f(2.0 * scales.x * middles.x, cross, 2.0 * scales.y * middles.y);
    affine[first + 3u * shape.channels] = vec2f(seconds.x, curves.x);
    affine[first + 4u * shape.channels] = vec2f(seconds.y, curves.y);
    affine[first + 5u * shape.channels] = vec2f(seconds.z, curves.z);
  }
}
