import { describe, expect, it } from 'vitest';
import { automaticLevels, levelLabels } from '../../../src/plot/levels.js';
import { makeNorm } from '../../../src/plot/scale.js';
import { linearTicks, nameWithUnits, normTicks, type Ticks } from '../../../src/plot/ticks.js';

const labels = ({ ticks }: Ticks): string[] =>
  ticks.map(({ label }) => label).filter((label) => label !== '');

/** 10⁻³ → −3. */
const exponentOf = (label: string): number =>
  Number(
    label
      .slice(2)
      .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (sign) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign)))
      .replace('⁻', '-'),
  );

describe('linear ticks', () => {
  it('have equal decimals and a true minus', () => {
    expect(labels(linearTicks(-1, 1, 5))).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
    expect(labels(linearTicks(1, -1, 5))).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
  });

  it('share an offset and a power of ten in a narrow range', () => {
    const ticks = linearTicks(0.312 - 1e-6, 0.312 + 1e-6, 5);
    expect(nameWithUnits('α', ticks)).toBe('α − 0.312 (×10⁻⁶)');
    expect(labels(ticks)).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
    expect(nameWithUnits('β', linearTicks(-1e-7, 1e-7, 5))).toBe('β (×10⁻⁷)');
    expect(nameWithUnits('α', linearTicks(-0.25 - 1e-8, -0.25 + 1e-8, 4))).toBe('α + 0.25 (×10⁻⁸)');
    // An offset with fewer digits would be another point, far outside of the window.
    const deep = linearTicks(0.3125 - 2e-10, 0.3125 + 2e-10, 4);
    expect(nameWithUnits('α', deep)).toBe('α − 0.3125 (×10⁻¹⁰)');
    const odd = linearTicks(-0.2000000001863 - 1e-11, -0.2000000001863 + 1e-11, 4);
    expect(nameWithUnits('α', odd)).toBe('α + 0.2000000002 (×10⁻¹¹)');
    expect(nameWithUnits('loss', linearTicks(0, 3e7, 4))).toBe('loss (×10⁷)');
  });

  it('stay distinct at every zoom', () => {
    for (let zoom = 0; zoom <= 12; zoom++) {
      for (const middle of [0, 0.312, -0.7, 1000]) {
        const half = 10 ** -zoom;
        if (middle + half / 100 === middle) continue;
        const ticks = linearTicks(middle - half, middle + half, 6);
        expect(new Set(labels(ticks)).size, `${middle} ± ${half}`).toBe(ticks.ticks.length);
        expect(Math.max(...labels(ticks).map((label) => label.length))).toBeLessThanOrEqual(8);
      }
    }
  });
});

describe('ticks of a colour scale', () => {
  it('are powers over many decades, plain numbers over few', () => {
    expect(labels(normTicks(makeNorm({ kind: 'log', min: 1e-4, max: 1e4 }), 5))).toEqual([
      '10⁻⁴',
      '10⁻²',
      '1',
      '10²',
      '10⁴',
    ]);
    expect(labels(normTicks(makeNorm({ kind: 'log', min: 0.05, max: 6 }), 8))).toEqual([
      '0.05',
      '0.1',
      '0.2',
      '0.5',
      '1',
      '2',
      '5',
    ]);
    expect(labels(normTicks(makeNorm({ kind: 'log', min: 2.1, max: 2.9 }), 4)).length).toBeGreaterThan(2);
  });

  it('lie within the limits and number about as many as asked for', () => {
    for (const [min, max] of [
      [1e-12, 1e16],
      [0.9, 1.1],
      [1e-300, 1e300],
      [3, 40],
      [1.2, 8e4],
      [0.00013, 1.9e5],
    ] as const) {
      for (const count of [2, 3, 6, 10]) {
        const { ticks } = normTicks(makeNorm({ kind: 'log', min, max }), count);
        const named = ticks.filter(({ label }) => label !== '');
        expect(ticks.every(({ value }) => value >= min * 0.999 && value <= max * 1.001)).toBe(true);
        expect(named.length, `${min} … ${max}, ${count}`).toBeGreaterThanOrEqual(2);
        expect(named.length, `${min} … ${max}, ${count}`).toBeLessThanOrEqual(2 * count + 1);
        expect(new Set(named.map(({ label }) => label)).size, `${min} … ${max}, ${count}`).toBe(named.length);
        for (const { value, label } of named) {
          if (/^10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$/.test(label)) expect(Math.log10(value)).toBeCloseTo(exponentOf(label), 9);
        }
      }
    }
  });

  it('are symmetric on a symmetric symlog scale', () => {
    const { ticks } = normTicks(makeNorm({ kind: 'symlog', min: -100, max: 100, constant: 0.1 }), 9);
    const values = ticks.map(({ value }) => value);
    expect(values).toContain(0);
    expect(values.map((value) => 0 - value).reverse()).toEqual(values);
  });
});

describe('contour levels', () => {
  it('are round, inside the limits, and spread over decades on a log scale', () => {
    expect(automaticLevels(makeNorm({ kind: 'log', min: 1e-4, max: 1e4 }), 8)).toEqual([
      0.001, 0.01, 0.1, 1, 10, 100, 1000,
    ]);
    expect(automaticLevels(makeNorm({ kind: 'linear', min: 0, max: 1 }), 7)).toEqual([0.2, 0.4, 0.6, 0.8]);
    const both = automaticLevels(makeNorm({ kind: 'symlog', min: -100, max: 100, constant: 0.1 }), 10);
    expect(both).toContain(0);
    expect(both.map((level) => 0 - level).reverse()).toEqual(both);
  });

  it('are labelled so that neighbours differ', () => {
    const norm = makeNorm({ kind: 'linear', min: 0.0221704, max: 0.0221704 + 3e-9 });
    const levels = automaticLevels(norm);
    expect(new Set(levelLabels(norm, levels)).size).toBe(levels.length);
    expect(levelLabels(makeNorm({ kind: 'log', min: 0.01, max: 9 }), [0.1, 1, 3])).toEqual(['0.1', '1', '3']);
  });
});
