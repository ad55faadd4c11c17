import type { Points } from '../../src/engine/engine.js';

/** Every point of the grid a × b in the order of PyTorch's arrays, `[b index][a index]`. */
export function gridPoints({ a, b }: Points): Points {
  const size = a.length * b.length;
  return {
    a: Float64Array.from({ length: size }, (_, i) => a[i % a.length]!),
    b: Float64Array.from({ length: size }, (_, i) => b[Math.floor(i / a.length)]!),
  };
}
