import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referenceTraining } from '../../../src/engine/reference-training.js';
import { type TrainingProblem, type TrainingSession, viewOf } from '../../../src/engine/training.js';
import { readNpy } from '../../../src/io/npy.js';
import { readOnnx } from '../../../src/io/onnx/import.js';
import type { Model } from '../../../src/model/graph.js';
import { orderedBatches, shuffledBatches } from '../../../src/train/batches.js';
import { type OptimizerName, optimizerNames } from '../../../src/train/optimizers.js';
import { constantSchedule } from '../../../src/train/schedule.js';
import { Trainer, type TrainingPlan } from '../../../src/train/trainer.js';
import { expectClose } from '../../helpers/compare.js';
import { loadDigits, loadNetwork } from '../../helpers/fixtures.js';

const folder = new URL('../../fixtures/training/', import.meta.url);
const bytes = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));

/** By torch.optim; see fixtures/training/make.py. */
const runs = JSON.parse(readFileSync(new URL('runs.json', folder), 'utf8')) as {
  network: string;
  batch: number;
  optimizer: OptimizerName;
  rate: number;
  losses: number[];
  end: Record<string, number[]>;
}[];
const order = Int32Array.from(readNpy(bytes('order.npy'), 'order.npy').data, Number);
const digits = loadDigits(1400);

function problemOf(network: string): TrainingProblem {
  const model: Model =
    network === 'conv'
      ? readOnnx([{ name: 'conv.onnx', bytes: bytes('conv.onnx') }]).model
      : loadNetwork(network);
  return { model, data: { ...digits, shape: model.shapes[0]! }, loss: 'ce' };
}

function plan(change: Partial<TrainingPlan>): TrainingPlan {
  return {
    optimizer: 'adam',
    options: {},
    learningRate: 1e-2,
    schedule: constantSchedule,
    batch: 16,
    seed: 1,
    order: null,
    ...change,
  };
}

async function train(problem: TrainingProblem, its: TrainingPlan, steps: number) {
  const session = await referenceTraining.prepareTraining(problem);
  const trainer = new Trainer(session, problem.data.samples, its);
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) losses.push((await trainer.advance()).loss);
  return { session, trainer, losses };
}

/** As the fixture samples each parameter. */
function sampled(session: TrainingSession): Map<string, number[]> {
  return new Map(
    session.places.map((place) => {
      const v = Float64Array.from(viewOf(session, place));
      const picked = [0, Math.floor(v.length / 3), Math.floor(v.length / 2), v.length - 1].map((i) => v[i]!);
      return [place.name, [...picked, v.reduce((sum, x) => sum + x, 0), Math.hypot(...v)]];
    }),
  );
}

const tolerance = { relative: 1e-10, absolute: 1e-10 };

describe('ten steps on a fixed order against torch.optim in float64, losses, weights and running statistics to 1e-10', () => {
  test('every optimizer on every network', () => {
    const networks = new Set(runs.map(({ network }) => network));
    expect(runs).toHaveLength(networks.size * optimizerNames.length);
    expect([...networks]).toEqual(['mlp-tanh', 'bnmlp10-residual', 'conv']);
  });

  test.each(runs)('$network with $optimizer', async ({ network, batch, optimizer, rate, losses, end }) => {
    const problem = problemOf(network);
    const how = plan({ optimizer, learningRate: rate, batch, order });
    const run = await train(problem, how, losses.length);
    expectClose(run.losses, losses, tolerance, 'losses');
    const actual = sampled(run.session);
    expect([...actual.keys()].sort()).toEqual(Object.keys(end).sort());
    for (const [name, numbers] of actual) expectClose(numbers, end[name]!, tolerance, name);

    // The twin: one other sample in the first batch.
    const other = order.with(3, order.at(-1)!);
    const twin = await train(problem, { ...how, order: other }, losses.length);
    expect(() => expectClose(twin.losses, losses, tolerance)).toThrow('differ');
    const changed = sampled(twin.session);
    for (const name of ['head.weight', '7.weight'].filter((key) => key in end))
      expect(() => expectClose(changed.get(name)!, end[name]!, tolerance)).toThrow('differ');
  });
});

describe('a trainer', () => {
  const problem = problemOf('conv');

  test('shuffles by seed: same seed same bits, another seed other ones', async () => {
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => train(problem, plan({ seed }), 4)),
    );
    expect([...again!.session.weights]).toEqual([...first!.session.weights]);
    expect([...other!.session.weights]).not.toEqual([...first!.session.weights]);
  });

  test('goes on from a resumption as if it had never stopped, statistics included', async () => {
    const whole = await train(problem, plan({}), 6);
    const { trainer, session } = await train(problem, plan({}), 3);
    const resumption = structuredClone(trainer.resumption());
    await trainer.advance();
    trainer.resume(resumption);
    for (let k = 0; k < 3; k++) await trainer.advance();
    expect(trainer.step).toBe(6);
    expect([...session.weights]).toEqual([...whole.session.weights]);
    expect([...session.statistics]).toEqual([...whole.session.statistics]);
    const fresh = await train(problem, plan({}), 0);
    trainer.reset();
    expect(trainer.snapshot()).toEqual(fresh.trainer.snapshot());
    for (let k = 0; k < 6; k++) await trainer.advance();
    expect([...session.weights]).toEqual([...whole.session.weights]);
  });

  test('measures without moving anything', async () => {
    const { trainer } = await train(problem, plan({}), 2);
    const before = trainer.snapshot();
    const { loss, accuracy } = await trainer.measure();
    expect(loss).toBeGreaterThan(0);
    expect(accuracy).toBeGreaterThan(0);
    expect(trainer.snapshot()).toEqual(before);
  });

  test('a batch of one sample that batch norm cannot normalise, and one that is none, are refused', async () => {
    const session = await referenceTraining.prepareTraining(problemOf('bnmlp10-residual'));
    await expect(session.learn(Int32Array.of(3))).rejects.toThrow('one sample has no variance');
    await expect(session.learn(Int32Array.of(1400, 0))).rejects.toThrow('sample 1400 is not one of the 1400');
    await expect(session.learn(new Int32Array(0))).rejects.toThrow('at least one sample');
  });
});

describe('batches', () => {
  test('every epoch of a shuffle has each sample once, and is another shuffle', () => {
    const batches = shuffledBatches(10, 4, 3);
    expect(batches.perEpoch).toBe(3);
    const epochs = [0, 1].map((epoch) => [0, 1, 2].flatMap((k) => [...batches.at(3 * epoch + k)]));
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    // A single sample left over is passed over.
    expect(shuffledBatches(9, 4, 3).perEpoch).toBe(2);
    expect(() => shuffledBatches(9, 10, 3)).toThrow('a batch of 10 is not between 1 and the 9 samples');
  });

  test('each place of a shuffle is as likely: 10,000 shuffles of 5, within 4 standard deviations', () => {
    const batches = shuffledBatches(5, 5, 11);
    const counts = new Float64Array(25);
    for (let k = 0; k < 10_000; k++) batches.at(k).forEach((sample, at) => counts[5 * at + sample]!++);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.16));
  });

  test('an order is used in sequence and starts again', () => {
    const batches = orderedBatches(Int32Array.of(5, 3, 9), 2);
    expect([0, 1, 2].map((k) => [...batches.at(k)])).toEqual([
      [5, 3],
      [9, 5],
      [3, 9],
    ]);
    expect(() => orderedBatches(new Int32Array(0), 2)).toThrow('order of 0 samples');
  });
});
