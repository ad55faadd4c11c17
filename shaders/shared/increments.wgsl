// What functions add beyond their linear part, without the cancellation of a subtraction; below 2e-6 relative.
#import exponential

// (e^x − 1 − x)/x² for x up to 80.
fn exponential_bend(x: vec4f) -> vec4f {
  // Taylor to x⁷ on |x| < 0.5 leaves 2e-8.
  var p = vec4f(2.75573192e-6);
  p = p * x + 2.48015873e-5;
  p = p * x + 1.98412698e-4;
  p = p * x + 1.38888889e-3;
  p = p * x + 8.33333333e-3;
  p = p * x + 4.16666667e-2;
  p = p * x + 1.66666667e-1;
  p = p * x + 0.5;
  return select((exponential(x) - 1.0 - x) / (x * x), p, abs(x) < vec4f(0.5));
}

// ln(1 + x)/x for x ≥ 0.
fn logarithm_ratio(x: vec4f) -> vec4f {
  let near = 1.0 - x * (0.5 - x * 0.333333333);
  return select(log1p_positive(x) / x, near, x < vec4f(1e-3));
}

// (x − ln(1 + x))/x² for x ≥ −0.5.
fn logarithm_bend(x: vec4f) -> vec4f {
  // Taylor to x⁹ on |x| < 0.25 leaves 1e-7.
  var p = vec4f(-0.0909090909);
  p = p * x + 0.1;
  p = p * x - 0.111111111;
  p = p * x + 0.125;
  p = p * x - 0.142857143;
  p = p * x + 0.166666667;
  p = p * x - 0.2;
  p = p * x + 0.25;
  p = p * x - 0.333333333;
  p = p * x + 0.5;
  let down = -log1p_positive(-min(x, vec4f(0.0)) / (1.0 + min(x, vec4f(0.0))));
  let whole = select(log1p_positive(max(x, vec4f(0.0))), down, x < vec4f(0.0));
  return select((x - whole) / (x * x), p, abs(x) < vec4f(0.25));
}
