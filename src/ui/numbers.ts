/** Numbers as the page writes them: a true minus, four significant digits, times in words. */

/** 2601 → `2,601`; a first formatter of `Intl` would take ten milliseconds of the page's start. */
export function count(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * A value with `digits` significant digits; powers of ten from 1e6 up and below 1e-4. Trailing zeros
 * stay, so that a read-out does not change its width while the pointer moves.
 */
export function significant(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(digits - 1) : value.toPrecision(digits);
  // 12345 with four digits: toPrecision says 1.235e+4, which nobody reads as quickly as 12350.
  const plain = size >= 1 && size < 1e6 && text.includes('e') ? String(Number(text)) : text;
  return plain.replace('e+', 'e').replaceAll('-', '−');
}

/** A coordinate with three decimals of the range: `−0.208`. */
export function coordinate(value: number, range: number): string {
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(range)));
  // Beyond them the places before the first digit that differs from 0 are not worth reading.
  if (decimals > 16) return significant(value);
  return (value === 0 ? 0 : value).toFixed(decimals).replace('-', '−');
}

/** A share, 0 … 1, in percent: `46 %`; one decimal where whole percents would hide the difference. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return 'NaN';
  const inPercent = share * 100;
  const whole = inPercent === 0 || inPercent === 100 || (inPercent >= 10 && inPercent <= 90);
  return `${inPercent.toFixed(whole ? 0 : 1)} %`;
}

/** A time in words: `less than a second`, `12 s`, `3 min`, `2 h 10 min`. Seconds. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Three digits and a metric prefix, for a unit to follow: 2.5e13 → `25.0 T`. */
export function prefixed(value: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
  const power = value < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  // 999.6 would be written as 1.00e+3.
  if (scaled >= 999.5 && power < prefixes.length - 1) return `1.00 ${prefixes[power + 1]}`;
  return `${power === 0 ? Math.round(scaled) : scaled.toPrecision(3)} ${prefixes[power]}`;
}
