/** Which samples each step learns from: given, or shuffled anew for every epoch. A pure function of the step. */
import { fnv1a32 } from '../math/hash.js';
import { philox4x32, type PhiloxKey } from '../math/philox.js';

export interface Batches {
  /** Samples of step `step`, which counts from 0. */
  at(step: number): Int32Array;
  /** Steps until every sample has been seen once, or the order has been used up. */
  readonly perEpoch: number;
}

/** Word 3 of the counter; directions have 0 there, initial weights 2. */
const SHUFFLE = 1;

/**
 * Batches of `size` from a permutation that depends on seed and epoch alone. The last batch of an epoch is smaller
 * where sizes do not divide, as PyTorch's loader has it; a single sample left over is passed over, as it has no variance.
 */
export function shuffledBatches(samples: number, size: number, seed: number): Batches {
  if (!Number.isSafeInteger(size) || size < 1 || size > samples) {
    throw new RangeError(`a batch of ${size} is not between 1 and the ${samples} samples`);
  }
  const rest = samples % size;
  const perEpoch = Math.floor(samples / size) + (rest > 1 ? 1 : 0);
  let known = -1;
  let order: Int32Array = new Int32Array(0);
  return {
    perEpoch,
    at(step) {
      const epoch = Math.floor(step / perEpoch);
      if (epoch !== known) {
        order = permutation(samples, seed, epoch);
        known = epoch;
      }
      const first = (step % perEpoch) * size;
      return order.slice(first, first + size);
    },
  };
}

/** Batches of `size` from a given order, used in sequence, and from its start again when it ends. */
export function orderedBatches(order: Int32Array, size: number): Batches {
  if (!Number.isSafeInteger(size) || size < 1 || order.length === 0) {
    throw new RangeError(`no batches of ${size} can be taken from an order of ${order.length} samples`);
  }
  return {
    perEpoch: Math.ceil(order.length / size),
    at: (step) => Int32Array.from({ length: size }, (_, i) => order[(step * size + i) % order.length]!),
  };
}

/** Fisher and Yates's shuffle of 0 … count − 1 with the words of Philox. */
function permutation(count: number, seed: number, epoch: number): Int32Array {
  const key: PhiloxKey = [seed % 2 ** 32, fnv1a32('order')];
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let words: readonly number[] = [];
  for (let i = count - 1; i > 0; i--) {
    const draw = count - 1 - i;
    if (draw % 4 === 0) words = philox4x32(key, [draw / 4, epoch, Math.floor(seed / 2 ** 32), SHUFFLE]);
    const j = Math.floor(words[draw % 4]! * 2 ** -32 * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
