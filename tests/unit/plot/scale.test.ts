import { scaleLinear, scaleLog, scaleSymlog } from 'd3-scale';
import { describe, expect, it } from 'vitest';
import { automaticLimits, countValues, makeNorm } from '../../../src/plot/scale.js';
import { expectClose } from '../../helpers/compare.js';

const values = [-3, -0.5, 0.001, 0.2, 1, 17, 900];

describe('norms', () => {
  it('agree with d3-scale within 1e-12', () => {
    const d3 = {
      linear: scaleLinear().domain([0.001, 900]),
      log: scaleLog().domain([0.001, 900]),
      symlog: scaleSymlog().domain([0.001, 900]).constant(0.05),
    };
    for (const kind of ['linear', 'log', 'symlog'] as const) {
      const norm = makeNorm({ kind, min: 0.001, max: 900, constant: 0.05 });
      const shown = values.filter((value) => kind !== 'log' || value > 0);
      expectClose(shown.map(norm.unit), shown.map(d3[kind]), { relative: 1e-12, absolute: 1e-12 }, kind);
      expectClose(
        shown.map((value) => norm.value(norm.unit(value))),
        shown,
        { relative: 1e-12, absolute: 1e-12 },
        kind,
      );
      const perturbed = shown.map((value) => norm.unit(value * 1.001));
      expect(() =>
        expectClose(perturbed, shown.map(d3[kind]), { relative: 1e-12, absolute: 1e-12 }),
      ).toThrow();
    }
  });

  it('put what a logarithm cannot show below everything, and leave NaN and ∞', () => {
    const norm = makeNorm({ kind: 'log', min: 0.1, max: 10 });
    expect([0, -0, -5, NaN, Infinity, -Infinity].map(norm.unit)).toEqual([
      -Infinity,
      -Infinity,
      -Infinity,
      NaN,
      Infinity,
      -Infinity,
    ]);
  });

  it('refuse limits that do not fit, saying why', () => {
    expect(() => makeNorm({ kind: 'log', min: 0, max: 1 })).toThrow(/above 0, not 0/);
    expect(() => makeNorm({ kind: 'linear', min: 2, max: 2 })).toThrow(/increasing numbers, not 2 and 2/);
    expect(() => makeNorm({ kind: 'linear', min: 0, max: Infinity })).toThrow(/not 0 and Infinity/);
    expect(() => makeNorm({ kind: 'symlog', min: 0, max: 1, constant: 0 })).toThrow(/above 0, not 0/);
  });
});

describe('automatic limits', () => {
  it('hold all panels together', () => {
    const grids = [{ values: [3, 1] }, { values: [2, 8] }];
    expect(automaticLimits(grids, 'linear')).toEqual({ min: 1, max: 8 });
  });

  it('leave out NaN, ∞, what is not computed, and on a log scale what is not above 0', () => {
    const grids = [
      { values: [NaN, -Infinity, Infinity, -2, 0, 5, 0.1, 99], computed: [1, 1, 1, 1, 1, 1, 1, 0] },
    ];
    expect(automaticLimits(grids, 'linear')).toEqual({ min: -2, max: 5 });
    expect(automaticLimits(grids, 'symlog')).toEqual({ min: -2, max: 5 });
    expect(automaticLimits(grids, 'log')).toEqual({ min: 0.1, max: 5 });
  });

  it('put zero in the middle when asked', () => {
    expect(automaticLimits([{ values: [-1, 4] }], 'linear', { symmetric: true })).toEqual({
      min: -4,
      max: 4,
    });
    expect(automaticLimits([{ values: [0] }], 'linear', { symmetric: true })).toEqual({ min: -1, max: 1 });
  });

  it('make room around a constant grid, and around rounding alone', () => {
    expect(automaticLimits([{ values: [2, 2] }], 'linear')).toEqual({ min: 1.8, max: 2.2 });
    expect(automaticLimits([{ values: [0] }], 'linear')).toEqual({ min: -1, max: 1 });
    expect(automaticLimits([{ values: [2, 2] }], 'log')).toEqual({ min: 1, max: 4 });
    const { min, max } = automaticLimits([{ values: [1, 1 + 2 ** -52] }], 'log');
    expect(max / min).toBeGreaterThan(3);
  });

  it('are usable without any data', () => {
    for (const kind of ['linear', 'log', 'symlog'] as const) {
      for (const symmetric of [false, true]) {
        for (const nothing of [[], [NaN], [Infinity]]) {
          const limits = automaticLimits([{ values: nothing }], kind, { symmetric });
          expect(() => makeNorm({ kind, ...limits })).not.toThrow();
        }
      }
    }
  });
});

it('counts computed values against the limits', () => {
  const grid = {
    values: [NaN, Infinity, -Infinity, -1, 0, 0.5, 1, 2, 7],
    computed: [1, 1, 1, 1, 1, 1, 1, 1, 0],
  };
  expect(countValues([grid], { min: 0, max: 1 })).toEqual({
    computed: 8,
    nan: 1,
    infinite: 2,
    below: 1,
    above: 1,
  });
});
