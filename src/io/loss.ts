/** Which losses go with labels as a file has them, and with a network as it was exported. */
import type { LossName } from '../model/data.js';
import { elements } from '../model/graph.js';
import type { NpyArray } from './npy.js';

/**
 * Whether `y` are numbers to be met. Whole numbers are classes, unless there is but one output and they are
 * more than yes and no.
 */
export function isRegression({ shape, data }: NpyArray, loss: LossName, outputs: number): boolean {
  if (loss === 'ce') return false;
  if (elements(shape.slice(1)) > 1) return true;
  for (const value of data) {
    if (!Number.isInteger(value) || (outputs === 1 && value !== 0 && value !== 1)) return true;
  }
  return false;
}

/**
 * The loss that the outputs and the labels allow; of several, the one that the network's end suggests, else
 * `present`.
 */
export function lossFor(
  present: LossName,
  hint: LossName | null,
  outputs: number,
  { shape, data }: NpyArray,
): LossName {
  let whole = elements(shape.slice(1)) === 1;
  let binary = whole;
  for (const value of data) {
    whole &&= Number.isInteger(value);
    binary &&= value === 0 || value === 1;
  }
  if (!whole) return hint === 'bce' ? 'bce' : 'mse';
  if (outputs === 1) return binary ? 'bce' : 'mse';
  return hint ?? present;
}

const ENDINGS = {
  ce: { loss: 'cross-entropy', layer: 'Softmax' },
  bce: { loss: 'binary cross-entropy', layer: 'Sigmoid' },
} as const;

/**
 * Why `loss` would be another number than that of the file's own outputs, or null when it is not: a layer
 * that was left out at the end of the network belongs to one loss alone.
 */
export function endingRefusal(network: string, hint: LossName | null, loss: LossName): string | null {
  if (hint === null || hint === 'mse' || hint === loss) return null;
  const { loss: own, layer } = ENDINGS[hint];
  return `${network} was exported with a ${layer} at its end, which is a part of ${own}; choose ${own} as the loss, or export the network without that layer.`;
}
