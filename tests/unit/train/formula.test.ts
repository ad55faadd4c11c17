import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormulaError, parseFormula } from '../../../src/train/problems/formula.js';
import { LONGEST_FORMULA } from '../../../src/train/problems/limits.js';
import { problemNames, problemOf } from '../../../src/train/problems/problems.js';
import { evaluator, functionNames } from '../../../src/train/problems/tape.js';

function jet(text: string, x: number, y: number): number[] {
  const out = new Float64Array(6);
  evaluator(parseFormula(text))(x, y, out);
  return [...out];
}

const value = (text: string, x = 0.7, y = -0.4): number => jet(text, x, y)[0]!;

function refusal(text: string): FormulaError {
  try {
    parseFormula(text);
  } catch (error) {
    if (error instanceof FormulaError) return error;
    throw error;
  }
  throw new Error(`'${text}' was read`);
}

describe('a formula', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['2 - 3 - 4', -5],
    ['8 / 4 / 2', 1],
    ['-2^2', -4],
    ['2^3^2', 512],
    ['2^-1', 0.5],
    ['(1 + 2) * 3', 9],
    ['−3 · 2 × 2 ÷ 4', -3],
    ['1.5e-1 + .5', 0.65],
    ['--2', 2],
    ['ln(e) + cos(pi)', 0],
    ['2**3', 8],
  ])('%s is %d', (text, expected) => expect(value(text)).toBeCloseTo(expected, 14));

  test('takes w1, w2 and x, y for its two variables', () => {
    expect(value('w1 - 10*w2', 3, 5)).toBe(-47);
    expect(value('x - 10*y', 3, 5)).toBe(-47);
  });

  test.each([
    ['', 0, /ends where/],
    ['w1 +', 4, /ends where/],
    ['2 w1', 2, /sign is missing/],
    ['2(w1)', 1, /sign is missing/],
    ['w1 * )', 5, /not expected/],
    ['(w1 + 1', 0, /never closed/],
    ['w1 # 2', 3, /"#" does not belong/],
    ['a*w2', 0, /"a" is unknown/],
    ['sin w1', 4, /brackets/],
    ['1e999', 0, /too large/],
    ['alert(1)', 0, /unknown/],
    ['constructor', 0, /unknown/],
    ['w1; w2', 2, /";" does not belong/],
  ])('%j is refused at %d', (text, position, message) => {
    const error = refusal(text);
    expect(error.message).toMatch(message);
    expect(error.position).toBe(position);
  });

  test('has bounded length and depth', () => {
    expect(refusal('1+'.repeat(LONGEST_FORMULA)).message).toMatch(/at most/);
    expect(refusal(`${'('.repeat(150)}w1${')'.repeat(150)}`).message).toMatch(/within each other/);
    expect(refusal(`${'-'.repeat(300)}w1`).message).toMatch(/within each other/);
    expect(refusal(`2${'^2'.repeat(150)}`).message).toMatch(/within each other/);
  });

  test('is read or refused with a position inside, whatever is typed', () => {
    const words = [
      'w1',
      'w2',
      '(',
      ')',
      '+',
      '-',
      '*',
      '/',
      '^',
      '2',
      '.5',
      'exp',
      'e',
      ' ',
      '_',
      '😀',
      '**',
      ',',
    ];
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(typed, (text) => {
        try {
          expect(jet(text, 0.3, -1.2)).toHaveLength(6);
        } catch (error) {
          if (!(error instanceof FormulaError)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** Largest error of gradient and Hessian against central differences, relative to their size or 1. */
function errorOfDerivatives(
  evaluate: (x: number, y: number, out: Float64Array) => void,
  x: number,
  y: number,
): number {
  const at = (dx: number, dy: number): Float64Array => {
    const out = new Float64Array(6);
    evaluate(x + dx, y + dy, out);
    return out;
  };
  const h = 1e-5;
  const exact = at(0, 0);
  const slope = (k: number, dx: number, dy: number): number => (at(dx, dy)[k]! - at(-dx, -dy)[k]!) / (2 * h);
  const found = [slope(0, h, 0), slope(0, 0, h), slope(1, h, 0), slope(1, 0, h), slope(2, 0, h)];
  return Math.max(...found.map((d, i) => Math.abs(d - exact[i + 1]!) / Math.max(1, Math.abs(d))));
}

describe('derivatives agree with central differences to 1e-8', () => {
  test.each([
    ...functionNames.map((name) => `${name}(w1*w1 + w1*w2/3 + 2)`),
    'w1^3*w2 - w2^2/w1',
    '(w1^2 + 1)^w2',
    'w1^-2 + w2^0 + w2^1',
    '(w1 - w2)/(1 + w1^2 + w2^2)',
    '-exp(-w1^2 - 2*w2^2)',
    '2^w1',
  ])('%s', (text) => {
    const evaluate = evaluator(parseFormula(text));
    expect(errorOfDerivatives(evaluate, 0.7, -0.4)).toBeLessThan(1e-8);
    // The measure itself sees a derivative that is wrong by a millionth.
    expect(errorOfDerivatives(wrongSlope(evaluate), 0.7, -0.4)).toBeGreaterThan(1e-8);
  });

  test.each(problemNames)('%s', (name) => {
    const { evaluate, start } = problemOf(name);
    expect(errorOfDerivatives(evaluate, start[0] + 0.1, start[1] - 0.2)).toBeLessThan(1e-7);
  });
});

function wrongSlope(evaluate: (x: number, y: number, out: Float64Array) => void): typeof evaluate {
  return (x, y, out) => {
    evaluate(x, y, out);
    out[1]! += 1e-6 * (1 + Math.abs(out[1]!));
  };
}

describe('an exponent of constants alone is a constant', () => {
  test.each([
    ['w1^(4/2)', 'w1^2'],
    ['w1^(1 + 1)', 'w1^2'],
    ['w1^-(2*1)', 'w1^-2'],
    ['w1^(-(3 - 1))', 'w1^-2'],
    ['w1^sqrt(4)', 'w1^2'],
    ['w1^2^1', 'w1^2'],
    ['w1^-cos(0)', 'w1^-1'],
  ])('%s is %s where w1 is negative', (text, plain) => {
    expect(jet(plain, -1, 0.5)).not.toContain(NaN);
    expect(jet(text, -1, 0.5)).toEqual(jet(plain, -1, 0.5));
  });

  test('and so is one half of three at 0, where there is no logarithm', () => {
    expect(jet('(w1^2 + w2^2)^(3/2)', 0, 0).slice(0, 3)).toEqual([0, 0, 0]);
  });

  test('what surrounds it stays', () => {
    expect(parseFormula('w1 + 2*3 - -(1 + w2)')).toHaveLength(8);
    expect(value('w1 + 2*3 - -(1 + w2)', 3, 5)).toBe(15);
    expect(value('(1 + 2)*w1^(1 + 1) + exp(0)*w2', 3, 5)).toBe(32);
  });
});

test('a square has no pole at 0, and what is no number stays so', () => {
  expect(jet('w1^2', 0, 0)).toEqual([0, 0, 0, 2, 0, 0]);
  expect(value('log(w1)', -1)).toBeNaN();
  expect(value('1/w1', 0)).toBe(Infinity);
});
