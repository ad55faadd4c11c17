// What σ adds beyond its linear part, for a step x of v: with σ(v) and σ(−v) as `up` and `down`, s = |x| and g = 1 − e^−s, for
// x ≥ 0 (else σ is turned: σ(v + x) = 1 − σ(−v − x)) the chord (σ(v + x) − σ(v))/x is σ′·(g/s)/(e^−s + σ(v)·g), and
// (chord − σ′)/x is σ′·(σ(−v)·g/s − (s − g)/s²)/(e^−s + σ(v)·g).
#import increments

struct Bend {
  chord: vec4f,
  bend: vec4f,
}

fn logistic_bend(x: vec4f, up: vec4f, down: vec4f) -> Bend {
  let s = abs(x);
  let second = exponential_bend(-s); // (s − g)/s²
  let ratio = 1.0 - s * second; // g/s
  let left = decay(s);
  let turned = x < vec4f(0.0);
  let other = select(down, up, turned);
  let same = select(up, down, turned);
  let scale = up * down / (left + same * (ratio * s));
  let bend = scale * (other * ratio - second);
  return Bend(scale * ratio, select(bend, -bend, turned));
}
