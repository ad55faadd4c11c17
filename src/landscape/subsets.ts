/**
 * Nested subsets of the samples: a point gets the first few of them first, the same ones as all others. Engines
 * see ranges, so the data set itself is put into an order of which every beginning resembles the whole.
 */
import { writePhilox } from '../math/philox.js';
import type { Dataset } from '../model/data.js';
import { elements } from '../model/graph.js';

/** Subsets are 1/8, 1/4 and 1/2 of the samples, and all of them. */
const SHARES = [8, 4, 2];
/** Sizes are multiples of this, which fills every engine's lanes, and the smallest is no smaller. */
const BLOCK = 32;
/** Of the shuffle: part of what a data set's order is, so it never changes. */
const KEY = [0x15010055, 0x5ab5e75] as const;

/** Sizes of the nested subsets of `samples` samples, increasing; the last is all. */
export function subsetSizes(samples: number): number[] {
  const parts = SHARES.map((share) => BLOCK * Math.ceil(samples / share / BLOCK));
  return [...new Set(parts.filter((size) => size < samples)), samples];
}

/**
 * An order of `samples` samples, the same on every machine. With labels every beginning holds each class in
 * its share of the whole, as nearly as whole samples allow: next comes the class that is furthest behind
 * (the largest remainder), and within a class the order is random. Without labels all of it is random.
 */
export function stratifiedOrder(samples: number, labels: Int32Array | null): Uint32Array {
  const shuffled = shuffle(samples);
  if (labels === null) return shuffled;
  const members = new Map<number, number[]>();
  for (const sample of shuffled) {
    const label = labels[sample]!;
    const known = members.get(label);
    if (known === undefined) members.set(label, [sample]);
    else known.push(sample);
  }
  const classes = [...members.entries()].sort(([a], [b]) => a - b).map(([, own]) => own);
  const taken = new Uint32Array(classes.length);
  const order = new Uint32Array(samples);
  for (let i = 0; i < samples; i++) {
    let next = -1;
    let furthest = -Infinity;
    for (let c = 0; c < classes.length; c++) {
      const size = classes[c]!.length;
      if (taken[c] === size) continue;
      // In units of 1/samples, so that it is exact.
      const behind = (i + 1) * size - taken[c]! * samples;
      if (behind > furthest) [furthest, next] = [behind, c];
    }
    order[i] = classes[next]![taken[next]!++]!;
  }
  return order;
}

/** The data set with its samples in `stratifiedOrder`: the same set, so that all sums over it are the same. */
export function stratify(data: Dataset): Dataset {
  const { samples, labels, targets } = data;
  const order = stratifiedOrder(samples, labels);
  const inputs = arranged(data.inputs, order, elements(data.shape));
  return {
    ...data,
    inputs,
    labels: labels && Int32Array.from(order, (sample) => labels[sample]!),
    targets: targets && arranged(targets, order, targets.length / samples),
  };
}

function arranged(rows: Float32Array, order: Uint32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length);
  order.forEach((row, i) => out.set(rows.subarray(row * width, (row + 1) * width), i * width));
  return out;
}

/** Fisher and Yates' shuffle of 0 … count − 1 with Philox's words. */
function shuffle(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = new Uint32Array(4);
  for (let i = count - 1; i > 0; i--) {
    // Words 0 and 1 as a fraction with 53 bits: its bias is below 2⁻⁵³ · count.
    writePhilox(words, KEY[0], KEY[1], i, 0, 0, 0);
    const other = Math.floor((((words[0]! >>> 5) * 2 ** 26 + (words[1]! >>> 6)) / 2 ** 53) * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
