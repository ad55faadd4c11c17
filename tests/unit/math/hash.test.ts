import { describe, expect, test } from 'vitest';
import { crc32, fnv1a32 } from '../../../src/math/hash.js';

describe('fnv1a32', () => {
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('known answer of %o', (text, answer) => {
    expect(fnv1a32(text)).toBe(answer);
  });

  test('hashes UTF-8 bytes, not UTF-16 units', () => {
    // The two bytes c3 a9 of é, one after the other as the definition says.
    const step = (hash: number, byte: number) =>
      Number((BigInt((hash ^ byte) >>> 0) * 0x01000193n) & 0xffffffffn);
    expect(fnv1a32('é')).toBe(step(step(0x811c9dc5, 0xc3), 0xa9));
  });
});

describe('crc32', () => {
  test('known answer of "123456789", at once and in two pieces', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
  });
});
