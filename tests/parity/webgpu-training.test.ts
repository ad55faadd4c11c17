import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineUnsupportedError } from '../../src/engine/engine.js';
import { referenceTraining } from '../../src/engine/reference-training.js';
import type { TrainingEngine, TrainingProblem, TrainingSession } from '../../src/engine/training.js';
import { createWebgpuTraining } from '../../src/engine/webgpu/training/session.js';
import { buildNetwork } from '../../src/model/build-network.js';
import type { LossName } from '../../src/model/data.js';
import { constantSchedule } from '../../src/train/schedule.js';
import { Trainer } from '../../src/train/trainer.js';
import { expectClose } from '../helpers/compare.js';
import { loadDigits, loadNetwork } from '../helpers/fixtures.js';
import { requireGpu } from '../helpers/gpu.js';
import { opCases } from '../helpers/op-cases.js';
import { behindWeights, gradientErrors, norm, randomTraining, worst } from '../helpers/training-problems.js';

/** Relative error of one rounding to float32. */
const rounding = 2 ** -24;
const batchOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => (i * 7) % 20);

let engine: TrainingEngine;
const open: TrainingSession[] = [];
beforeAll(async () => {
  engine = createWebgpuTraining(await requireGpu());
});
async function prepare(problem: TrainingProblem): Promise<TrainingSession> {
  const session = await engine.prepareTraining(problem);
  open.push(session);
  return session;
}
afterAll(() => {
  for (const session of open) session.dispose();
});

const trained = /^(conv|dense|batchnorm|activation|flatten|pool|mean-spatial)/;
const losses: readonly LossName[] = ['mse', 'bce', 'ce'];
const cases = [...opCases.keys()]
  .filter((name) => trained.test(name))
  .map((name, i) => {
    const model = behindWeights(name);
    const isVector = model.shapes.at(-1)!.length === 1;
    return { name, model, loss: losses[i % (isVector ? 3 : 2)]! };
  });

describe('gradients in WebGPU against the reference, 40 roundings of float32', () => {
  it.each(cases)('$name, $loss', async ({ model, loss }) => {
    const problem = randomTraining(model, loss, 20);
    const samples = batchOf(11);
    const truth = await referenceTraining.prepareTraining(problem);
    const session = await prepare(problem);
    const [expected, found] = [await truth.learn(samples), await session.learn(samples)];
    const close = { relative: 16 * rounding, absolute: 16 * rounding };
    expectClose([found.loss], [expected.loss], close, 'loss');
    expect(found.correct).toBe(expected.correct);
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeLessThan(40 * rounding);
    expectClose(session.statistics, truth.statistics, close, 'statistics');
    const [still, stillFound] = [await truth.measure(samples), await session.measure(samples)];
    expectClose([stillFound.loss], [still.loss], close, 'loss in evaluation mode');

    // The twin: one other sample.
    await session.learn(samples.with(4, 19));
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeGreaterThan(40 * rounding);
  });
});

/** Convolutions with strides and shortcuts, batchnorm and a mean over the image. */
const images = buildNetwork({
  architecture: {
    kind: 'conv',
    input: [1, 8, 8],
    outputs: 10,
    blocks: 3,
    layers: 2,
    width: 4,
    skips: true,
    batchnorm: true,
    activation: 'relu',
  },
  initialisation: 'pytorch',
  seed: 3,
});
/** Twenty layers with batchnorm and skips, as they are trained. */
const deep = loadNetwork('bnmlp10-residual');
const digits = loadDigits(700);

describe('gradients of networks in WebGPU, within 1e-4 of the reference', () => {
  it.each([
    // 600 samples are two slices of a weight's gradient, 9 images of 8 × 8 likewise.
    ['mlp-tanh', loadNetwork('mlp-tanh'), 600],
    ['20 layers with batch norm', deep, 40],
    ['convolutions', images, 9],
  ] as const)('%s', async (_, model, count) => {
    const data = { ...digits, shape: model.shapes[0]! };
    const problem: TrainingProblem = { model, data, loss: 'ce' };
    const samples = Int32Array.from({ length: count }, (_each, i) => i);
    const truth = await referenceTraining.prepareTraining(problem);
    const expected = await truth.learn(samples);
    const session = await prepare(problem);
    const found = await session.learn(samples);
    expectClose([found.loss], [expected.loss], { relative: 5e-6, absolute: 2e-8 }, 'loss');
    expect(found.correct).toBe(expected.correct);
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeLessThan(1e-4);
    expectClose(session.statistics, truth.statistics, { relative: 2e-5, absolute: 2e-5 }, 'statistics');
    await session.learn(samples.with(0, 20));
    expect(worst(gradientErrors(session, session.gradient, truth.gradient))).toBeGreaterThan(1e-4);
  });
});

it('trains in WebGPU as the reference does, with the same bits again, the last batch of an epoch smaller', async () => {
  const problem: TrainingProblem = {
    model: images,
    data: { ...loadDigits(20), shape: [1, 8, 8] },
    loss: 'ce',
  };
  const truth = await referenceTraining.prepareTraining(problem);
  const start = truth.weights.slice();
  const [session, again] = [await prepare(problem), await prepare(problem)];
  for (const each of [truth, session, again]) {
    const trainer = new Trainer(each, 20, {
      optimizer: 'momentum',
      options: {},
      learningRate: 1e-2,
      schedule: constantSchedule,
      batch: 8,
      seed: 1,
      order: null,
    });
    for (let k = 0; k < 4; k++) await trainer.advance();
  }
  expect(again.weights).toEqual(session.weights);
  const way = norm(truth.weights.map((w, i) => w - start[i]!));
  const off = norm(truth.weights.map((w, i) => w - session.weights[i]!));
  expect(off / way).toBeLessThan(1e-3);
});

it('says what it does not train, and refuses a batch that batch norm cannot normalise', async () => {
  const padded = randomTraining(behindWeights('pad'), 'mse', 20);
  await expect(prepare(padded)).rejects.toThrow(EngineUnsupportedError);
  await expect(prepare(padded)).rejects.toThrow('but not pad (node op); use the WASM engine');
  const session = await prepare({ model: deep, data: digits, loss: 'ce' });
  await expect(session.learn(Int32Array.of(3))).rejects.toThrow('one sample has no variance');
});
