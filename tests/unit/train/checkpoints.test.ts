import { describe, expect, test } from 'vitest';
import { Checkpoints, mostCheckpoints } from '../../../src/train/checkpoints.js';
import type { Snapshot } from '../../../src/train/trainer.js';

describe('snapshots', () => {
  const at = (step: number): Snapshot => ({
    step,
    weights: new Float32Array(1),
    statistics: new Float32Array(0),
  });

  test('stay evenly spaced from step 0, between half of their number and all of it', () => {
    const kept = new Checkpoints(10);
    for (let step = 0; step <= 1000; step++) {
      kept.offer(step, () => at(step));
      const steps = kept.all.map((snapshot) => snapshot.step);
      expect(steps).toEqual(steps.map((_, k) => k * kept.every));
      expect(steps.length).toBeLessThanOrEqual(10);
      if (step >= 10) expect(steps.length).toBeGreaterThanOrEqual(5);
    }
    expect(kept.every).toBe(128);
  });

  test('go on from those that were kept, and the latest beside them, as if never saved', () => {
    const straight = new Checkpoints(16);
    for (let step = 0; step <= 1000; step++) straight.offer(step, () => at(step));
    expect([straight.every, straight.all.length]).toEqual([64, 16]);
    for (const saved of [0, 1, 15, 16, 17, 100, 511, 512, 513, 999, 1000]) {
      const first = new Checkpoints(16);
      for (let step = 0; step <= saved; step++) first.offer(step, () => at(step));
      const restored = new Checkpoints(16);
      restored.restore([...first.all.filter(({ step }) => step < saved), at(saved)]);
      expect([restored.every, restored.all], `restored at ${saved}`).toEqual([first.every, first.all]);
      for (let step = saved; step <= 1000; step++) restored.offer(step, () => at(step));
      expect([restored.every, restored.all], `saved at ${saved}`).toEqual([straight.every, straight.all]);
    }
  });

  test('are fewer when they are large, and of a network of gigabytes still some', () => {
    expect(mostCheckpoints(1000)).toBe(128);
    expect(mostCheckpoints(2 ** 21)).toBe(32);
    expect(mostCheckpoints(2 ** 30)).toBe(16);
  });
});
