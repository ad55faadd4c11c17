/** The loss of the best answer that is the same for every sample: what a network has to beat. */
import type { Dataset, LossName } from './data.js';

/**
 * Mean loss over the first `samples` of a network whose `outputs` are the same for all of them, and the best there are:
 * for cross-entropy the entropy of the classes' frequencies, for squared error the variance of the targets. A single
 * output stands for class 1.
 */
export function constantLoss(data: Dataset, samples: number, loss: LossName, outputs: number): number {
  const { labels, targets } = data;
  if (targets !== null) return mean(columnsOf(targets, samples, targets.length / data.samples).map(variance));
  const known = labels!.subarray(0, samples);
  const shares = new Float64Array(Math.max(2, outputs));
  for (const label of known) shares[label]! += 1 / known.length;
  if (loss === 'ce') return shares.reduce((sum, p) => sum + surprise(p), 0);
  const each = outputs === 1 ? [shares[1]!] : [...shares];
  return mean(each.map((p) => (loss === 'mse' ? p * (1 - p) : surprise(p) + surprise(1 - p))));
}

/** −p·ln p, 0 at 0. */
function surprise(p: number): number {
  return p > 0 ? -p * Math.log(p) : 0;
}

function columnsOf(values: Float32Array, rows: number, columns: number): number[][] {
  return Array.from({ length: columns }, (_, k) =>
    Array.from({ length: rows }, (__, i) => values[i * columns + k]!),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}
