// exp, expm1 and log1p for float32. Where the range reduction is not reassociated: exp below 2e-7 relative on
// [−87, 88], expm1 below 4e-7 relative on [−87, 0], log1p below 5e-7 relative on [0, 3e38].
// The built-in log has 5e-7 absolute error near 1, the built-in exp 3 + 2|x| ULP; both are too weak for a loss of 1e-6.

const LOG2E = 1.44269504;
const LN2_HIGH = 0.693359375; // 9 significant bits, so that n·LN2_HIGH is exact
const LN2_LOW = -2.12194440e-4;
const LN2 = 0.693147181;

// exp(x); below −87 as if −87 (1.6e-38), above 88 as if 88 (1.7e38).
fn exponential(x: vec4f) -> vec4f {
  let clamped = clamp(x, vec4f(-87.0), vec4f(88.0));
  let n = floor(clamped * LOG2E + 0.5);
  var r = clamped - n * LN2_HIGH;
  r = r - n * LN2_LOW;
  // Taylor to r⁷; |r| ≤ 0.347 leaves 5e-9.
  var p = vec4f(1.98412698e-4);
  p = p * r + 1.38888889e-3;
  p = p * r + 8.33333333e-3;
  p = p * r + 4.16666667e-2;
  p = p * r + 1.66666667e-1;
  p = p * r + 0.5;
  p = p * r * r + r + 1.0;
  let power = bitcast<vec4f>((vec4i(n) + 127) << vec4u(23u));
  return p * power;
}

// exp(−x) for x ≥ 0, with 0 where that is below the normal numbers: times a huge number the bound of exponential is not small.
fn decay(x: vec4f) -> vec4f {
  return select(exponential(-x), vec4f(0.0), x > vec4f(87.0));
}

// exp(x) − 1 for x ≤ 0.
fn expm1_negative(x: vec4f) -> vec4f {
  // Taylor to x⁸ on [−0.35, 0] leaves 3e-9.
  var p = vec4f(2.48015873e-5);
  p = p * x + 1.98412698e-4;
  p = p * x + 1.38888889e-3;
  p = p * x + 8.33333333e-3;
  p = p * x + 4.16666667e-2;
  p = p * x + 1.66666667e-1;
  p = p * x + 0.5;
  p = p * x * x + x;
  return select(exponential(x) - 1.0, p, x > vec4f(-0.35));
}

// ln(1 + u) for u ≥ 0: u itself when small, else split 1 + u = 2ᵉ·m with m in [0.7, 1.42); 2·atanh(f / (2 + f)) of the rest.
fn log1p_positive(u: vec4f) -> vec4f {
  let y = 1.0 + u;
  let bits = bitcast<vec4i>(y) - 0x3f3504f3;
  let exponent = bits >> vec4u(23u);
  let mantissa = bitcast<vec4f>((bits & vec4i(0x007fffff)) + 0x3f3504f3);
  let small = u < vec4f(0.41);
  let f = select(mantissa - 1.0, u, small);
  let e = select(vec4f(exponent), vec4f(0.0), small);
  let s = f / (2.0 + f);
  let z = s * s;
  var p = vec4f(0.111111111);
  p = p * z + 0.142857143;
  p = p * z + 0.2;
  p = p * z + 0.333333333;
  p = p * z * s + s;
  return 2.0 * p + e * LN2;
}
