// R of x·σ(u(x)), u(z) = z·(linear + cubic·z²); n0 = z, n1 = σ(u), n2 = σ(−u). With the step e·x of u and e = u′ + w·x the bend is
// σ′·(z·w + e) + (z + x)·bend(σ)·e², which serves up to |x| = 1, beyond which the values themselves differ enough.
#import kept
#import logistic_bend
#import sigmoid

const LINEAR = 1.5957691216; // 2·√(2/π)
const CUBIC = 0.0713548162726; // 0.044715 of that

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let x = offset.rho * d;
  let z = kept.n0;
  let moved = z + x;
  // 3z² + 3zx + x², a sum that is never negative.
  let e = LINEAR + CUBIC * (x * x + 3.0 * z * moved);
  let own = logistic_bend(e * x, kept.n1, kept.n2);
  let steep = kept.n1 * kept.n2;
  let first = kept.n1 + z * steep * (LINEAR + 3.0 * CUBIC * z * z);
  let w = CUBIC * (3.0 * z + x);
  let near = steep * (z * w + e) + moved * own.bend * (e * e);
  let end = moved * logistic(moved * (LINEAR + CUBIC * moved * moved));
  let rise = end - z * kept.n1 - first * x;
  let more = select(rise / (x * x), near, abs(x) < vec4f(1.0));
  return first * r + more * (d * d);
}
