// tanh and the logistic function for float32: tanh below 4e-7 relative, sigmoid below 4e-7 relative, everywhere.
// The built-in tanh has 1e-5 absolute error and is NaN for large arguments on some drivers.
#import exponential

fn hyperbolic_tangent(x: vec4f) -> vec4f {
  // Odd polynomial, fitted to tanh(x)/x in x² on |x| ≤ 0.63: 1e-8.
  let z = x * x;
  var p = vec4f(-5.59484384e-3);
  p = p * z + 2.05319934e-2;
  p = p * z - 5.37025179e-2;
  p = p * z + 0.133308917;
  p = p * z - 0.333332502;
  p = p * z * x + x;
  let size = abs(x);
  let rest = 1.0 - 2.0 / (exponential(2.0 * min(size, vec4f(10.0))) + 1.0);
  return select(sign(x) * rest, p, size < vec4f(0.625));
}

fn logistic(x: vec4f) -> vec4f {
  let e = decay(abs(x));
  return select(vec4f(1.0), e, x < vec4f(0.0)) / (1.0 + e);
}
