/** Trainings as a worker runs them: paused, paced, replanned, kept, saved and gone on with, bit by bit. */
import { describe, expect, test } from 'vitest';
import { referenceTraining } from '../../../src/engine/reference-training.js';
import { viewOf } from '../../../src/engine/training.js';
import { runFromTensors } from '../../../src/io/run.js';
import { readSafetensors, readSafetensorsMetadata } from '../../../src/io/safetensors.js';
import { runOf } from '../../../src/io/weights.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { buildNetwork, type Beginning } from '../../../src/model/build-network.js';
import { CurveKeeper, MeanSeries } from '../../../src/train/curves.js';
import { prepareTraining } from '../../../src/train/engines.js';
import { TrainingLoop } from '../../../src/train/loop.js';
import type {
  Answers,
  Assignment,
  Kept,
  Message,
  Question,
  Ready,
  Standing,
} from '../../../src/train/messages.js';
import { readSaved, savedNetwork, SavedRunError, writeSaved } from '../../../src/train/saved.js';
import { largestEigenvalue, sharpness } from '../../../src/train/sharpness.js';
import type { Snapshot } from '../../../src/train/trainer.js';
import { loadDigits } from '../../helpers/fixtures.js';
import { adamPlan as plan } from '../../helpers/training-problems.js';

const architecture: Architecture = {
  kind: 'mlp',
  input: [64],
  outputs: 10,
  blocks: 1,
  layers: 2,
  width: 6,
  skips: true,
  batchnorm: true,
  activation: 'tanh',
};
const beginning: Beginning = { architecture, initialisation: 'pytorch', seed: 3 };
const assignment: Assignment = {
  problem: { model: buildNetwork(beginning), data: loadDigits(120), loss: 'ce' },
  samples: 100,
  plan,
  engine: 'reference',
  kept: null,
};

/** A loop with its answers as promises. What breaks is thrown unless somebody takes it. */
function open(
  prepare = prepareTraining,
  broke = (message: string): void => {
    throw new Error(message);
  },
) {
  const waiting = new Map<number, (message: Message) => void>();
  const rests: ((standing: Standing) => void)[] = [];
  let standing: Standing | null = null;
  let last = 0;
  const loop = new TrainingLoop((message) => {
    if (message.kind === 'broke') return broke(message.error.message);
    if (message.kind !== 'standing') return waiting.get(message.id)!(message);
    standing = message.standing;
    if (!standing.running) for (const rest of rests.splice(0)) rest(standing);
  }, prepare);
  const ask = (question: Question): Promise<Answers[keyof Answers]> =>
    new Promise((resolve, reject) => {
      const id = last++;
      waiting.set(id, (message) => {
        if (message.kind === 'answer') resolve(message.value);
        else if (message.kind === 'failed')
          reject(new Error(`${message.error.name}: ${message.error.message}`));
      });
      loop.take({ kind: 'ask', id, question });
    });
  return {
    loop,
    begin: (change: Partial<Assignment> = {}) =>
      ask({ kind: 'begin', assignment: { ...assignment, ...change } }) as Promise<Ready>,
    keep: () => ask({ kind: 'keep' }) as Promise<Kept>,
    snapshot: () => ask({ kind: 'snapshot' }) as Promise<Snapshot>,
    ask,
    go(until: number, perSecond = Infinity): Promise<Standing> {
      const rested = new Promise<Standing>((resolve) => void rests.push(resolve));
      loop.take({ kind: 'go', until, perSecond });
      return rested;
    },
    standing: () => standing!,
  };
}

/** All but the measurements, of which a pause makes more. */
const lasting = ({ curves: { loss, accuracy }, ...kept }: Kept) => ({ ...kept, loss, accuracy });

describe('a training', () => {
  test('goes through the same weights however it is paused, paced and asked about', async () => {
    const straight = open();
    await straight.begin();
    expect((await straight.go(40)).step).toBe(40);

    const halting = open();
    await halting.begin();
    for (const [until, perSecond] of [
      [1, Infinity],
      [2, Infinity],
      [30, 2000],
    ] as const) {
      await halting.go(until, perSecond);
      await halting.ask({ kind: 'sharpness' });
    }
    const paused = halting.go(40, 50);
    halting.loop.take({ kind: 'pause' });
    expect((await paused).step).toBeLessThan(40);
    await halting.go(40);
    expect(lasting(await halting.keep())).toEqual(lasting(await straight.keep()));
  });

  test('begins again where it began, and with another seed elsewhere', async () => {
    const training = open();
    await training.begin();
    const first = await training.snapshot();
    await training.go(5);
    training.loop.take({ kind: 'reset' });
    expect(await training.snapshot()).toEqual(first);
    expect(training.standing()).toMatchObject({ step: 0, kept: 1 });
    await training.go(5);
    const again = await training.snapshot();
    const other = open();
    await other.begin({ plan: { ...plan, seed: 4 } });
    await other.go(5);
    expect(again.weights).not.toEqual((await other.snapshot()).weights);
  });

  test.each([
    ['reference', 'adam'],
    ['wasm', 'adam'],
    ['wasm', 'momentum'],
    ['wasm', 'rmsprop'],
  ] as const)('goes on from a saved file bit by bit, curves included: %s, %s', async (engine, optimizer) => {
    const change = { engine, plan: { ...plan, optimizer, learningRate: 0.005 } };
    const straight = open();
    await straight.begin(change);
    await straight.go(50);
    const half = open();
    const { places, info } = await half.begin(change);
    expect(info.engine).toBe(engine);
    await half.go(20);
    const saved = { beginning, settings: 'mode=train', replanned: 7, kept: await half.keep() };
    const bytes = new Uint8Array(Buffer.concat([...writeSaved(saved, places)]));
    const metadata = readSafetensorsMetadata(bytes, 'run');
    const run = runFromTensors({ file: 'run', tensors: readSafetensors(bytes, 'run') });
    const loaded = readSaved(run, metadata);
    expect(loaded).toEqual(saved);

    const other = open();
    await other.begin({ ...change, kept: loaded.kept });
    expect(other.standing().step).toBe(20);
    await other.go(50);
    const { resumption } = await other.keep();
    expect(resumption.weights.constructor).toBe(engine === 'wasm' ? Float32Array : Float64Array);
    expect(lasting(await other.keep())).toEqual(lasting(await straight.keep()));
  });

  test('is saved as a run that every other program sees, and damaged files are refused', async () => {
    const training = open();
    const { places } = await training.begin();
    await training.go(20);
    const saved = { beginning, settings: 'mode=train', replanned: null, kept: await training.keep() };
    const bytes = new Uint8Array(Buffer.concat([...writeSaved(saved, places)]));
    const metadata = readSafetensorsMetadata(bytes, 'run');
    const run = runFromTensors({ file: 'run', tensors: readSafetensors(bytes, 'run') });
    expect(savedNetwork(metadata)).toEqual(beginning);
    const matched = runOf(buildNetwork(beginning), run);
    expect('run' in matched && matched.run.steps).toEqual(Array.from({ length: 21 }, (_, k) => k));
    expect(() => readSaved(run, new Map())).toThrow(SavedRunError);
    for (const broken of ['{', '{"architecture":{"kind":"rnn"}}', '[]', 'null']) {
      expect(() => savedNetwork(new Map([['isoloss_network', broken]]))).toThrow(SavedRunError);
    }
    const wider = JSON.stringify({ ...beginning, architecture: { ...architecture, width: 7 } });
    expect(() => readSaved(run, new Map([...metadata, ['isoloss_network', wider]]))).toThrow(
      'stem.weight is missing or has another size',
    );
  });

  test('measures what it learns from and what it does not, apart from the steps', async () => {
    const training = open();
    await training.begin();
    const { curves } = await training.go(24);
    const perEpoch = 7;
    expect(curves.train.map(({ step }) => step)).toEqual([0, 1, 2, 4, 8, 16, 24]);
    expect(curves.heldOut).toHaveLength(7);
    expect(curves.batch.loss.steps).toEqual(Float64Array.from({ length: 24 }, (_, k) => k + 1));
    await training.go(4 * perEpoch);
    expect(training.standing().curves.train.at(-1)!.step).toBe(28);
    const session = await referenceTraining.prepareTraining(assignment.problem);
    const all = await session.measure(Int32Array.from({ length: 20 }, (_, i) => 100 + i));
    expect(curves.heldOut[0]).toEqual({
      step: 0,
      loss: expect.closeTo(all.loss, 12),
      accuracy: all.correct / 20,
    });
  });

  test('takes another plan from the next step on', async () => {
    const training = open();
    await training.begin();
    await training.go(3);
    const before = await training.snapshot();
    training.loop.take({ kind: 'replan', plan: { ...plan, learningRate: 0 } });
    await training.go(6);
    expect((await training.snapshot()).weights).toEqual(before.weights);
    expect(training.standing().learningRate).toBe(0);
  });

  test('rests where its numbers leave what is finite', async () => {
    const training = open();
    await training.begin({ plan: { ...plan, optimizer: 'gd', learningRate: 1e308 } });
    const { step, diverged } = await training.go(100);
    expect(diverged).toBe(true);
    expect(step).toBeLessThan(10);
    training.loop.take({ kind: 'reset' });
    await training.snapshot();
    expect(training.standing().diverged).toBe(false);
  });

  test.each(['pause', 'reset'] as const)(
    'says what broke at a %s, rests, and answers all the same',
    async (kind) => {
      let isLost = false;
      const failures: string[] = [];
      const losing: typeof prepareTraining = async (...problem) => {
        const prepared = await prepareTraining(...problem);
        const { session } = prepared;
        const measure = session.measure.bind(session);
        session.measure = async (samples) => {
          if (isLost) throw new Error('device lost');
          return measure(samples);
        };
        return prepared;
      };
      const training = open(losing, (message) => void failures.push(message));
      await training.begin();
      await training.go(3);
      isLost = true;
      training.loop.take({ kind });
      const { step } = await training.snapshot();
      expect(failures).toEqual(['device lost']);
      expect(training.standing()).toMatchObject({ step, running: false });
      isLost = false;
      expect((await training.go(5)).step).toBe(5);
    },
  );

  test('is on an engine that says why it is the one', async () => {
    const chosen = await open().begin();
    expect(chosen.reason).toBe('Reference: chosen by you; float64, exact and slow.');
    const training = open();
    const { info, reason } = await training.begin({ engine: 'auto' });
    expect(reason).toContain(info.engine === 'wasm' ? 'WASM: float32' : 'Reference: float64');
    await training.go(10);
    const { curves } = training.standing();
    expect(curves.train.at(-1)!.loss).toBeLessThan(curves.train[0]!.loss);
  });

  test('refuses what does not fit', async () => {
    await expect(open().begin({ plan: { ...plan, batch: 101 } })).rejects.toThrow(
      'a batch of 101 is not between 1 and the 100 samples',
    );
    await expect(open().snapshot()).rejects.toThrow('there is no training yet');
  });
});

describe('curves', () => {
  test('are means over equally many steps, in bounded memory', () => {
    const series = new MeanSeries(4);
    for (let step = 1; step <= 9; step++) series.add(step);
    // Two by two from the fifth on, four by four from the ninth.
    expect(series.width).toBe(4);
    expect([...series.series.values]).toEqual([2.5, 6.5, 9]);
    expect([...series.series.steps]).toEqual([2.5, 6.5, 9]);
  });

  test('keep the first and the latest measurement of many', () => {
    const keeper = new CurveKeeper();
    for (let step = 0; step < 2000; step++) keeper.measured({ step, loss: 1, accuracy: 0 }, null);
    const { train } = keeper.curves;
    expect(train.length).toBeLessThanOrEqual(513);
    expect([train[0]!.step, train.at(-1)!.step]).toEqual([0, 1999]);
  });
});

describe('the largest curvature', () => {
  test('of a matrix is its largest eigenvalue, signs included', async () => {
    const diagonal = [-30, 4, 1, 0, 2.5, -1, 3, 0.5];
    const found = await largestEigenvalue(8, async (v) => v.map((x, i) => diagonal[i]! * x));
    expect(found).toBeCloseTo(4, 3);
    const one = await largestEigenvalue(1, async (v) => v.map((x) => -2 * x));
    expect(one).toBeCloseTo(-2, 9);
  });

  test('of a network is that of its Hessian by finite differences, and the weights stay', async () => {
    const small = buildNetwork({ ...beginning, architecture: { ...architecture, width: 2, blocks: 0 } });
    const data = { ...loadDigits(30) };
    const session = await referenceTraining.prepareTraining({ model: small, data, loss: 'ce' });
    const before = session.weights.slice();
    const { largest, samples } = await sharpness(session, 30, 0);
    expect(session.weights).toEqual(before);
    expect(samples).toBe(30);
    // Power iteration on the Hessian, shifted so that the largest eigenvalue has the largest size.
    const n = before.length;
    const all = Int32Array.from({ length: 30 }, (_, i) => i);
    const column = async (j: number): Promise<number[]> => {
      const gradients: number[][] = [];
      for (const by of [1e-4, -1e-4]) {
        session.weights.set(before);
        session.weights[j]! += by;
        await session.learn(all);
        gradients.push([...session.gradient]);
      }
      return gradients[0]!.map((g, i) => (g - gradients[1]![i]!) / 2e-4);
    };
    const hessian: number[][] = [];
    for (let j = 0; j < n; j++) hessian.push(await column(j));
    const shift = 1;
    let v = Array.from({ length: n }, (_, i) => Math.sin(i + 1));
    let value = NaN;
    for (let round = 0; round < 400; round++) {
      const next = v.map((x, i) => shift * x + hessian[i]!.reduce((sum, h, j) => sum + h * v[j]!, 0));
      value = Math.hypot(...next) / Math.hypot(...v) - shift;
      const norm = Math.hypot(...next);
      v = next.map((x) => x / norm);
    }
    expect(Math.abs(largest / value - 1)).toBeLessThan(5e-3);
  });

  test('of a network in float32 SIMD is within 1 % of float64, weights and statistics kept', async () => {
    const exact = await referenceTraining.prepareTraining(assignment.problem);
    const { session } = await prepareTraining(assignment.problem, 'wasm');
    expect(session.info.engine).toBe('wasm');
    const [weights, statistics] = [session.weights.slice(), session.statistics.slice()];
    const [close, truth] = [await sharpness(session, 100, 0), await sharpness(exact, 100, 0)];
    expect(Math.abs(close.largest / truth.largest - 1)).toBeLessThan(0.01);
    expect([session.weights, session.statistics]).toEqual([weights, statistics]);
  });

  test('of batchnorm is in training mode and leaves the running statistics', async () => {
    const session = await referenceTraining.prepareTraining(assignment.problem);
    const before = session.statistics.slice();
    const { largest } = await sharpness(session, 100, 7);
    expect(largest).toBeGreaterThan(0);
    expect(session.statistics).toEqual(before);
    const { places } = session;
    const weight = places.find(({ name }) => name === 'stem.weight')!;
    expect([...viewOf(session, weight)]).toEqual([
      ...assignment.problem.model.parameters.get('stem.weight')!.data,
    ]);
  });
});
