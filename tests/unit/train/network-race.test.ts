import { describe, expect, test } from 'vitest';
import { referenceTraining } from '../../../src/engine/reference-training.js';
import { viewOf } from '../../../src/engine/training.js';
import { projectRun } from '../../../src/landscape/trajectory.js';
import { buildModel } from '../../../src/model/build.js';
import type { Dataset } from '../../../src/model/data.js';
import type { Direction } from '../../../src/engine/engine.js';
import { DIVERGED } from '../../../src/train/basins.js';
import { networkBasins } from '../../../src/train/network-basins.js';
import { NetworkRace } from '../../../src/train/network-race.js';
import { race, type Racer } from '../../../src/train/race.js';
import type { Problem } from '../../../src/train/problems/problems.js';
import { constantSchedule } from '../../../src/train/schedule.js';
import { Trainer } from '../../../src/train/trainer.js';
import { expectClose } from '../../helpers/compare.js';
import { loadDigits, loadDirection, loadNetwork } from '../../helpers/fixtures.js';

const tolerance = { relative: 1e-10, absolute: 1e-12 };

describe('a network of two weights, where the plane is the whole space', () => {
  // ½·mean (w·x − y)² over (2, 0) → 2 and (0, 1) → 3 is w1² − 2w1 + w2²/4 − …; torch's mse has no ½.
  const model = buildModel(
    'line',
    [2],
    [{ op: 'dense', name: 'w', inputs: [0], weight: 'w', bias: null }],
    [{ name: 'w', shape: [1, 2], data: Float32Array.of(1, -1), kind: 'weight' }],
  );
  const data: Dataset = {
    name: 'two',
    samples: 2,
    shape: [2],
    inputs: Float32Array.of(2, 0, 0, 1),
    labels: null,
    targets: Float32Array.of(2, 3),
  };
  /** The same loss, of α and β. */
  const plane: Problem = {
    evaluate(a, b, jet) {
      const [r, s] = [2 * (1 + a) - 2, -1 + b - 3];
      jet.set([(r * r + s * s) / 2, 2 * r, s, 4, 0, 1]);
    },
    w1: [-1, 1],
    w2: [-1, 1],
    start: [0, 0],
    rate: 0.1,
    scale: { kind: 'linear' },
  } as Problem;

  test('every racer takes the path that the race of two parameters takes, and stays on the plane', async () => {
    const racers: Racer[] = [
      { name: 'gd', rate: 0.1 },
      { name: 'momentum', rate: 0.05 },
      { name: 'adam', rate: 0.2 },
      { name: 'flow', rate: 0.3 },
      // Leaves the numbers that are finite.
      { name: 'gd', rate: 1e30 },
    ];
    const session = await referenceTraining.prepareTraining({ model, data, loss: 'mse' });
    const d1 = new Map([['w', Float32Array.of(1, 0)]]);
    const d2 = new Map([['w', Float32Array.of(0, 1)]]);
    const own = new NetworkRace(session, 2, model, d1, d2);
    const paths = await own.run({ racers, start: [0.5, -0.25], steps: 12, batch: 2, seed: 1 });
    const expected = race(plane, racers, [0.5, -0.25], 12);
    paths.slice(0, 4).forEach((path, i) => {
      expectClose(path.points, expected[i]!.points, tolerance, racers[i]!.name);
      expectClose(path.loss, expected[i]!.loss, tolerance, racers[i]!.name);
      expectClose(path.offPlane, new Float64Array(13), { relative: 0, absolute: 1e-12 });
      expect([path.steps, path.diverged]).toEqual([12, false]);
    });
    expect(paths[4]!.diverged).toBe(true);
    expect(paths[4]!.steps).toBe(expected[4]!.steps);
  });

  test('knows the largest curvature where the lowest loss is, and leaves the search when it is told to', async () => {
    const session = await referenceTraining.prepareTraining({ model, data, loss: 'mse' });
    const direction = (x: number, y: number) => new Map([['w', Float32Array.of(x, y)]]);
    const own = new NetworkRace(session, 2, model, direction(1, 0), direction(0, 1));
    expect(await own.curvature()).toBe(null);
    const racers: Racer[] = [
      { name: 'gd', rate: 0.1 },
      { name: 'gd', rate: 1e30 },
    ];
    await own.run({ racers, start: [0, 0], steps: 5, batch: 2, seed: 1 });
    const found = await own.curvature();
    // The Hessian is diagonal: 4 and 1.
    expect(found!.largest).toBeCloseTo(4, 6);
    expect([found!.step, found!.samples]).toEqual([5, 2]);
    const end = new Error('another race is wanted');
    await expect(own.curvature(() => Promise.reject(end))).rejects.toBe(end);
  });

  test('has the weights of the last step that counts, not of the one that diverged', async () => {
    const session = await referenceTraining.prepareTraining({ model, data, loss: 'mse' });
    const direction = (x: number, y: number) => new Map([['w', Float32Array.of(x, y)]]);
    const own = new NetworkRace(session, 2, model, direction(1, 0), direction(0, 1));
    const racers: Racer[] = [{ name: 'gd', rate: 1e200 }];
    const [path] = await own.run({ racers, start: [0, 0.5], steps: 3, batch: 2, seed: 1 });
    expect([path!.steps, path!.diverged, path!.loss[0]]).toEqual([0, true, 6.125]);
    const { start, end } = own.way(0);
    expect([...start.get('w')!]).toEqual([1, -0.5]);
    expect(end).toEqual(start);
    const found = await own.curvature();
    expect(found!.largest).toBeCloseTo(4, 6);
  });

  test('ends where it is told to', async () => {
    const session = await referenceTraining.prepareTraining({ model, data, loss: 'mse' });
    const direction = (x: number, y: number) => new Map([['w', Float32Array.of(x, y)]]);
    const own = new NetworkRace(session, 2, model, direction(1, 0), direction(0, 1));
    const seen: number[] = [];
    const options = {
      racers: [{ name: 'gd', rate: 0.1 }],
      start: [0, 0],
      steps: 9,
      batch: 2,
      seed: 1,
    } as const;
    const [path] = await own.run(options, async (_, step) => {
      seen.push(step);
      return step < 3;
    });
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(path!.steps).toBe(3);
  });
});

test('a network with batch norm from its centre: the steps of its training on the same batches, projected', async () => {
  const model = loadNetwork('bnmlp10-plain');
  const data = loadDigits(60);
  const d1 = loadDirection('bnmlp10-plain', 'd1');
  const d2 = loadDirection('bnmlp10-plain', 'd2');
  const problem = { model, data, loss: 'ce' } as const;
  const own = new NetworkRace(await referenceTraining.prepareTraining(problem), 60, model, d1, d2);
  const racers: Racer[] = [
    { name: 'adam', rate: 1e-2 },
    { name: 'gd', rate: 0.1 },
  ];
  const paths = await own.run({ racers, start: [0, 0], steps: 4, batch: 16, seed: 5 });

  const weightsOf = (all: ReadonlyMap<string, Float64Array>) =>
    new Map([...all].filter(([name]) => model.parameters.get(name)!.kind === 'weight'));
  for (const [i, { name, rate }] of racers.entries()) {
    const session = await referenceTraining.prepareTraining(problem);
    const plan = {
      options: {},
      learningRate: rate,
      schedule: constantSchedule,
      batch: 16,
      seed: 5,
      order: null,
    };
    const trainer = new Trainer(session, 60, { ...plan, optimizer: name as 'adam' });
    const losses: number[] = [];
    const steps: [number, Map<string, Float64Array>][] = [];
    for (let k = 0; k <= 4; k++) {
      losses.push((await trainer.measure()).loss);
      const weights = session.places.map(
        (place) => [place.name, Float64Array.from(viewOf(session, place))] as const,
      );
      steps.push([k, new Map(weights)]);
      if (k < 4) await trainer.advance();
    }
    const run = { steps: steps.map(([k]) => k), parameters: new Map(steps) };
    const expected = await projectRun(model, run, steps[0]![1], d1, d2);
    const path = paths[i]!;
    expectClose(path.loss, losses, tolerance, 'loss');
    expectClose(
      path.points.filter((_, at) => at % 2 === 0),
      expected.a,
      tolerance,
      'α',
    );
    expectClose(
      path.points.filter((_, at) => at % 2 === 1),
      expected.b,
      tolerance,
      'β',
    );
    expectClose(path.offPlane, expected.offPlane, tolerance, 'off the plane');
    expectClose(path.distance, expected.distance, tolerance, 'distance');
    expect(path.offPlane[4]! / path.distance[4]!).toBeGreaterThan(0.9);
    expect(own.way(i).start).toEqual(weightsOf(steps[0]![1]));
    for (const [parameter, end] of own.way(i).end)
      expectClose(end, steps[4]![1].get(parameter)!, tolerance, parameter);
  }
  expect(() => own.way(2)).toThrow('there is no run 2');
  expect(() => expectClose(paths[0]!.loss, paths[1]!.loss, tolerance)).toThrow('differ');
});

describe('basins on a network’s plane', () => {
  // (w1·w2·x − 1)² at x = 1: minima on both branches of w1·w2 = 1, and a saddle of loss 1 at 0 between them.
  const model = buildModel(
    'two factors',
    [1],
    [
      { op: 'dense', name: 'one', inputs: [0], weight: 'one', bias: null },
      { op: 'dense', name: 'two', inputs: [1], weight: 'two', bias: null },
    ],
    ['one', 'two'].map((name) => ({
      name,
      shape: [1, 1],
      data: new Float32Array(1),
      kind: 'weight' as const,
    })),
  );
  const data: Dataset = {
    name: 'one',
    samples: 1,
    shape: [1],
    inputs: Float32Array.of(1),
    labels: null,
    targets: Float32Array.of(1),
  };
  const open = async () => {
    const session = await referenceTraining.prepareTraining({ model, data, loss: 'mse' });
    const direction = (name: string): Direction => new Map([[name, Float32Array.of(1)]]);
    return new NetworkRace(session, 1, model, direction('one'), direction('two'));
  };
  // No start on w1 = −w2, from where gradient descent ends in the saddle.
  const options = { a: [-1.5, 1.5], b: [-1.4, 1.6], steps: 200, batch: 1, seed: 1, seconds: 1e9 } as const;

  test('are the two branches of w1·w2 = 1, the sooner reached the nearer', async () => {
    const shares: number[] = [];
    const found = await networkBasins(
      await open(),
      { ...options, racer: { name: 'gd', rate: 0.02 }, sizes: [6] },
      async (share) => shares.push(share) > 0,
    );
    const { size, ends, steps } = found!;
    expect(size).toBe(6);
    expect(shares).toHaveLength(36);
    const upper = (i: number) => -1.5 + 0.6 * (i % 6) + (-1.4 + 0.6 * Math.floor(i / 6)) > 0;
    const places = [true, false].map((side) => new Set([...ends].filter((_, i) => upper(i) === side)));
    expect(places.map(({ size: count }) => count)).toEqual([1, 1]);
    expect(new Set(ends)).toEqual(new Set([0, 1]));
    // (0.9, 1) is all but there; (−0.3, 0.4) begins beside the saddle.
    expect(steps[4 * 6 + 4]!).toBeLessThan(steps[3 * 6 + 2]!);
  });

  test('are none where runs diverge, refused when they would take too long, and given up when told to', async () => {
    const wild = { ...options, racer: { name: 'gd', rate: 1e30 } as const };
    expect([...(await networkBasins(await open(), { ...wild, sizes: [2] }))!.ends]).toEqual(
      Array(4).fill(DIVERGED),
    );
    await expect(networkBasins(await open(), { ...wild, sizes: [9, 3], seconds: 0 })).rejects.toThrow(
      /^even 3 × 3 starts would take about \d+ min; take fewer steps/,
    );
    expect(await networkBasins(await open(), { ...wild, sizes: [9] }, async (share) => share < 0.5)).toBe(
      null,
    );
  });
});
