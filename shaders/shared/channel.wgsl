// A channel's bias and batchnorm, all of their parameters perturbed: y = gamma · (x + bias − mean) / √(variance + epsilon) + beta.

struct Perturbed {
  centre: f32,
  d1: f32,
  d2: f32,
}

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

// `point` is (c, α, β, 0).
fn at(value: Perturbed, point: vec4f) -> f32 {
  var sum = point.x * value.centre;
  sum = sum + point.y * value.d1;
  sum = sum + point.z * value.d2;
  return sum;
}

// 1 / √(variance + epsilon); past a variance of zero PyTorch gives ∞ or NaN, marked as NaN by its bits.
fn inverse_deviation(channel: Channel, point: vec4f, nan_bits: u32) -> f32 {
  if (channel.moves == 0u) {
    return channel.inverse;
  }
  let square = at(channel.variance, point) + channel.epsilon;
  if (square <= 0.0) {
    return bitcast<f32>(nan_bits);
  }
  let inverse = inverseSqrt(square);
  // One Newton step takes the built-in's 2 ULP down to rounding.
  let residue = 1.0 - square * inverse * inverse;
  return inverse + 0.5 * inverse * residue;
}
