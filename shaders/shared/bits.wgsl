// NaN and ∞ by their bits, since WGSL lets a compiler assume that neither occurs.

const EXPONENT_BITS = 0x7f800000u;
const SIGN_MASK = 0x7fffffffu;

fn is_nan(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(SIGN_MASK)) > vec4u(EXPONENT_BITS);
}

fn is_infinite(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(SIGN_MASK)) == vec4u(EXPONENT_BITS);
}

fn is_negative(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(~SIGN_MASK)) != vec4u(0u);
}
