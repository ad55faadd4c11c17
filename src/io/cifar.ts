/**
 * CIFAR-10 and CIFAR-100, binary version: per image its label (CIFAR-100: coarse, then fine), then 1024
 * bytes each of red, green and blue, row by row. https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { failAt } from './errors.js';
import { MAX_BYTES } from './limits.js';
import type { NpyArray } from './npy.js';
import type { NamedBytes } from './idx.js';

const SIDE = 32;
const CHANNELS = 3;
const IMAGE_BYTES = CHANNELS * SIDE * SIDE;

const layouts = {
  cifar10: { labelBytes: 1, classes: 10 },
  cifar100: { labelBytes: 2, classes: 100 },
} as const;

export type CifarKind = keyof typeof layouts;

/** Which of the two a file's length speaks for; null when it is no whole number of records of either. */
export function cifarKind(length: number): CifarKind | null {
  if (length === 0) return null;
  if (length % (1 + IMAGE_BYTES) === 0) return 'cifar10';
  return length % (2 + IMAGE_BYTES) === 0 ? 'cifar100' : null;
}

/**
 * Images [samples, 3, 32, 32] and labels (CIFAR-100: the fine ones) of one or more batches, one after the
 * other in the order given. Throws FileError.
 */
export function readCifar(
  batches: readonly NamedBytes[],
  kind: CifarKind = 'cifar10',
): { x: NpyArray; y: NpyArray } {
  const { labelBytes, classes } = layouts[kind];
  const record = labelBytes + IMAGE_BYTES;
  let samples = 0;
  for (const { file, bytes } of batches) {
    const fail = failAt(file, '');
    if (bytes.length === 0 || bytes.length % record !== 0) {
      fail(
        `its ${bytes.length} bytes are no whole number of ${record}-byte records; give a batch of the binary version`,
      );
    }
    samples += bytes.length / record;
    if (samples * IMAGE_BYTES > MAX_BYTES)
      fail(`with it there are more than ${MAX_BYTES / 2 ** 20} MiB; give fewer batches`);
  }
  const x = new Uint8Array(samples * IMAGE_BYTES);
  const y = new Uint8Array(samples);
  let sample = 0;
  for (const { file, bytes } of batches) {
    for (let start = 0; start < bytes.length; start += record, sample++) {
      const label = bytes[start + labelBytes - 1]!;
      if (label >= classes) {
        failAt(
          file,
          `record ${start / record}`,
        )(`its label ${label} is not one of 0 to ${classes - 1}; give a batch of the binary version`);
      }
      y[sample] = label;
      x.set(bytes.subarray(start + labelBytes, start + record), sample * IMAGE_BYTES);
    }
  }
  return {
    x: { dtype: '|u1', shape: [samples, CHANNELS, SIDE, SIDE], data: x },
    y: { dtype: '|u1', shape: [samples], data: y },
  };
}
