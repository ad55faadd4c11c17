import { type PhiloxKey, writePhilox } from './philox.js';

/** Words 1 to 3 of the counter; word 0 counts the blocks of four. */
export type Stream = readonly [number, number, number];

/**
 * `count` standard normal numbers, float32: element i depends on key, stream and i alone. Block b gives
 * elements 4b … 4b + 3 by Box and Muller's transform in float64, u = (r + ½)·2⁻³².
 */
export function normals(key: PhiloxKey, stream: Stream, count: number): Float32Array {
  const result = new Float32Array(count);
  const words = new Uint32Array(4);
  const block = new Float64Array(4);
  for (let start = 0; start < count; start += 4) {
    writePhilox(words, key[0], key[1], start / 4, stream[0], stream[1], stream[2]);
    boxMuller(words, block);
    for (let i = 0; i < 4 && start + i < count; i++) result[start + i] = block[i]!;
  }
  return result;
}

/**
 * `count` numbers spread evenly over −1 … 1, float64: element i is 2u − 1 with u = (r + ½)·2⁻³², r word i mod 4 of
 * block ⌊i / 4⌋.
 */
export function uniforms(key: PhiloxKey, stream: Stream, count: number): Float64Array {
  const result = new Float64Array(count);
  const words = new Uint32Array(4);
  for (let start = 0; start < count; start += 4) {
    writePhilox(words, key[0], key[1], start / 4, stream[0], stream[1], stream[2]);
    for (let i = 0; i < 4 && start + i < count; i++) result[start + i] = (words[i]! + 0.5) * 2 ** -31 - 1;
  }
  return result;
}

/** z = √(−2 ln u₀)·cos 2πu₁ and ·sin 2πu₁ of words 0, 1 and of words 2, 3. */
function boxMuller(words: Uint32Array, out: Float64Array): void {
  for (let pair = 0; pair < 4; pair += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[pair]! + 0.5) * 2 ** -32));
    const angle = 2 * Math.PI * ((words[pair + 1]! + 0.5) * 2 ** -32);
    out[pair] = radius * Math.cos(angle);
    out[pair + 1] = radius * Math.sin(angle);
  }
}
