import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  erf,
  erfc,
  logistic,
  logisticDerivative,
  normalDensity,
  normalDistribution,
  softplus,
} from '../../../src/math/special.js';
import { expectClose } from '../../helpers/compare.js';

/** x, erf(x), erfc(x), correctly rounded (mpmath 1.3.0, 40 digits). */
const table: readonly (readonly [number, number, number])[] = [
  [1e-300, 1.1283791670955126e-300, 1.0],
  [1e-10, 1.1283791670955126e-10, 0.999999999887162],
  [0.125, 0.1403162048013338, 0.8596837951986662],
  [0.3, 0.3286267594591274, 0.6713732405408726],
  [0.46875, 0.49261347321793797, 0.507386526782062],
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [0.75, 0.7111556336535151, 0.28884436634648486],
  [1.0, 0.8427007929497149, 0.15729920705028513],
  [1.5, 0.9661051464753108, 0.033894853524689274],
  [2.0, 0.9953222650189527, 0.004677734981047266],
  [2.75, 0.9998993780778803, 0.00010062192211963683],
  [3.5, 0.9999992569016276, 7.430983723414128e-7],
  [4.0, 0.9999999845827421, 1.541725790028002e-8],
  [4.0625, 0.9999999908210709, 9.178929024808192e-9],
  [5.0, 0.9999999999984626, 1.537459794428035e-12],
  [5.5, 0.9999999999999927, 7.357847917974398e-15],
  [6.0, 1.0, 2.1519736712498913e-17],
  [8.0, 1.0, 1.1224297172982926e-29],
  [10.0, 1.0, 2.088487583762545e-45],
  [16.0, 1.0, 2.3284857515715308e-113],
  [20.0, 1.0, 5.395865611607901e-176],
  [25.5, 1.0, 8.80166269072795e-285],
];

describe('erf and erfc', () => {
  it('are within 1e-15 relative of the truth, erfc down to 1e-290', () => {
    const tolerance = { relative: 1e-15, absolute: 0 };
    const x = table.map(([value]) => value);
    expectClose(
      x.map(erf),
      table.map((row) => row[1]),
      tolerance,
      'erf',
    );
    expectClose(
      x.map(erfc),
      table.map((row) => row[2]),
      tolerance,
      'erfc',
    );
    const off = table.map((row) => row[2] * (1 + 3e-15));
    expect(() => expectClose(x.map(erfc), off, tolerance)).toThrow('differ');
  });

  it('are odd, complementary and keep what is not a number', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(Math.abs(erf(x) + erfc(x) - 1)).toBeLessThan(5e-16);
        expect(Math.abs(erfc(x) + erfc(-x) - 2)).toBeLessThan(1e-15);
      }),
    );
    expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2]);
    expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
    expect(erf(-0)).toBe(-0);
  });

  it('grow with no step where one approximation takes over from the next', () => {
    for (const limit of [0.46875, 4]) {
      const below = limit * (1 - 1e-15);
      const above = limit * (1 + 1e-15);
      expectClose([erfc(below)], [erfc(above)], { relative: 1e-13, absolute: 0 });
      expectClose([erf(below)], [erf(above)], { relative: 3e-15, absolute: 0 });
    }
  });
});

describe('normal distribution', () => {
  it('has the density as its slope', () => {
    for (const x of [-6, -2, -0.5, 0, 0.7, 3]) {
      const h = 1e-5;
      const slope = (normalDistribution(x + h) - normalDistribution(x - h)) / (2 * h);
      expectClose([slope], [normalDensity(x)], { relative: 1e-8, absolute: 1e-11 });
    }
    expect(normalDistribution(0)).toBe(0.5);
  });
});

describe('logistic and softplus', () => {
  it('neither overflow nor cancel', () => {
    expect([logistic(-1000), logistic(1000), logisticDerivative(1000), logisticDerivative(-1000)]).toEqual([
      0, 1, 0, 0,
    ]);
    expect([softplus(1000), softplus(-1000), softplus(Infinity), softplus(-Infinity)]).toEqual([
      1000,
      0,
      Infinity,
      0,
    ]);
    // e⁻⁴⁰, where 1 − logistic² or log(1 + eˣ) would be exactly 0.
    const tiny = Math.exp(-40);
    expectClose([logisticDerivative(40), softplus(-40)], [tiny, tiny], { relative: 1e-15, absolute: 0 });
    expect([logistic(NaN), logisticDerivative(NaN), softplus(NaN)]).toEqual([NaN, NaN, NaN]);
  });
});
