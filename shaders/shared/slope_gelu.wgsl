// Φ(x) + x·φ(x); Φ of x and −x from gelu_erf, which is x·Φ(x), where x is not near 0
#import gelu

fn derivative(x: vec4f, slope: f32) -> vec4f {
  let density = 0.398942280 * decay(0.5 * x * x);
  let near = abs(x) < vec4f(0.0625);
  // Φ near 0 by its series: ½ + (x − x³/6 + x⁵/40)/√2π, 1e-9.
  let z = x * x;
  let series = 0.5 + 0.398942280 * x * (1.0 - z * (0.166666667 - z * 0.025));
  let share = select(gelu_erf(x) / x, series, near);
  return share + x * density;
}
