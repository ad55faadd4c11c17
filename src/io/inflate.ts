import { Gunzip, Inflate } from 'fflate';
import { crc32 } from '../math/hash.js';
import type { Fail } from './errors.js';

/** Deflate cannot shrink more than this (RFC 1951: 258 bytes out of two bits). */
export const MAX_DEFLATE_RATIO = 1032;

/** Compressed bytes per step; one step gives 16 MiB at most, by which a cap may be overshot for a moment. */
const STEP_BYTES = 16_384;

/** Header and trailer of a gzip member. */
const MIN_GZIP_BYTES = 18;

export interface Inflated {
  /** The first bytes of what was compressed, at most `cap`. */
  readonly data: Uint8Array;
  /** Whether that is all of it. */
  readonly complete: boolean;
}

/**
 * Inflates as a stream and stops at `cap` bytes of output, whatever the data claim about their size.
 * Fails when they are damaged; a deflate stream that breaks off may also just come out short.
 */
export function inflateUpTo(
  compressed: Uint8Array,
  format: 'deflate' | 'gzip',
  cap: number,
  fail: Fail,
): Inflated {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const collect = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    total += chunk.length;
  };
  const stream = format === 'gzip' ? new Gunzip(collect) : new Inflate(collect);
  try {
    for (let start = 0; start < compressed.length && total <= cap; start += STEP_BYTES) {
      const end = start + STEP_BYTES;
      stream.push(compressed.subarray(start, end), end >= compressed.length);
    }
  } catch {
    fail('its compressed data are damaged; copy or download the file again');
  }
  const data = new Uint8Array(Math.min(total, cap));
  let position = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, data.length - position);
    data.set(part, position);
    position += part.length;
  }
  return { data, complete: total <= cap };
}

/** Whether the bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The content of a gzip file, which is to have at most `cap` bytes. */
export function gunzip(bytes: Uint8Array, cap: number, fail: Fail): Uint8Array {
  const { data, complete } = inflateUpTo(bytes, 'gzip', cap, fail);
  if (!complete) fail(`it unpacks to more than the ${cap} bytes that it should have; download it again`);
  // The trailer of a file with one member: CRC-32 and length. In a file of several they are the last one's.
  const trailer = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length < MIN_GZIP_BYTES ? -1 : trailer.getUint32(bytes.length - 4, true);
  if (size === data.length && trailer.getUint32(bytes.length - 8, true) !== crc32(data)) {
    fail('its checksum is wrong; copy or download the file again');
  }
  return data;
}
