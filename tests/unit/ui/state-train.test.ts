import { describe, expect, it } from 'vitest';
import { loadDigits } from '../../helpers/fixtures.js';
import { fromQuery, initialState, toQuery } from '../../../src/state.js';
import {
  changedTrain,
  formatTrain,
  initialTrain,
  parseTrain,
  rateOf,
  trainField,
  trainKeys,
} from '../../../src/state-train.js';
import type { DataEntry } from '../../../src/ui/files/library.js';
import { optionsRead, planOf, settingOf } from '../../../src/ui/train/setting.js';

const digits = loadDigits(50);
const entry: DataEntry = {
  id: 'digits',
  title: 'Digits',
  file: 'digits.npz',
  origin: [],
  x: { dtype: '<f4', shape: [50, 1, 8, 8], data: digits.inputs },
  y: { dtype: '<i4', shape: [50], data: digits.labels! },
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  table: null,
  scaling: { divide: [1], mean: [0], std: [1] },
  source: null,
};

describe('the settings of a training', () => {
  it('are in the link as they are, and only where they differ', () => {
    const state = { ...initialTrain, blocks: 3, rate: 0.05, skips: 'on', norm: false } as const;
    const text = formatTrain(state);
    expect(text).toBe('blocks:3,skips:on,norm:off,rate:0.05');
    expect(parseTrain(text)).toEqual({ state, problems: [] });
    expect(formatTrain(initialTrain)).toBe('');
    const query = toQuery({ ...initialState, mode: 'train', train: text });
    expect(query).toBe('mode=train&train=blocks:3,skips:on,norm:off,rate:0.05');
    expect(fromQuery(query).state.train).toBe(text);
  });

  it('all come back from their text', () => {
    for (const key of trainKeys) {
      const field = trainField(key);
      expect(field.parse(field.format(initialTrain[key])), key).toEqual(initialTrain[key]);
    }
  });

  it('say what is wrong with a link, and keep the rest', () => {
    const { state, problems } = parseTrain('blocks:-1,rate:0.5,nonsense,beta1:1');
    expect(state).toEqual({ ...initialTrain, rate: 0.5 });
    expect(problems).toEqual([
      'train: blocks:-1 is not a whole number from 0 to 60; using 20.',
      'train: "nonsense" is not one of its settings; ignored.',
      'train: beta1:1 is not auto or a number from 0 to 0.999999; using auto.',
    ]);
  });

  it('go along with another kind of layers, and with another optimizer, where they were not chosen', () => {
    const conv = changedTrain(initialTrain, { kind: 'conv' });
    expect(conv).toEqual({ ...initialTrain, kind: 'conv', blocks: 3, width: 16 });
    expect(changedTrain(conv, { kind: 'mlp' })).toEqual(initialTrain);
    const chosen = changedTrain({ ...conv, width: 24 }, { kind: 'mlp' });
    expect(chosen).toEqual({ ...initialTrain, width: 24 });
    const rated = { ...initialTrain, rate: 0.5, beta1: 0.5 } as const;
    expect(changedTrain(rated, { optimizer: 'gd' })).toEqual({ ...initialTrain, optimizer: 'gd' });
    expect(changedTrain(rated, { blocks: 5 })).toEqual({ ...rated, blocks: 5 });
  });

  it('make networks for the data, and a plan', () => {
    const page = { samples: 40, scaling: 'auto', loss: 'ce' } as const;
    const { trainees, data, samples } = settingOf(page, { ...initialTrain, blocks: 1 }, entry);
    expect(trainees.map(({ title }) => title)).toEqual(['without skips', 'with skips']);
    expect([data.samples, samples]).toEqual([50, 40]);
    expect(trainees[0]!.model.shapes.at(0)).toEqual([64]);
    const flat = { ...entry, x: { ...entry.x, shape: [50, 64] } };
    const conv = settingOf(page, { ...initialTrain, kind: 'conv', width: 4, blocks: 1, skips: 'on' }, flat);
    expect(conv.trainees.map(({ model }) => model.shapes[0])).toEqual([[1, 8, 8]]);
    const odd = { ...entry, x: { ...entry.x, shape: [50, 2, 4, 4, 2] } };
    expect(() => settingOf(page, { ...initialTrain, kind: 'conv' }, odd)).toThrow(
      'is no image; choose dense layers',
    );

    const cosine = {
      ...initialTrain,
      schedule: 'cosine',
      warmup: 10,
      steps: 100,
      batch: 64,
      beta1: 0.8,
    } as const;
    expect(planOf(cosine, 40)).toMatchObject({
      batch: 40,
      options: { beta1: 0.8 },
      learningRate: 1e-3,
      schedule: { name: 'cosine', warmUp: 10, period: 90 },
    });
  });

  it('offer the options that the optimizer reads, and a learning rate for it', () => {
    const keys = (optimizer: typeof initialTrain.optimizer) =>
      optionsRead({ optimizer }).map(({ key }) => key);
    expect(keys('gd')).toEqual(['decay']);
    expect(keys('rmsprop')).toEqual(['alpha', 'momentum', 'decay', 'epsilon']);
    expect(rateOf({ ...initialTrain, optimizer: 'gd' })).toBe(0.05);
    expect(rateOf({ ...initialTrain, rate: 0.2 })).toBe(0.2);
  });

  it('make outputs for numbers to be met', () => {
    const y = { dtype: '<f4', shape: [50, 2], data: new Float32Array(100).fill(0.5) } as const;
    const page = { samples: 40, scaling: 'auto', loss: 'mse' } as const;
    const { trainees, data } = settingOf(
      page,
      { ...initialTrain, blocks: 1 },
      { ...entry, y, classes: null },
    );
    expect(trainees[0]!.model.shapes.at(-1)).toEqual([2]);
    expect(data.targets).toHaveLength(100);
  });
});
