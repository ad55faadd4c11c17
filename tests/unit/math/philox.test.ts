import { describe, expect, test } from 'vitest';
import { normals } from '../../../src/math/normal.js';
import { type PhiloxBlock, type PhiloxKey, philox4x32 } from '../../../src/math/philox.js';

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox4x32', () => {
  // kat_vectors of Random123, rows "philox4x32 10".
  test.each<[PhiloxKey, PhiloxBlock, string]>([
    [[0, 0], [0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('known answer of key %o, counter %o', (key, counter, answer) => {
    expect(hex(philox4x32(key, counter))).toBe(answer);
  });

  test('one bit of key or counter changes about half of the bits', () => {
    const base = philox4x32([1, 2], [3, 4, 5, 6]);
    const others = [
      philox4x32([1, 3], [3, 4, 5, 6]),
      philox4x32([0, 2], [3, 4, 5, 6]),
      philox4x32([1, 2], [2, 4, 5, 6]),
      philox4x32([1, 2], [3, 4, 5, 7]),
    ];
    for (const other of others) {
      const changed = other.map((word, i) => (word ^ base[i]!).toString(2).replaceAll(/[^1]/g, ''));
      expect(Math.abs(changed.join('').length - 64)).toBeLessThan(30);
    }
  });
});

describe('normals', () => {
  test('block b gives elements 4b to 4b + 3, whatever the count', () => {
    const long = normals([7, 9], [1, 0, 0], 103);
    for (const count of [1, 2, 3, 5, 64])
      expect(normals([7, 9], [1, 0, 0], count)).toEqual(long.slice(0, count));
  });

  test('Box and Muller of the known answer, key 0 and counter 0', () => {
    const [r0, r1, r2, r3] = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8].map((r) => (r + 0.5) / 2 ** 32);
    const expected = [
      Math.sqrt(-2 * Math.log(r0!)) * Math.cos(2 * Math.PI * r1!),
      Math.sqrt(-2 * Math.log(r0!)) * Math.sin(2 * Math.PI * r1!),
      Math.sqrt(-2 * Math.log(r2!)) * Math.cos(2 * Math.PI * r3!),
      Math.sqrt(-2 * Math.log(r2!)) * Math.sin(2 * Math.PI * r3!),
    ];
    expect([...normals([0, 0], [0, 0, 0], 4)]).toEqual(expected.map(Math.fround));
  });

  test('the first four moments of 400 000 draws lie within five standard errors', () => {
    const n = 400_000;
    const draws = normals([12345, 678], [0, 0, 0], n);
    const moment = (power: number) => draws.reduce((sum, z) => sum + z ** power, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  test('neighbours and the two directions of one parameter are uncorrelated', () => {
    const n = 100_000;
    const first = normals([3, 4], [0, 0, 0], n);
    const second = normals([3, 4], [1, 0, 0], n);
    const correlation = (lag: number, other: Float32Array) =>
      first.subarray(0, n - lag).reduce((sum, z, i) => sum + z * other[i + lag]!, 0) / n;
    for (const lag of [1, 2, 3, 4]) expect(Math.abs(correlation(lag, first))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(correlation(0, second))).toBeLessThan(5 / Math.sqrt(n));
  });
});
