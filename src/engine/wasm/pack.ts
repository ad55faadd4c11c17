/** How samples and weights lie in the kernels' memory. */

/** Samples of a group: the lanes of two vectors. */
export const groupSamples = 8;
/** Bytes of one unit of a group. */
export const rowBytes = 4 * groupSamples;
/** Outputs that the micro-kernel makes at once. */
const tile = 4;

export function groupsOf(samples: number): number {
  return Math.ceil(samples / groupSamples);
}

/** Row-major `[samples, units]` to `[groups][units][8]`; the lanes past the last sample stay as they are. */
export function toLanes(rows: Float32Array, samples: number, units: number, lanes: Float32Array): void {
  for (let s = 0; s < samples; s++) {
    const lane = s % groupSamples;
    const group = ((s - lane) / groupSamples) * units;
    for (let u = 0; u < units; u++) lanes[(group + u) * groupSamples + lane] = rows[s * units + u]!;
  }
}

/** Floats of `outputs` × `inputs` packed weights. */
export function packedLength(outputs: number, inputs: number): number {
  return Math.ceil(outputs / tile) * tile * inputs;
}

/** Weights `[outputs, inputs]` as `[⌈outputs/4⌉][inputs][4]`, zeros where outputs are missing. */
export function pack(weights: Float32Array, outputs: number, inputs: number): Float32Array {
  const packed = new Float32Array(packedLength(outputs, inputs));
  for (let o = 0; o < outputs; o++) {
    const column = o % tile;
    const start = (o - column) * inputs + column;
    for (let k = 0; k < inputs; k++) packed[start + k * tile] = weights[o * inputs + k]!;
  }
  return packed;
}

/** Length of a vector that the kernels read four at a time, from any of its `count` elements on. */
export function paddedLength(count: number): number {
  return Math.ceil(count / tile) * tile + tile;
}
