/** What the difference of a loss reads of the centre, in float64. */
import { logistic } from '../../math/special.js';
import { elements } from '../../model/graph.js';
import { softmaxRows } from '../../model/loss-derivatives.js';
import type { Problem } from '../engine.js';
import { groupSamples, toLanes } from './pack.js';
import { lossTargets } from './targets.js';

/** How many arrays of float64 that is. */
export const lossArrays = { ce: 3, mse: 3, bce: 4 } as const;

/**
 * Writes what the loss's difference reads of a block that starts at group `first`: at `at` the derivatives of the outputs,
 * whose jet lies at `logits`, then softmax, z − target, or ±σ(−|z|) with the sign of z and the target.
 */
export function keepLoss(
  { loss, data, model }: Problem,
  buffer: ArrayBuffer,
  logits: number,
  first: number,
  groups: number,
  at: number,
): void {
  const outputs = elements(model.shapes.at(-1)!);
  const size = outputs * groupSamples * groups;
  const part = (k: number) => new Float64Array(buffer, logits + 8 * size * k, size);
  const array = (k: number) => new Float64Array(buffer, at + 8 * size * k, size);
  array(0).set(part(1));
  array(1).set(part(2));
  const z = part(0);
  const rest = array(2);
  if (loss === 'ce') {
    const row = new Float64Array(outputs);
    for (let s = 0; s < groups * groupSamples; s++) {
      const lane = s % groupSamples;
      const from = (s - lane) * outputs + lane;
      for (let j = 0; j < outputs; j++) row[j] = z[from + j * groupSamples]!;
      const p = softmaxRows(row, outputs);
      for (let j = 0; j < outputs; j++) rest[from + j * groupSamples] = p[j]!;
    }
    return;
  }
  const start = first * groupSamples;
  const count = Math.max(0, Math.min(data.samples - start, groups * groupSamples));
  const targets = new Float32Array(size);
  const own = lossTargets(data, outputs).subarray(start * outputs, (start + count) * outputs);
  toLanes(own, count, outputs, targets);
  if (loss === 'mse') rest.set(z.map((v, i) => v - targets[i]!));
  else {
    rest.set(z.map((v) => (v > 0 ? logistic(-v) : -logistic(v))));
    array(3).set(targets);
  }
}
