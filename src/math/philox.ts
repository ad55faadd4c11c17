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
  let [k0, k1] = key;
  let [c0, c1, c2, c3] = counter;
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
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
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
