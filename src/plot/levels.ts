/**
 * Which contour levels are drawn when nobody chose any.
 */
import { scaleLinear } from 'd3-scale';
import { formatFixed, formatNumber } from './format.js';
import type { Norm } from './scale.js';
import { normTicks } from './ticks.js';

/** Multiples within a decade, from coarse to fine. */
const decadeSteps: readonly (readonly number[])[] = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
];

/** Decades below which a log scale is divided evenly instead. */
const fewDecades = 0.6;

/** About `count` round levels strictly between the limits: equal steps, or per decade on log and symlog. */
export function automaticLevels(norm: Norm, count = 14): number[] {
  const levels = norm.kind === 'linear' ? linearLevels(norm, count) : decadeLevels(norm, count);
  return levels.filter((level) => level > norm.min && level < norm.max);
}

/** Round steps come in twos and fives, so up to half as many again: ask for fewer than may come. */
const linearShare = 0.7;

function linearLevels({ min, max }: Norm, count: number): number[] {
  return scaleLinear()
    .domain([min, max])
    .ticks(linearShare * count);
}

function decadeLevels(norm: Norm, count: number): number[] {
  if (norm.kind === 'log') {
    const decades = Math.log10(norm.max / norm.min);
    return decades < fewDecades ? linearLevels(norm, count) : positiveLevels(norm.min, norm.max, count);
  }
  const { min, max, constant } = norm;
  const negative = min < -constant ? positiveLevels(Math.max(constant, -max), -min, count / 2) : [];
  const positive = max > constant ? positiveLevels(Math.max(constant, min), max, count / 2) : [];
  return [...negative.map((level) => -level).reverse(), 0, ...positive];
}

function positiveLevels(min: number, max: number, count: number): number[] {
  const decades = Math.log10(max / min);
  const stride = Math.max(1, Math.round(decades / count));
  const steps =
    stride > 1
      ? decadeSteps[0]!
      : decadeSteps.reduce((best, candidate) =>
          Math.abs(candidate.length * decades - count) < Math.abs(best.length * decades - count)
            ? candidate
            : best,
        );
  const levels: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
    if (power % stride !== 0) continue;
    for (const step of steps) levels.push(Number(`${step}e${power}`));
  }
  return levels;
}

/** Digits a level may need to differ from its neighbour. */
const mostLevelDigits = 8;

/**
 * Text for every level: as short as tells them apart. Where the bar's labels share an offset or a power of
 * ten (`normTicks`), so do these.
 */
export function levelLabels(norm: Norm, levels: readonly number[]): string[] {
  const { offset, exponent } = normTicks(norm, 8);
  const shown = levels.map((level) => (level - offset) * 10 ** -exponent);
  for (let digits = 3; digits < mostLevelDigits; digits++) {
    const labels = shown.map((level) =>
      offset === 0 && exponent === 0 ? formatNumber(level, digits) : formatFixed(level, digits - 2),
    );
    if (new Set(labels).size === new Set(shown).size) return labels;
  }
  return shown.map((level) => formatNumber(level, mostLevelDigits));
}
