/** Derivatives of the losses, along the plane and by the outputs, and their differences, per sample, in float64. */
import { softplusDifference } from '../math/differences.js';
import { logistic, logisticDerivative } from '../math/special.js';
import type { Dataset, LossName } from './data.js';
import { type Jet, secondParts } from './jet.js';
import { crossEntropy, type Outputs, targetOf } from './losses.js';

/**
 * Derivatives of one sample's loss, part by part as in the jet of its outputs, which lies beside them: element
 * `start + j` of each part belongs to output j. Written to `out`.
 */
export function lossTangent(
  loss: LossName,
  outputs: Outputs,
  jet: Jet,
  data: Dataset,
  sample: number,
  out: Float64Array,
): void {
  out.fill(0);
  if (loss === 'ce') {
    crossEntropyTangent(outputs, jet, data.labels![sample]!, out);
    return;
  }
  const { values, start, count } = outputs;
  const target = targetOf(data, sample, count);
  for (let j = 0; j < count; j++) {
    const z = values[start + j]!;
    const t = target(j);
    const first = slope(loss, z, t);
    const second = loss === 'mse' ? 2 : logisticDerivative(z);
    for (const [part, along] of jet.entries()) out[part]! += (first * along[start + j]!) / count;
    if (jet.length === 2) continue;
    for (const [part, left, right] of secondParts) {
      out[part]! += (second * jet[left]![start + j]! * jet[right]![start + j]!) / count;
    }
  }
}

/**
 * Of log1p(Σ_{j≠label} exp u_j), u_j = z_j − z_label: Σ p_j·∂u_j, and with the second order the covariance of
 * ∂u under the softmax p. Written in u, no 1 − p_label cancels where the loss is small.
 */
function crossEntropyTangent(
  { values, start, count }: Outputs,
  jet: Jet,
  label: number,
  out: Float64Array,
): void {
  const own = start + label;
  const p = softmax({ values, start, count });
  for (const [part, along] of jet.entries()) {
    for (let j = 0; j < count; j++) {
      if (j !== label) out[part]! += p[j]! * (along[start + j]! - along[own]!);
    }
  }
  if (jet.length === 2) return;
  for (const [part, left, right] of secondParts) {
    const [u, v] = [jet[left]!, jet[right]!];
    const [meanU, meanV] = [out[left]!, out[right]!];
    for (let j = 0; j < count; j++) {
      out[part]! += p[j]! * (u[start + j]! - u[own]! - meanU) * (v[start + j]! - v[own]! - meanV);
    }
  }
}

/**
 * Gradient of one sample's loss by its outputs, times `factor`, written beside them: element `start + j` of `out`
 * belongs to output j. Of cross-entropy p_j, and −Σ_{j≠label} p_j at the label, where p − 1 would cancel.
 */
export function lossGradient(
  loss: LossName,
  outputs: Outputs,
  data: Dataset,
  sample: number,
  factor: number,
  out: Float64Array,
): void {
  const { values, start, count } = outputs;
  if (loss === 'ce') {
    const label = data.labels![sample]!;
    const p = softmax(outputs);
    let others = 0;
    for (let j = 0; j < count; j++) {
      if (j !== label) others += p[j]!;
      out[start + j] = factor * p[j]!;
    }
    out[start + label] = -factor * others;
    return;
  }
  const target = targetOf(data, sample, count);
  for (let j = 0; j < count; j++)
    out[start + j] = (factor * slope(loss, values[start + j]!, target(j))) / count;
}

/** Derivative of one output's squared error or binary cross-entropy. */
function slope(loss: 'mse' | 'bce', z: number, t: number): number {
  return loss === 'mse' ? 2 * (z - t) : (1 - t) * logistic(z) - t * logistic(-z);
}

function softmax({ values, start, count }: Outputs): Float64Array {
  const p = values.slice(start, start + count);
  let top = -Infinity;
  for (const z of p) top = Math.max(top, z);
  let sum = 0;
  for (let j = 0; j < count; j++) {
    p[j] = Math.exp(p[j]! - top);
    sum += p[j]!;
  }
  return p.map((e) => e / sum);
}

/** The softmax of every row of `count` outputs, made once for all differences from them. */
export function softmaxRows(values: Float64Array, count: number): Float64Array {
  const rows = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += count) {
    rows.set(softmax({ values, start, count }), start);
  }
  return rows;
}

/** A sum below it is too near −1 for log1p; the loss itself is then large and changes by much. */
const leastSum = -0.9;

/**
 * ℓ(z + Δz) − ℓ(z) of one sample without cancellation; `differences` lie beside the outputs, element
 * `start + j` for output j, and so do `softmaxes`, which cross-entropy reads (`softmaxRows`).
 */
export function lossDifference(
  loss: LossName,
  outputs: Outputs,
  differences: Float64Array,
  data: Dataset,
  sample: number,
  softmaxes: Float64Array,
): number {
  if (loss === 'ce') return crossEntropyDifference(outputs, differences, data.labels![sample]!, softmaxes);
  const { values, start, count } = outputs;
  const target = targetOf(data, sample, count);
  let sum = 0;
  for (let j = 0; j < count; j++) {
    const z = values[start + j]!;
    const dz = differences[start + j]!;
    const t = target(j);
    if (loss === 'mse') sum += dz * (2 * (z - t) + dz);
    else sum += z > 0 ? (1 - t) * dz + softplusDifference(-z, -dz) : softplusDifference(z, dz) - t * dz;
  }
  return sum / count;
}

/** log1p(Σ_{j≠label} p_j·(exp(Δz_j − Δz_label) − 1)), p the softmax. */
function crossEntropyDifference(
  outputs: Outputs,
  differences: Float64Array,
  label: number,
  p: Float64Array,
): number {
  const { values, start, count } = outputs;
  const own = differences[start + label]!;
  let sum = 0;
  for (let j = 0; j < count; j++) {
    if (j !== label) sum += p[start + j]! * Math.expm1(differences[start + j]! - own);
  }
  if (sum > leastSum && sum < Infinity) return Math.log1p(sum);
  const moved = values.slice(start, start + count).map((z, j) => z + differences[start + j]!);
  return crossEntropy({ values: moved, start: 0, count }, label) - crossEntropy(outputs, label);
}
