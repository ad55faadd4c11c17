/**
 * Numbers as short text, with a true minus sign (U+2212).
 */
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Decimals beyond which a small number is written no further: 0.00013. */
const mostDecimals = 5;

/**
 * A number in at most `digits` significant digits and, between 1e-4 and 1e5, at most five decimals:
 * 1.605, 0.00013, 17, 1.2e5, 3e−7. Trailing zeros are dropped. `NaN`, `∞` and `−∞` are spelled so.
 */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === Infinity) return `${sign}∞`;
  const [mantissa, exponent] = scientific(size, digits);
  if (exponent < -4 || exponent >= 5) {
    const [short, power] = scientific(size, Math.min(digits, 3));
    return `${sign}${trimZeros(short)}e${power < 0 ? '−' : ''}${Math.abs(power)}`;
  }
  if (exponent >= digits - 1) return sign + (Number(mantissa) * 10 ** exponent).toFixed(0);
  return sign + trimZeros(size.toFixed(Math.min(mostDecimals, digits - 1 - exponent)));
}

/** A power of ten with superscript exponent: 10⁻³; 1 and 10 are written plainly. */
export function formatPower(exponent: number): string {
  if (exponent === 0) return '1';
  if (exponent === 1) return '10';
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]!);
  return `10${exponent < 0 ? '⁻' : ''}${digits.join('')}`;
}

/** Fixed decimals, with a true minus sign and without a sign on zero. */
export function formatFixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function scientific(size: number, digits: number): [mantissa: string, exponent: number] {
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
  return [mantissa!, Number(exponent)];
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
