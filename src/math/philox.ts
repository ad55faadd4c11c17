/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, *Parallel random numbers:
 * as easy as 1, 2, 3* (SC 2011): a block of four 32-bit words is a pure function of key and counter, so
 * any block can be had alone and in any order.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Golden ratio and √3 − 1: what the key grows by from round to round. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Two and four 32-bit words. */
export type PhiloxKey = readonly [number, number];
export type PhiloxBlock = [number, number, number, number];

/** The four words, as numbers 0 … 2³² − 1, that belong to this counter under this key. */
export function philox4x32(key: PhiloxKey, counter: Readonly<PhiloxBlock>): PhiloxBlock {
  const words = new Uint32Array(4);
  writePhilox(words, ...key, ...counter);
  return [...words] as PhiloxBlock;
}

/** The same into `words`: a direction takes tens of thousands of blocks, and nothing is allocated for them. */
export function writePhilox(
  words: Uint32Array,
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const odd = high0 ^ c3 ^ k1;
    c3 = Math.imul(MULTIPLIER_0, c0);
    c0 = high1 ^ c1 ^ k0;
    c1 = Math.imul(MULTIPLIER_1, c2);
    c2 = odd;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** Upper 32 bits of the unsigned 64-bit product, by halves: every partial sum stays below 2³². */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carried = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carried >>> 16)) | 0;
}
