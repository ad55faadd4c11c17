import { describe, expect, test } from 'vitest';
import { stratifiedOrder, stratify, subsetSizes } from '../../../src/landscape/subsets.js';
import type { Dataset } from '../../../src/model/data.js';

test('subsets are an eighth, a quarter and a half in multiples of 32, and all', () => {
  expect(subsetSizes(1000)).toEqual([128, 256, 512, 1000]);
  expect(subsetSizes(100)).toEqual([32, 64, 100]);
  expect(subsetSizes(33)).toEqual([32, 33]);
  expect(subsetSizes(32)).toEqual([32]);
  expect(subsetSizes(1)).toEqual([1]);
});

describe('the stratified order', () => {
  // Shares of 50, 30, 15, 4 and 1 %, sorted, as files often are.
  const sizes = [700, 420, 210, 56, 14];
  const labels = Int32Array.from(sizes.flatMap((size, label) => Array<number>(size).fill(3 * label)));

  test('is a permutation, always the same one, and no longer sorted', () => {
    const order = stratifiedOrder(1400, labels);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 1400 }, (_, i) => i));
    expect(stratifiedOrder(1400, labels)).toEqual(order);
    const own = Array.from(order).filter((sample) => sample < 700);
    expect(own).not.toEqual(own.toSorted((a, b) => a - b));
  });

  test('every beginning holds every class in its share within one sample', () => {
    const furthest = (order: Uint32Array): number => {
      const taken = sizes.map(() => 0);
      let most = 0;
      order.forEach((sample, i) => {
        taken[labels[sample]! / 3]!++;
        sizes.forEach((size, c) => (most = Math.max(most, Math.abs(taken[c]! - ((i + 1) * size) / 1400))));
      });
      return most;
    };
    expect(furthest(stratifiedOrder(1400, labels))).toBeLessThan(1);
    // The twin: a plain shuffle is further off.
    expect(furthest(stratifiedOrder(1400, null))).toBeGreaterThan(1);
  });

  test('without labels it is a plain shuffle', () => {
    const order = stratifiedOrder(1000, null);
    expect(new Set(order).size).toBe(1000);
    const mean = order.subarray(0, 125).reduce((sum, sample) => sum + sample, 0) / 125;
    expect(Math.abs(mean - 499.5)).toBeLessThan((4 * 1000) / Math.sqrt(12 * 125));
  });
});

test('a set keeps its samples together with what belongs to them', () => {
  const samples = 50;
  const inputs = Float32Array.from({ length: 100 }, (_, i) => i);
  const base = { name: 'n', samples, shape: [2], inputs } as const;
  const labelled: Dataset = {
    ...base,
    labels: Int32Array.from({ length: 50 }, (_, i) => i % 4),
    targets: null,
  };
  const real: Dataset = { ...base, labels: null, targets: inputs.map((x) => 10 * x) };
  const sorted = stratify(labelled);
  const shuffled = stratify(real);
  const seen = new Set<number>();
  for (let s = 0; s < samples; s++) {
    const sample = sorted.inputs[2 * s]! / 2;
    seen.add(sample);
    expect(sorted.inputs[2 * s + 1]).toBe(2 * sample + 1);
    expect(sorted.labels![s]).toBe(sample % 4);
    for (const k of [0, 1]) expect(shuffled.targets![2 * s + k]).toBe(10 * shuffled.inputs[2 * s + k]!);
  }
  expect(seen.size).toBe(samples);
  expect(inputs[0]).toBe(0);
});
