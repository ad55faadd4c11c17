import { describe, expect, test, vi } from 'vitest';
import { sha256, sha256Digest } from '../../../src/io/hash.js';

describe('sha256', () => {
  // FIPS 180-4 examples.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('known answer of %o, with and without the platform', async (text, answer) => {
    const bytes = new TextEncoder().encode(text);
    expect(await sha256(bytes)).toBe(answer);
    expect(Buffer.from(sha256Digest(bytes)).toString('hex')).toBe(answer);
    vi.stubGlobal('crypto', undefined);
    expect(await sha256(bytes)).toBe(answer);
    vi.unstubAllGlobals();
  });

  test('agrees with the platform at every length around a block', async () => {
    for (let length = 50; length < 135; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      expect(Buffer.from(sha256Digest(bytes)).toString('hex')).toBe(await sha256(bytes));
    }
  });
});
