/** The usual input scalings, as PyTorch's examples state them, and which one data seem to want. */
import type { Scaling } from '../../io/dataset.js';
import type { NpyArray } from '../../io/npy.js';

export interface ScalingPreset {
  readonly label: string;
  readonly scaling: Scaling;
}

const divideBy = (divide: number): Scaling => ({ divide: [divide], mean: [0], std: [1] });

export const asItIs = divideBy(1);
const mnist: Scaling = { divide: [255], mean: [0.1307], std: [0.3081] };
const fashion: Scaling = { divide: [255], mean: [0.286], std: [0.353] };
const cifar10: Scaling = {
  divide: [255],
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

export const scalingPresets: readonly ScalingPreset[] = [
  { label: 'None', scaling: asItIs },
  { label: '÷ 16', scaling: divideBy(16) },
  { label: '÷ 255', scaling: divideBy(255) },
  { label: 'MNIST', scaling: mnist },
  { label: 'Fashion-MNIST', scaling: fashion },
  { label: 'CIFAR-10', scaling: cifar10 },
];

export function sameScaling(a: Scaling, b: Scaling): boolean {
  return formatScaling(a) === formatScaling(b);
}

/** `255;0.286;0.353`, channels with commas between them. */
export function formatScaling({ divide, mean, std }: Scaling): string {
  return [divide, mean, std].map((values) => values.join(',')).join(';');
}

/** A first guess for values out of a file, from their type and largest value, and from what the file is called. */
export function guessScaling(name: string, x: NpyArray): Scaling {
  if (!/[iu]\d/.test(x.dtype)) return asItIs;
  let largest = 0;
  for (const value of x.data) largest = Math.max(largest, value);
  if (largest <= 1) return asItIs;
  if (largest <= 16) return divideBy(16);
  if (largest > 255) return asItIs;
  if (/fashion/i.test(name)) return fashion;
  if (/cifar-?10(?!0)|data_batch|test_batch/i.test(name) && x.shape[1] === 3) return cifar10;
  if (/mnist/i.test(name)) return mnist;
  return divideBy(255);
}
