// Biases and batchnorms of the whole network as one (scale, shift) per point and channel, all of their parameters perturbed.
#struct AffineShape

struct Perturbed {
  centre: f32,
  d1: f32,
  d2: f32,
}

// y = gamma · (x + bias − mean) / √(variance + epsilon) + beta
struct Channel {
  bias: Perturbed,
  mean: Perturbed,
  gamma: Perturbed,
  beta: Perturbed,
  variance: Perturbed,
  // 1 / √(variance + epsilon), rounded from float64: right where no direction moves the variance.
  inverse: f32,
  epsilon: f32,
  moves: u32,
}

@group(0) @binding(0) var<uniform> shape: AffineShape;
@group(0) @binding(1) var<storage, read> points: array<vec4f>; // (c, α, β, 0)
@group(0) @binding(2) var<storage, read> channels: array<Channel>;
@group(0) @binding(3) var<storage, read_write> affine: array<vec2f>; // [point][channel] (scale, shift)

fn at(value: Perturbed, point: vec4f) -> f32 {
  var sum = point.x * value.centre;
  sum = sum + point.y * value.d1;
  sum = sum + point.z * value.d2;
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.channels) {
    return;
  }
  let point = points[id.y];
  let channel = channels[id.x];
  var inverse = channel.inverse;
  if (channel.moves != 0u) {
    let square = at(channel.variance, point) + channel.epsilon;
    inverse = inverseSqrt(square);
    // One Newton step takes the built-in's 2 ULP down to rounding.
    let residue = 1.0 - square * inverse * inverse;
    inverse = inverse + 0.5 * inverse * residue;
    if (square <= 0.0) {
      // Past a variance of zero PyTorch gives ∞ or NaN; marked as NaN by its bits.
      inverse = bitcast<f32>(shape.nan_bits);
    }
  }
  let scale = at(channel.gamma, point) * inverse;
  let shift = scale * (at(channel.bias, point) - at(channel.mean, point)) + at(channel.beta, point);
  affine[id.y * shape.channels + id.x] = vec2f(scale, shift);
}
