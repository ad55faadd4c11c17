import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Inflating } from '../../../src/io/inflate.js';

const fail = (problem: string): never => {
  throw new Error(problem);
};

describe('inflating as far as is asked for', () => {
  // Packed in part only, so that there are many steps of input.
  const content = Uint8Array.from({ length: 300_000 }, (_, i) =>
    i < 200_000 ? 32 * (1 + Math.sin(i * i)) : 7,
  );

  it.each([
    ['deflate', deflateSync(content).subarray(2, -4)],
    ['gzip', gzipSync(content)],
  ] as const)('%s: a beginning, more of it, all of it', (format, packed) => {
    const inflating = new Inflating(packed, format, fail);
    for (const cap of [0, 4, 70_000, 4, 250_000, 300_000, 1e6]) {
      const { data, complete } = inflating.upTo(cap);
      expect(Buffer.compare(data, content.subarray(0, cap))).toBe(0);
      expect(complete).toBe(cap >= content.length);
    }
  });

  it('fails where the data are damaged, not before', () => {
    const packed = deflateSync(content).subarray(2, -4);
    packed.fill(0xff, 100_000, 110_000);
    const inflating = new Inflating(packed, 'deflate', fail);
    expect(Buffer.compare(inflating.upTo(1000).data, content.subarray(0, 1000))).toBe(0);
    expect(() => inflating.upTo(content.length)).toThrow('damaged');
  });
});
