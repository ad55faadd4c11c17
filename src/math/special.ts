/** Special functions in float64. Every one keeps NaN, and takes ±∞ to its limit. */

/*
 * Rational Chebyshev approximations of W. J. Cody, "Rational Chebyshev approximations for the error
 * function", Math. Comp. 23 (1969) 631–637, with the coefficients of his CALERF (SPECFUN, 1990), highest
 * order first as a Horner scheme wants them: erf(x) = x·A(x²)/B(x²) up to 15/32; erfc(x) = e^(−x²)·C(x)/D(x)
 * up to 4; e^(−x²)/x·(1/√π − x⁻²·P(x⁻²)/Q(x⁻²)) beyond.
 */
const erfNumerator = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
];
const erfDenominator = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const middleNumerator = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
  881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const middleDenominator = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const tailNumerator = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const tailDenominator = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];
const smallLimit = 0.46875;
const middleLimit = 4;
/** Beyond it e^(−x²) is 0 in float64. */
const underflow = 27.5;

function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** e^(−x²) with the square split in two, so that its rounding isn't multiplied by x². */
function gaussian(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/** Complementary error function of x ≥ 15/32. */
function erfcPositive(x: number): number {
  if (x > underflow) return 0;
  if (x <= middleLimit) return (gaussian(x) * horner(middleNumerator, x)) / horner(middleDenominator, x);
  const inverse = 1 / (x * x);
  const ratio = (inverse * horner(tailNumerator, inverse)) / horner(tailDenominator, inverse);
  return (gaussian(x) / x) * (1 / Math.sqrt(Math.PI) - ratio);
}

function erfSmall(x: number): number {
  const square = x * x;
  return (x * horner(erfNumerator, square)) / horner(erfDenominator, square);
}

/** Error function (2/√π)·∫₀ˣ e^(−t²) dt; relative error below 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size > smallLimit)) return erfSmall(x);
  return Math.sign(x) * (1 - erfcPositive(size));
}

/** Complementary error function 1 − erf(x), without cancellation for large x; relative error below 1e-15. */
export function erfc(x: number): number {
  if (!(Math.abs(x) > smallLimit)) return 1 - erfSmall(x);
  return x > 0 ? erfcPositive(x) : 2 - erfcPositive(-x);
}

/** Density of the standard normal distribution, e^(−x²/2)/√(2π). */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Distribution function of the standard normal, without cancellation for negative x. */
export function normalDistribution(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** Logistic function 1 / (1 + e^(−x)). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Its derivative, e^(−|x|) / (1 + e^(−|x|))², without cancellation for large |x|. */
export function logisticDerivative(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
}

/** Its second derivative, σ′(x)·(1 − 2σ(x)) = −σ′(x)·tanh(x/2). */
export function logisticSecondDerivative(x: number): number {
  return -logisticDerivative(x) * Math.tanh(x / 2);
}

/** log(1 + eˣ) = max(x, 0) + log1p(e^(−|x|)), which neither overflows nor cancels. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
