// R of tanh x; n0 = tanh z, n1 = 1 − tanh² z. With x the step, c = tanh(x)/x and w = (1 − c)/x² it is
// n1·(R − (x/ρ)²·(x·w + n0·c)/(1 + n0·x·c)).
#import kept
#import sigmoid

fn remainder(r: vec4f, kept: Kept, offset: Offset) -> vec4f {
  let d = along(r, kept, offset);
  let x = offset.rho * d;
  let xx = x * x;
  // 1/3 − 2x²/15 + 17x⁴/315 − 62x⁶/2835 + 1382x⁸/155925 − 21844x¹⁰/6081075.
  var series = xx * -0.00359212803 + 0.00886323553;
  series = xx * series - 0.0218694885;
  series = xx * series + 0.053968254;
  series = xx * series - 0.133333333;
  series = xx * series + 0.333333333;
  let small = xx < vec4f(0.25);
  let gone = decay(2.0 * abs(x));
  let moved = (1.0 - gone) / (1.0 + gone);
  let ratio = moved / abs(x);
  let w = select((1.0 - ratio) / xx, series, small);
  let c = select(ratio, 1.0 - xx * series, small);
  // Towards 0 and beyond it 1 − |n0|·|tanh x| from what either lacks to 1.
  let far = abs(kept.n0);
  let turned = far * (2.0 * gone / (1.0 + gone)) + kept.n1 / (1.0 + far);
  let other = select(far * moved + 1.0, turned, kept.n0 * x < vec4f(0.0));
  let below = select(other, kept.n0 * x * c + 1.0, small);
  return kept.n1 * (r - d * d * ((x * w + kept.n0 * c) / below));
}
