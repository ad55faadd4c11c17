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

/** Inflates as a stream, as far as is asked for, whatever the data claim about their size. */
export class Inflating {
  readonly #chunks: Uint8Array[] = [];
  #total = 0;
  #start = 0;
  readonly #stream: Inflate | Gunzip;

  constructor(
    private readonly compressed: Uint8Array,
    format: 'deflate' | 'gzip',
    private readonly fail: Fail,
  ) {
    const collect = (chunk: Uint8Array): void => {
      this.#chunks.push(chunk);
      this.#total += chunk.length;
    };
    this.#stream = format === 'gzip' ? new Gunzip(collect) : new Inflate(collect);
  }

  /**
   * The first bytes, at most `cap`; more of them another time cost only what is added. Fails when the data are
   * damaged; a deflate stream that breaks off may also just come out short.
   */
  upTo(cap: number): Inflated {
    const { compressed } = this;
    try {
      for (; this.#start < compressed.length && this.#total <= cap; this.#start += STEP_BYTES) {
        const end = this.#start + STEP_BYTES;
        this.#stream.push(compressed.subarray(this.#start, end), end >= compressed.length);
      }
    } catch {
      this.fail('its compressed data are damaged; copy or download the file again');
    }
    const data = new Uint8Array(Math.min(this.#total, cap));
    let position = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, data.length - position);
      data.set(part, position);
      position += part.length;
    }
    return { data, complete: this.#total <= cap };
  }
}

/** Whether the bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The content of a gzip file, which is to have at most `cap` bytes. */
export function gunzip(bytes: Uint8Array, cap: number, fail: Fail): Uint8Array {
  const { data, complete } = new Inflating(bytes, 'gzip', fail).upTo(cap);
  if (!complete) fail(`it unpacks to more than the ${cap} bytes that it should have; download it again`);
  // The trailer of a file with one member: CRC-32 and length. In a file of several they are the last one's.
  const trailer = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length < MIN_GZIP_BYTES ? -1 : trailer.getUint32(bytes.length - 4, true);
  if (size === data.length && trailer.getUint32(bytes.length - 8, true) !== crc32(data)) {
    fail('its checksum is wrong; copy or download the file again');
  }
  return data;
}
