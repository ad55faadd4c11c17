import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createOptimizer,
  type OptimizerName,
  optimizerNames,
  type OptimizerOptions,
  optimizers,
} from '../../../src/train/optimizers.js';
import { constantSchedule, learningRateAt, scheduleNames } from '../../../src/train/schedule.js';
import { expectClose } from '../../helpers/compare.js';

/** By torch.optim; see fixtures/optimizers/make.py. */
const { start, gradients, rate, cases, schedules } = JSON.parse(
  readFileSync(new URL('../../fixtures/optimizers/optimizers.json', import.meta.url), 'utf8'),
) as {
  start: number[];
  gradients: number[][];
  rate: number;
  cases: { name: OptimizerName; options: Partial<OptimizerOptions>; end: number[] }[];
  schedules: Record<'step' | 'cosine', number[]>;
};

function tenSteps(name: OptimizerName, options: Partial<OptimizerOptions>, learningRate: number) {
  const x = Float64Array.from(start);
  const optimizer = createOptimizer(name, options, x.length);
  for (const gradient of gradients) optimizer.step(x, Float64Array.from(gradient), learningRate);
  return x;
}

describe('ten steps of every optimizer against torch.optim in float64, 1e-14 relative', () => {
  const tolerance = { relative: 1e-14, absolute: 1e-15 };

  it('covers all of them, as they are and with options', () => {
    expect([...new Set(cases.map(({ name }) => name))]).toEqual([...optimizerNames]);
    expect(Object.keys(optimizers)).toEqual([...optimizerNames]);
  });

  it.each(cases)('$name $options', ({ name, options, end }) => {
    expectClose(tenSteps(name, options, rate), Float64Array.from(end), tolerance, name);
    // The twin: a rate that is one millionth larger.
    expect(() =>
      expectClose(tenSteps(name, options, rate * (1 + 1e-6)), Float64Array.from(end), tolerance),
    ).toThrow('differ');
  });
});

describe('an optimizer', () => {
  it.each(optimizerNames)(
    '%s goes on from its state as if it had never stopped, and starts afresh',
    (name) => {
      const whole = tenSteps(name, {}, rate);
      const x = Float64Array.from(start);
      const first = createOptimizer(name, {}, x.length);
      for (const gradient of gradients.slice(0, 4)) first.step(x, Float64Array.from(gradient), rate);
      const state = structuredClone(first.state());
      first.step(x.slice(), Float64Array.from(gradients[4]!), rate);
      const second = createOptimizer(name, {}, x.length);
      second.restore(state);
      for (const gradient of gradients.slice(4)) second.step(x, Float64Array.from(gradient), rate);
      expect([...x]).toEqual([...whole]);
      second.reset();
      const again = Float64Array.from(start);
      for (const gradient of gradients) second.step(again, Float64Array.from(gradient), rate);
      expect([...again]).toEqual([...whole]);
    },
  );

  it.each(optimizerNames)('%s in float32 is that in float64 to 1e-5', (name) => {
    const x = Float32Array.from(start);
    const optimizer = createOptimizer(name, {}, x.length, 'float32');
    for (const gradient of gradients) optimizer.step(x, Float32Array.from(gradient), rate);
    expectClose(Float64Array.from(x), tenSteps(name, {}, rate), { relative: 1e-5, absolute: 1e-6 }, name);
  });

  it('refuses what PyTorch refuses, a velocity that only grows, and vectors of another length', () => {
    for (const name of ['momentum', 'nesterov', 'rmsprop'] as const) {
      expect(() => createOptimizer(name, { momentum: 1.5 }, 2)).toThrow(
        `${name}: momentum 1.5 is not from 0 to below 1`,
      );
    }
    expect(() => createOptimizer('momentum', { momentum: 1 }, 2)).toThrow('from 0 to below 1');
    expect(() => createOptimizer('adam', { beta2: 1 }, 2)).toThrow('adam: beta2 1 is not from 0 to below 1');
    expect(() => createOptimizer('gd', { weightDecay: -1 }, 2)).toThrow('weightDecay -1 is not 0 or more');
    const optimizer = createOptimizer('adam', {}, 2);
    expect(() => optimizer.step(new Float64Array(3), new Float64Array(2), 0.1)).toThrow(
      '2 parameters, got 3',
    );
    expect(() => optimizer.restore({ steps: 1, slots: [] })).toThrow('not the state of adam');
  });
});

describe('schedules', () => {
  it('are PyTorch’s StepLR and CosineAnnealingLR to 1e-12', () => {
    const step = { ...constantSchedule, name: 'step', period: 4, factor: 0.5 } as const;
    const cosine = { ...constantSchedule, name: 'cosine', period: 10 } as const;
    for (const [k, schedule] of [
      ['step', step],
      ['cosine', cosine],
    ] as const) {
      const expected = schedules[k];
      const actual = expected.map((_, i) => learningRateAt(schedule, 0.3, i));
      expectClose(
        Float64Array.from(actual),
        Float64Array.from(expected),
        { relative: 1e-12, absolute: 1e-15 },
        k,
      );
    }
    expect(learningRateAt(cosine, 0.3, 1000)).toBe(0);
  });

  it.each(scheduleNames)('%s rises linearly over the warm-up, then starts', (name) => {
    const schedule = { name, warmUp: 4, period: 10, factor: 0.5 };
    expect([0, 1, 2, 3, 4].map((step) => learningRateAt(schedule, 1, step))).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });
});
