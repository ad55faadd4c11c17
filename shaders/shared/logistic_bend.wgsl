// What σ adds beyond its linear part, for a step x of z: with σ(z) and σ(−z) as `up` and `down`, s = |x| and g = 1 − e^−s, for
// x ≥ 0 (else σ is turned: σ(z + x) = 1 − σ(−z − x)) the chord (σ(z + x) − σ(z))/x is σ′·(g/s)/(1 − σ(−z)·g), and
// (chord − σ′)/x is σ′·(σ(−z)·g/s − (s − g)/s²)/(1 − σ(−z)·g).
#import increments

struct Bend {
  chord: vec4f,
  bend: vec4f,
}

fn logistic_bend(x: vec4f, up: vec4f, down: vec4f) -> Bend {
  let s = abs(x);
  let second = exponential_bend(-s); // (s − g)/s²
  let ratio = 1.0 - s * second; // g/s
  let turned = x < vec4f(0.0);
  let other = select(down, up, turned);
  let steep = up * down;
  let below = 1.0 - other * (ratio * s);
  let bend = steep * ((other * ratio - second) / below);
  return Bend(steep * (ratio / below), select(bend, -bend, turned));
}
