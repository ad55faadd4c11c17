/**
 * Where ticks stand and what is written at them.
 */
import { scaleLinear } from 'd3-scale';
import { formatFixed, formatNumber, formatPower } from './format.js';
import type { Norm } from './scale.js';

export interface Tick {
  readonly value: number;
  /** Empty for a minor tick. */
  readonly label: string;
}

export interface Ticks {
  readonly ticks: readonly Tick[];
  /** Labels show (value − offset) / 10^exponent; both 0 unless plain labels would be too long. */
  readonly offset: number;
  readonly exponent: number;
}

/** Significant digits above which labels share an offset. */
const mostDigits = 5;

/** About `count` round numbers from `min` to `max` (either order). */
export function linearTicks(min: number, max: number, count: number): Ticks {
  const [low, high] = min < max ? [min, max] : [max, min];
  const values = scaleLinear().domain([low, high]).ticks(count);
  const step = values.length > 1 ? values[1]! - values[0]! : high - low || 1;
  const place = Math.floor(Math.log10(step) + 1e-9);
  const size = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const offset = Math.floor(Math.log10(size)) - place >= mostDigits ? offsetOf(low, high) : 0;
  const rest = Math.max(Math.abs(low - offset), Math.abs(high - offset)) || 1;
  const power = Math.floor(Math.log10(rest) + 1e-9);
  const exponent = power < -3 || power >= 5 ? power : 0;
  const decimals = Math.max(0, exponent - place);
  return {
    offset,
    exponent,
    ticks: values.map((value) => ({
      value,
      label: formatFixed((value - offset) * 10 ** -exponent, decimals),
    })),
  };
}

/** The shortest number in the middle of a narrow range. */
function offsetOf(low: number, high: number): number {
  const unit = 10 ** Math.ceil(Math.log10(high - low) + 1e-9);
  // Division by a power of ten that is a whole number keeps 0.312 at 0.312 where 31200·1e-5 would not.
  const middle = (low + high) / 2;
  return unit < 1
    ? Math.round(middle * Math.round(1 / unit)) / Math.round(1 / unit)
    : Math.round(middle / unit) * unit;
}

/** All digits that float64 has for sure: an offset that is cut short would be another point. */
function inFull(value: number): string {
  return String(Number(value.toPrecision(15))).replace('e-', 'e−');
}

/** An axis' or bar's name with what its labels leave out: `α − 0.312 (×10⁻⁶)`. */
export function nameWithUnits(name: string, { offset, exponent }: Ticks): string {
  const shifted = offset === 0 ? name : `${name} ${offset < 0 ? '+' : '−'} ${inFull(Math.abs(offset))}`;
  return exponent === 0 ? shifted : `${shifted} (×${formatPower(exponent)})`;
}

/** Ticks of a colour scale: about `count` with labels, and minor ones between on a log scale. */
export function normTicks(norm: Norm, count: number): Ticks {
  if (norm.kind === 'linear') return linearTicks(norm.min, norm.max, count);
  const ticks = norm.kind === 'log' ? logTicks(norm.min, norm.max, count) : symlogTicks(norm, count);
  return ticks.filter((tick) => tick.label).length >= 2
    ? { ticks, offset: 0, exponent: 0 }
    : linearTicks(norm.min, norm.max, count);
}

/** Beyond this many decades the ticks between them would only be grey. */
const mostDecadesWithMinors = 5;

/** Multiples of a power of ten that may carry a label, from coarse to fine. */
const logSteps: readonly (readonly number[])[] = [[1], [1, 3], [1, 2, 5]];

function logTicks(min: number, max: number, count: number): Tick[] {
  const [first, last] = [Math.floor(Math.log10(min)), Math.floor(Math.log10(max) + 1e-9)];
  const decades = Math.log10(max) - Math.log10(min);
  // Labels every few decades when there are many, several in each when there are few.
  let stride = Math.max(1, Math.ceil(decades / count));
  const lowest = Math.ceil(Math.log10(min) - 1e-9);
  // One label alone would say nothing about the scale.
  while (stride > 1 && Math.floor(last / stride) - Math.ceil(lowest / stride) < 1) stride--;
  const labelled = logSteps.findLast((steps) => steps.length * decades <= count) ?? logSteps[0]!;
  const powers = stride > 1 || (labelled.length === 1 && (min < 1e-3 || max >= 1e5));
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power++) {
    for (let digit = 1; digit <= 9; digit++) {
      const value = Number(`${digit}e${power}`);
      if (value < min * (1 - 1e-9) || value > max * (1 + 1e-9)) continue;
      if (decades > mostDecadesWithMinors && digit > 1) continue;
      const named = power % stride === 0 && labelled.includes(digit);
      ticks.push({ value, label: !named ? '' : powers ? formatPower(power) : formatNumber(value) });
    }
  }
  return ticks;
}

function symlogTicks({ min, max, constant }: Norm, count: number): Tick[] {
  const size = Math.max(Math.abs(min), Math.abs(max));
  const first = Math.ceil(Math.log10(constant) - 1e-9);
  const last = Math.floor(Math.log10(size) + 1e-9);
  const sides = (min < 0 ? 1 : 0) + (max > 0 ? 1 : 0);
  const stride = Math.max(1, Math.ceil((sides * (last - first + 1)) / count));
  const powers = first < -3 || last >= 5;
  const ticks: Tick[] = [];
  const push = (sign: string, power: number): void => {
    const value = Number(`${sign === '−' ? '-' : ''}1e${power}`);
    if (value < min || value > max) return;
    const named = (last - power) % stride === 0;
    ticks.push({ value, label: !named ? '' : powers ? sign + formatPower(power) : formatNumber(value) });
  };
  for (let power = last; power >= first; power--) push('−', power);
  if (min <= 0 && max >= 0) ticks.push({ value: 0, label: '0' });
  for (let power = first; power <= last; power++) push('', power);
  return ticks;
}
