import { describe, expect, it } from 'vitest';
import { referenceTraining } from '../../../src/engine/reference-training.js';
import type { TrainingProblem, Vector } from '../../../src/engine/training.js';
import { createWasmTraining } from '../../../src/engine/wasm/training/session.js';
import { normals } from '../../../src/math/normal.js';
import type { LossName } from '../../../src/model/data.js';
import { optimizerNames } from '../../../src/train/optimizers.js';
import { constantSchedule } from '../../../src/train/schedule.js';
import { Trainer, type TrainingPlan } from '../../../src/train/trainer.js';
import { expectClose } from '../../helpers/compare.js';
import { loadNetwork, referenceProblem } from '../../helpers/fixtures.js';
import { opCases } from '../../helpers/op-cases.js';
import {
  behindWeights,
  gradientErrors,
  norm,
  randomTraining,
  worst,
} from '../../helpers/training-problems.js';
import '../../helpers/wasm-builds.js';

/** Relative error of one rounding to float32. */
const rounding = 2 ** -24;
/** The first `count` samples, every third one first: groups of eight that are mixed, and the last one not full. */
const batchOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => (i * 7) % 20);

const losses: readonly LossName[] = ['mse', 'bce', 'ce'];
const builds = [true, false] as const;

/** Every op with every loss that its output can have. */
const cases = [...opCases.keys()].flatMap((name) => {
  const model = behindWeights(name);
  const isVector = model.shapes.at(-1)!.length === 1;
  return losses
    .filter((loss) => isVector || loss !== 'ce')
    .map((loss, i) => ({ name, loss, model, relaxed: builds[i % 2]! }));
});

describe('gradients of every op in WASM against the reference, 24 roundings of float32', () => {
  it.each(cases)('$name, $loss', async ({ model, loss, relaxed }) => {
    const problem = randomTraining(model, loss, 20);
    const samples = batchOf(11);
    const [truth, session] = [
      await referenceTraining.prepareTraining(problem),
      await createWasmTraining(relaxed).prepareTraining(problem),
    ];
    const [expected, found] = [await truth.learn(samples), await session.learn(samples)];
    const close = { relative: 8 * rounding, absolute: 8 * rounding };
    expectClose([found.loss], [expected.loss], close, 'loss');
    expect(found.correct).toBe(expected.correct);
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeLessThan(24 * rounding);
    expectClose(session.statistics, truth.statistics, close, 'statistics');
    const [still, stillFound] = [await truth.measure(samples), await session.measure(samples)];
    expectClose([stillFound.loss], [still.loss], close, 'loss in evaluation mode');

    // The twin: one other sample.
    await session.learn(samples.with(4, 19));
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeGreaterThan(24 * rounding);
  });
});

describe('gradients of every op in WASM against its own finite differences, 2e-3', () => {
  it.each(cases.filter(({ relaxed }) => relaxed))('$name, $loss', async ({ model, loss }) => {
    const session = await createWasmTraining().prepareTraining(randomTraining(model, loss, 20));
    const samples = batchOf(11);
    await session.learn(samples);
    const gradient = Float64Array.from(session.gradient);
    const start = session.weights.slice();
    // Mostly along the gradient, so that the difference stands out from its rounding; a little anywhere.
    const length = norm(gradient);
    const other = normals([8, 0], [1, 0, 0], start.length);
    const along = gradient.map((g, i) => g / length + (0.3 * other[i]!) / Math.sqrt(start.length));
    const at = async (t: number): Promise<number> => {
      session.weights.set(start.map((w, i) => w + t * along[i]!));
      return (await session.learn(samples)).loss;
    };
    const h = 4e-3;
    const slope =
      (8 * ((await at(h)) - (await at(-h))) - ((await at(2 * h)) - (await at(-2 * h)))) / (12 * h);
    const expected = gradient.reduce((sum, g, i) => sum + g * along[i]!, 0);
    expect(Math.abs(slope / expected - 1)).toBeLessThan(2e-3);
    expect(Math.abs(slope / (1.01 * expected) - 1)).toBeGreaterThan(2e-3);
  });
});

const networks = [
  ['mlp-tanh', 200],
  ['mlp-plain-relu', 200],
  ['bnmlp10-residual', 99],
  ['bnmlp20-plain', 200],
  ['bnmlp20-residual', 130],
  ['resnet20-fashion', 6],
  ['resnet20-noshort-fashion', 3],
] as const;

/** Gradients of the reference where every weight is moved by about 2⁻²², four roundings. */
async function movedGradients(problem: TrainingProblem, samples: Int32Array): Promise<Vector[]> {
  const session = await referenceTraining.prepareTraining(problem);
  const start = session.weights.slice();
  const found: Vector[] = [];
  for (const seed of [1, 2, 3]) {
    const z = normals([9, seed], [1, 0, 0], start.length);
    session.weights.set(start.map((w, i) => w * (1 + 4 * rounding * z[i]!)));
    await session.learn(samples);
    found.push(session.gradient.slice());
  }
  return found;
}

describe('gradients of the reference networks in WASM, within twice what four roundings of the weights change in float64', () => {
  it.each(networks)('%s on %d samples', async (name, count) => {
    const { data } = referenceProblem(name, count);
    const problem: TrainingProblem = { model: loadNetwork(name), data, loss: 'ce' };
    const samples = Int32Array.from({ length: count }, (_, i) => i);
    const truth = await referenceTraining.prepareTraining(problem);
    const expected = await truth.learn(samples);
    const moved = await movedGradients(problem, samples);
    const allowed = 2 * Math.max(...moved.map((g) => worst(gradientErrors(truth, g, truth.gradient))));
    for (const relaxed of builds) {
      const session = await createWasmTraining(relaxed).prepareTraining(problem);
      const found = await session.learn(samples);
      expectClose([found.loss], [expected.loss], { relative: 2e-6, absolute: 2e-8 }, 'loss');
      expect(found.correct).toBe(expected.correct);
      expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeLessThan(allowed);
      expectClose(session.statistics, truth.statistics, { relative: 1e-5, absolute: 1e-5 }, 'statistics');
      // The twin: one sample less.
      if (count < 50) continue;
      await session.learn(samples.subarray(1));
      expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeGreaterThan(allowed);
    }
  });
});

const plan = (change: Partial<TrainingPlan>): TrainingPlan => ({
  optimizer: 'adam',
  options: {},
  learningRate: 1e-3,
  schedule: constantSchedule,
  batch: 50,
  seed: 1,
  order: null,
  ...change,
});

describe('training in WASM', () => {
  const { data } = referenceProblem('bnmlp10-residual', 400);
  const problem: TrainingProblem = { model: loadNetwork('bnmlp10-residual'), data, loss: 'ce' };
  const after = async (relaxed: boolean, its: TrainingPlan, steps: number) => {
    const session = await createWasmTraining(relaxed).prepareTraining(problem);
    const trainer = new Trainer(session, data.samples, its);
    for (let k = 0; k < steps; k++) await trainer.advance();
    return { session, trainer };
  };

  it.each(builds)(
    'gives the same bits from the same seed and others from another, relaxed: %s',
    async (relaxed) => {
      const [first, again, other] = await Promise.all(
        [3, 3, 4].map((seed) => after(relaxed, plan({ seed }), 12)),
      );
      expect(again!.trainer.snapshot()).toEqual(first!.trainer.snapshot());
      expect(other!.session.weights).not.toEqual(first!.session.weights);
    },
  );

  it.each(optimizerNames)(
    'ten steps with %s go where the reference goes, within 1 % of the way',
    async (optimizer) => {
      const its = plan({ optimizer, learningRate: optimizer === 'rmsprop' ? 1e-4 : 1e-3 });
      const { session } = await after(true, its, 10);
      const truth = await referenceTraining.prepareTraining(problem);
      const start = truth.weights.slice();
      const trainer = new Trainer(truth, data.samples, its);
      for (let k = 0; k < 10; k++) await trainer.advance();
      const way = norm(truth.weights.map((w, i) => w - start[i]!));
      const off = norm(truth.weights.map((w, i) => w - session.weights[i]!));
      expect(off / way).toBeLessThan(0.01);
      expect(way).toBeGreaterThan(0);
      expectClose(session.statistics, truth.statistics, { relative: 1e-4, absolute: 1e-4 }, 'statistics');
    },
  );

  it('a larger batch than before makes room without a trace', async () => {
    const samples = Int32Array.from({ length: 400 }, (_, i) => 399 - i);
    const [grown, fresh] = await Promise.all([0, 1].map(() => createWasmTraining().prepareTraining(problem)));
    await grown!.measure(samples.subarray(0, 3));
    const { weights, gradient } = grown!;
    const [one, two] = [await grown!.learn(samples), await fresh!.learn(samples)];
    expect(one).toEqual(two);
    expect(grown!.weights).toBe(weights);
    expect(gradient).toEqual(fresh!.gradient);
    // Measuring takes what fits at a time, and moves nothing.
    const before = grown!.statistics.slice();
    await grown!.measure(samples);
    expect(grown!.statistics).toEqual(before);
  });

  it('refuses a batch of one sample that batch norm cannot normalise, and one that is none', async () => {
    const session = await createWasmTraining().prepareTraining(problem);
    await expect(session.learn(Int32Array.of(3))).rejects.toThrow('one sample has no variance');
    await expect(session.learn(Int32Array.of(400, 0))).rejects.toThrow('sample 400 is not one of the 400');
    await expect(session.learn(new Int32Array(0))).rejects.toThrow('at least one sample');
  });
});
