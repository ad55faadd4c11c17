import { expect, it } from 'vitest';
import { formatFixed, formatNumber, formatPower } from '../../../src/plot/format.js';

it('writes numbers shortly', () => {
  const known: [number, string][] = [
    [1.6049, '1.605'],
    [0.000131, '0.00013'],
    [0.0187, '0.0187'],
    [1e5, '1e5'],
    [123456, '1.23e5'],
    [98765, '98770'],
    [99999, '1e5'],
    [12345.6, '12350'],
    [0.99996, '1'],
    [9.9999e-5, '0.0001'],
    [0.00001234, '1.23e−5'],
    [-0.25, '−0.25'],
    [-3e-9, '−3e−9'],
    [0, '0'],
    [-0, '0'],
    [17, '17'],
    [100, '100'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ];
  expect(known.map(([value]) => formatNumber(value))).toEqual(known.map(([, text]) => text));
  expect(formatNumber(1.6049, 2)).toBe('1.6');
  expect(formatNumber(12345, 2)).toBe('12000');
});

it('writes powers and fixed decimals', () => {
  expect([-12, -1, 0, 1, 2, 30].map(formatPower)).toEqual(['10⁻¹²', '10⁻¹', '1', '10', '10²', '10³⁰']);
  expect([-0.04, 0.04, -0.06].map((value) => formatFixed(value, 1))).toEqual(['0.0', '0.0', '−0.1']);
});
