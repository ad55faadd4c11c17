import type { Dataset } from '../../model/data.js';

/** Targets `[samples, outputs]` of a regression: the data's, the label where there is one output, else its one-hot vector. */
export function lossTargets({ labels, targets, samples }: Dataset, outputs: number): Float32Array {
  if (labels === null) return targets!;
  if (outputs === 1) return Float32Array.from(labels);
  const hot = new Float32Array(samples * outputs);
  for (let s = 0; s < samples; s++) hot[s * outputs + labels[s]!] = 1;
  return hot;
}
