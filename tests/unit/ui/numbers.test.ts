import { describe, expect, it } from 'vitest';
import { coordinate, count, duration, percent, significant } from '../../../src/ui/numbers.js';

describe('numbers as the page writes them', () => {
  it.each([
    [1.60516, '1.605'],
    [0.00012667, '0.0001267'],
    [0.0000908, '9.080e−5'],
    [12345, '12350'],
    [126720.98, '126700'],
    [1743047, '1.743e6'],
    [-2.5, '−2.500'],
    [0, '0'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('significant(%d) is %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });

  it.each([
    [0.46, '46 %'],
    [0.997, '99.7 %'],
    [1, '100 %'],
    [0, '0 %'],
    [0.004, '0.4 %'],
  ])('percent(%d) is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it('coordinates keep three decimals of the range, and zero has no sign', () => {
    expect([coordinate(-0.2081, 1), coordinate(-0, 1), coordinate(1.5e-4, 1e-3)]).toEqual([
      '−0.208',
      '0.000',
      '0.000150',
    ]);
  });

  it('counts are grouped and times are in words', () => {
    expect([0, 999, 5202, 1234567].map(count)).toEqual(['0', '999', '5,202', '1,234,567']);
    expect([0.2, 11.2, 200, 7900].map(duration)).toEqual(['less than 1 s', '12 s', '3 min', '2 h 12 min']);
  });
});
