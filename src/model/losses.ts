import { softplus } from '../math/special.js';
import type { Dataset, LossName } from './data.js';
import { ModelError, spell } from './errors.js';
import { elements, type Model } from './graph.js';

/** One sample's outputs z: `count` elements of `values` from `start`. */
export interface Outputs {
  readonly values: Float64Array;
  readonly start: number;
  readonly count: number;
}

/** Targets t of a sample, output by output. */
type Target = (output: number) => number;

/**
 * Above this difference of logits e^Δ is not formed: a sum over 2¹⁶ classes of e^600 is still finite in float64.
 */
const largestExponent = 600;

/**
 * −log softmax(z)[label] = log1p(Σ_{j≠label} exp(z_j − z_label)): no cancellation where the loss is small.
 * The maximum is subtracted only where the sum would overflow. As in PyTorch NaN or +∞ among the logits
 * gives NaN, and a logit of −∞ at the label +∞.
 */
export function crossEntropy({ values, start, count }: Outputs, label: number): number {
  const own = values[start + label]!;
  let top = -Infinity;
  for (let j = start; j < start + count; j++) top = Math.max(top, values[j]!);
  if (top - own < largestExponent) {
    let sum = 0;
    for (let j = start; j < start + count; j++) if (j !== start + label) sum += Math.exp(values[j]! - own);
    return Math.log1p(sum);
  }
  let sum = 0;
  for (let j = start; j < start + count; j++) sum += Math.exp(values[j]! - top);
  return top - own + Math.log(sum);
}

/** Mean over outputs of (z − t)². */
export function squaredError({ values, start, count }: Outputs, target: Target): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += (values[start + j]! - target(j)) ** 2;
  return sum / count;
}

/** Mean over outputs of binary cross-entropy with logits, (1 − t)·z + log(1 + e^(−z)). */
export function binaryCrossEntropy({ values, start, count }: Outputs, target: Target): number {
  let sum = 0;
  for (let j = 0; j < count; j++) {
    const z = values[start + j]!;
    const t = target(j);
    // The two parts would cancel for very negative z; there the mirrored form −t·z + log(1 + eᶻ) doesn't.
    sum += z > 0 ? (1 - t) * z + softplus(-z) : softplus(z) - t * z;
  }
  return sum / count;
}

/** Loss of one sample whose outputs are `outputs`; the data passed `checkData`. */
export function sampleLoss(loss: LossName, outputs: Outputs, data: Dataset, sample: number): number {
  if (loss === 'ce') return crossEntropy(outputs, data.labels![sample]!);
  const target = targetOf(data, sample, outputs.count);
  return loss === 'mse' ? squaredError(outputs, target) : binaryCrossEntropy(outputs, target);
}

/** Targets of a sample for `mse` and `bce`. */
export function targetOf({ labels, targets }: Dataset, sample: number, count: number): Target {
  if (labels === null) return (j) => targets![sample * count + j]!;
  const label = labels[sample]!;
  return count === 1 ? () => label : (j) => (j === label ? 1 : 0);
}

/**
 * 1 when the sample's class is right, else 0. Several outputs: the first largest one is the label's, and
 * as in PyTorch's argmax NaN counts as largest. One output of `bce`: z > 0 means class 1, of `mse`: z > ½.
 */
export function isCorrect(loss: LossName, { values, start, count }: Outputs, label: number): 0 | 1 {
  if (count === 1 && loss !== 'ce') {
    const guess = values[start]! > (loss === 'mse' ? 0.5 : 0) ? 1 : 0;
    return guess === label ? 1 : 0;
  }
  let best = 0;
  for (let j = 0; j < count; j++) {
    const z = values[start + j]!;
    if (Number.isNaN(z)) {
      best = j;
      break;
    }
    if (z > values[start + best]!) best = j;
  }
  return best === label ? 1 : 0;
}

/**
 * Throws `ModelError` unless the data fit the model and the loss: sizes, labels within the outputs,
 * and labels there where the loss needs them. Every engine calls it before it runs.
 */
export function checkData(model: Model, data: Dataset, loss: LossName): void {
  const { name, samples, shape, inputs, labels, targets } = data;
  const expected = model.shapes[0]!;
  const outputs = elements(model.shapes.at(-1)!);
  const refuse = (sentence: string): ModelError => new ModelError(`data ${name}: ${sentence}`);
  if (spell(shape) !== spell(expected)) {
    throw refuse(`a sample has shape ${spell(shape)}, but ${model.name} takes ${spell(expected)}`);
  }
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw refuse(`${samples} samples, expected at least one`);
  if (inputs.length !== samples * elements(shape)) {
    throw refuse(`${inputs.length} input values, expected ${samples} samples of ${elements(shape)}`);
  }
  if ((labels === null) === (targets === null)) throw refuse('has to have either labels or real targets');
  if (targets !== null) {
    if (loss === 'ce')
      throw refuse('has real targets, but cross-entropy needs class labels; choose mse or bce');
    if (targets.length !== samples * outputs) {
      throw refuse(`${targets.length} target values, expected ${samples} samples of ${outputs}`);
    }
    return;
  }
  if (labels!.length !== samples) throw refuse(`${labels!.length} labels, expected ${samples}`);
  // One output is a yes-or-no question for mse and bce, a single class for cross-entropy.
  const classes = outputs === 1 && loss !== 'ce' ? 2 : outputs;
  const bad = labels!.findIndex((label) => label < 0 || label >= classes);
  if (bad >= 0) {
    throw refuse(
      `label ${labels![bad]} of sample ${bad} is not a class of ${model.name}, which has 0 to ${classes - 1}`,
    );
  }
}
