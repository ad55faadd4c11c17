import { type PhiloxBlock, type PhiloxKey, philox4x32 } from './philox.js';

/** Words 1 to 3 of the counter; word 0 counts the blocks of four. */
export type Stream = readonly [number, number, number];

/**
 * `count` standard normal numbers, float32: element i depends on key, stream and i alone. Block b gives
 * elements 4b … 4b + 3 by Box and Muller's transform in float64, u = (r + ½)·2⁻³².
 */
export function normals(key: PhiloxKey, stream: Stream, count: number): Float32Array {
  const result = new Float32Array(count);
  const block = new Float64Array(4);
  for (let start = 0; start < count; start += 4) {
    boxMuller(philox4x32(key, [start / 4, ...stream]), block);
    for (let i = 0; i < 4 && start + i < count; i++) result[start + i] = block[i]!;
  }
  return result;
}

/** z = √(−2 ln u₀)·cos 2πu₁ and ·sin 2πu₁ of words 0, 1 and of words 2, 3. */
function boxMuller(words: PhiloxBlock, out: Float64Array): void {
  for (const pair of [0, 2] as const) {
    const radius = Math.sqrt(-2 * Math.log((words[pair] + 0.5) * 2 ** -32));
    const angle = 2 * Math.PI * ((words[pair + 1]! + 0.5) * 2 ** -32);
    out[pair] = radius * Math.cos(angle);
    out[pair + 1] = radius * Math.sin(angle);
  }
}
