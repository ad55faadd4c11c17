// The activations, chosen by a constant; NaN stays NaN in each.
#import bits
#import exponential
#import sigmoid
#import gelu

override ACTIVATION: u32 = 9; // position in stages.ts' list of activations; 9 is identity

// `slope` is leaky_relu's negative slope and elu's α.
fn activate(x: vec4f, slope: f32) -> vec4f {
  let zero = vec4f(0.0);
  var y = x;
  switch ACTIVATION {
    // select, not max: max(NaN, 0) may be 0.
    case 0u: { return select(x, zero, x < zero); }
    case 1u: { return select(x, slope * x, x < zero); }
    case 2u: { y = hyperbolic_tangent(x); }
    case 3u: { y = logistic(x); }
    case 4u: { y = gelu_erf(x); }
    // tanh form: 0.5·x·(1 + tanh v) = x·σ(2v), v = √(2/π)·(x + 0.044715·x³); without cancellation.
    case 5u: { y = x * logistic(1.59576912 * (x + 0.044715 * x * x * x)); }
    case 6u: { y = x * logistic(x); }
    case 7u: { y = select(slope * expm1_negative(min(x, zero)), x, x > zero); }
    case 8u: { y = max(x, zero) + log1p_positive(exponential(-abs(x))); }
    default: { return x; }
  }
  return select(y, x, is_nan(x));
}
