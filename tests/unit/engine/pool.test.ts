import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import {
  type Engine,
  EngineLostError,
  EngineMemoryError,
  EngineUnsupportedError,
  type Points,
  type SampleRange,
  type Sums,
} from '../../../src/engine/engine.js';
import { createHost } from '../../../src/engine/host.js';
import { createPool, type PoolWorker } from '../../../src/engine/pool.js';
import { describeFailure, type Request, revive } from '../../../src/engine/protocol.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { kernels } from '../../../src/engine/wasm/plugin.mjs';
import { ModelError } from '../../../src/model/errors.js';
import { expectClose } from '../../helpers/compare.js';
import { loadGrid, referenceProblem } from '../../helpers/fixtures.js';
import { gridPoints } from '../../helpers/points.js';
import { lossOnly } from '../../helpers/loss-only.js';

const problem = referenceProblem('mlp-tanh', 8);
const onePoint: Points = { a: Float64Array.of(0), b: Float64Array.of(0) };
const all: SampleRange = { first: 0, count: 8 };

/** A browser's worker as far as a pool can see, in this thread; messages are cloned as between threads. */
class FakeWorker {
  readonly requests: Request[] = [];
  terminated = false;
  private readonly listeners = new Map<string, ((event: never) => void)[]>();
  private readonly host: (request: Request) => void;

  constructor(engine: Engine) {
    this.host = createHost(
      async () => engine,
      (answer, transfer) => {
        const data = structuredClone(answer, { transfer });
        queueMicrotask(() => this.emit('message', { data }));
      },
    );
  }

  postMessage(message: unknown): void {
    const request = structuredClone(message) as Request;
    this.requests.push(request);
    queueMicrotask(() => this.host(request));
  }

  terminate(): void {
    this.terminated = true;
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  emit(type: string, event: object): void {
    for (const listener of this.listeners.get(type) ?? []) listener(event as never);
  }
}

/** An engine whose calls wait until they are let go or aborted; results are its name's number. */
class PatientEngine implements Engine {
  readonly name = 'wasm';
  readonly waiting: ((sums: Sums) => void)[] = [];
  calls = 0;
  disposed = 0;

  async prepare() {
    return {
      ...lossOnly,
      info: { engine: 'wasm' as const, adapter: 'SIMD' },
      lanes: 1,
      evaluate: (_points: Points, _samples: SampleRange, signal?: AbortSignal) =>
        new Promise<Sums>((done, reject) => {
          this.calls++;
          this.waiting.push(done);
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      dispose: () => void this.disposed++,
    };
  }

  letGo(): void {
    const sums = { loss: Float64Array.of(1), squares: Float64Array.of(1), correct: Float64Array.of(1) };
    this.waiting.shift()!(sums);
  }
}

function fakePool(engines: readonly Engine[]) {
  const workers = engines.map((engine) => new FakeWorker(engine));
  let next = 0;
  const pool = createPool('wasm', () => workers[next++]! as PoolWorker, workers.length);
  return { pool, workers };
}

const settle = (): Promise<void> => new Promise((done) => void setTimeout(done, 0));

describe('a pool of workers', () => {
  it('says what it runs on and keeps two calls per worker in flight', async () => {
    const { pool } = fakePool([new PatientEngine(), new PatientEngine()]);
    const evaluator = await pool.prepare(problem);
    expect(pool.workers).toBe(2);
    expect(evaluator.info).toEqual({ engine: 'wasm', adapter: '2 workers, SIMD' });
    expect(evaluator.lanes).toBe(4);
  });

  it('gives a call to the worker with least to do', async () => {
    const engines = [new PatientEngine(), new PatientEngine()];
    const { pool } = fakePool(engines);
    const evaluator = await pool.prepare(problem);
    const three: Points = { a: new Float64Array(3), b: new Float64Array(3) };
    const calls = [
      evaluator.evaluate(three, all),
      evaluator.evaluate(onePoint, all),
      evaluator.evaluate(onePoint, all),
    ];
    await settle();
    expect(engines.map(({ calls: count }) => count)).toEqual([1, 2]);
    for (const engine of [engines[0]!, engines[1]!, engines[1]!]) engine.letGo();
    await Promise.all(calls);
  });

  it('gives the sums that the engine gives, for several problems', async () => {
    const { pool } = fakePool([referenceEngine, referenceEngine]);
    const other = referenceProblem('mlp-plain-relu', 8);
    const pooled = await Promise.all([pool.prepare(problem), pool.prepare(other)]);
    const alone = await Promise.all([referenceEngine.prepare(problem), referenceEngine.prepare(other)]);
    for (const k of [0, 1] as const) {
      const expected = await alone[k]!.evaluate(onePoint, all);
      expect(await pooled[k]!.evaluate(onePoint, all)).toEqual(expected);
    }
  });

  it('shares the samples of differences out, so that together they are the engine’s within 1e-13 relative', async () => {
    const { pool, workers } = fakePool([referenceEngine, referenceEngine]);
    const larger = referenceProblem('mlp-tanh', 29);
    const [pooled, alone] = [await pool.prepare(larger), await referenceEngine.prepare(larger)];
    const centre = { a: 0.3, b: -0.2 };
    const offsets = { a: Float64Array.of(0, 1e-3, -1e-9), b: Float64Array.of(0, 2e-3, 1e-9) };
    const samples = { first: 2, count: 27 };
    const { delta } = await pooled.differences(centre, offsets, samples);
    const expected = await alone.differences(centre, offsets, samples);
    expectClose(delta, expected.delta, { relative: 1e-13, absolute: 0 });
    const asked = workers.map(({ requests }) => requests.filter(({ kind }) => kind === 'differences'));
    expect(asked).toMatchObject([
      [{ samples: { first: 2, count: 16 } }],
      [{ samples: { first: 18, count: 11 } }],
    ]);
    const other = await pooled.differences({ a: 0.3001, b: -0.2 }, offsets, samples);
    expect(() => expectClose(other.delta, expected.delta, { relative: 1e-13, absolute: 0 })).toThrow(
      'differ',
    );
  });

  it('gives each worker always the same share of differences, so that it keeps the centre of its samples', async () => {
    const { pool, workers } = fakePool([referenceEngine, referenceEngine]);
    const evaluator = await pool.prepare(referenceProblem('mlp-tanh', 29));
    const samples = { first: 2, count: 27 };
    await Promise.all([1, 2, 3].map(() => evaluator.differences({ a: 0, b: 0 }, onePoint, samples)));
    const firsts = workers.map(({ requests }) =>
      requests.flatMap((request) => (request.kind === 'differences' ? [request.samples.first] : [])),
    );
    expect(firsts).toEqual([
      [2, 2, 2],
      [18, 18, 18],
    ]);
  });

  it('gives the derivatives that the engine gives', async () => {
    const { pool } = fakePool([referenceEngine, referenceEngine]);
    const [pooled, alone] = [await pool.prepare(problem), await referenceEngine.prepare(problem)];
    for (const order of [1, 2] as const) {
      const expected = await alone.derivatives(onePoint, all, order);
      expect(await pooled.derivatives(onePoint, all, order)).toEqual(expected);
    }
    await expect(pooled.derivatives(onePoint, { first: 0, count: 9 }, 1)).rejects.toThrow(RangeError);
    await expect(pooled.differences({ a: 0, b: 0 }, onePoint, { first: 1, count: 8 })).rejects.toThrow(
      RangeError,
    );
  });

  it('rejects an aborted call at once, with its reason, and stops the worker', async () => {
    const engine = new PatientEngine();
    const { pool, workers } = fakePool([engine]);
    const evaluator = await pool.prepare(problem);
    const controller = new AbortController();
    const call = evaluator.evaluate(onePoint, all, controller.signal);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(workers[0]!.requests.at(-1)!.kind).toBe('cancel');
    await expect(evaluator.evaluate(onePoint, all, controller.signal)).rejects.toBe(reason);
  });

  it('frees what was prepared after its cancellation', async () => {
    const engine = new PatientEngine();
    const { pool } = fakePool([engine]);
    const controller = new AbortController();
    const preparing = pool.prepare(problem, controller.signal);
    controller.abort();
    await expect(preparing).rejects.toThrow('abort');
    await settle();
    expect(engine.disposed).toBe(1);
  });

  it('rejects what is pending when an evaluator is disposed of, and frees it on every worker', async () => {
    const engines = [new PatientEngine(), new PatientEngine()];
    const { pool } = fakePool(engines);
    const evaluator = await pool.prepare(problem);
    const call = evaluator.evaluate(onePoint, all);
    evaluator.dispose();
    await expect(call).rejects.toThrow(EngineLostError);
    await settle();
    expect(engines.map(({ disposed }) => disposed)).toEqual([1, 1]);
  });

  it.each([
    ['EngineMemoryError', new EngineMemoryError('too much')],
    ['EngineUnsupportedError', new EngineUnsupportedError('not here')],
    ['ModelError', new ModelError('data do not fit')],
  ])('keeps the class of an %s', async (_name, error) => {
    const failing: Engine = { name: 'wasm', prepare: () => Promise.reject(error) };
    const { pool } = fakePool([failing, new PatientEngine()]);
    const failure = await pool.prepare(problem).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error.constructor);
    expect((failure as Error).message).toBe(error.message);
  });

  it('names an error of a class it does not know', () => {
    expect(revive(describeFailure(new SyntaxError('odd'))).message).toBe('SyntaxError: odd');
    expect(revive(describeFailure('odd')).message).toBe('odd');
  });

  it('is lost as a whole when one worker dies', async () => {
    const { pool, workers } = fakePool([new PatientEngine(), new PatientEngine()]);
    const evaluator = await pool.prepare(problem);
    const calls = [evaluator.evaluate(onePoint, all), evaluator.evaluate(onePoint, all)];
    workers[1]!.emit('error', { message: 'out of luck' });
    for (const call of calls) await expect(call).rejects.toThrow(EngineLostError);
    await expect(calls[0]).rejects.toThrow('out of luck');
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    await expect(pool.prepare(problem)).rejects.toThrow(EngineLostError);
  });

  it('refuses to be without workers', () => {
    expect(() => createPool('wasm', () => new FakeWorker(referenceEngine) as PoolWorker, 0)).toThrow(
      RangeError,
    );
  });
});

describe('a pool of Node threads', () => {
  let folder = '';
  const entry = (): string => join(folder, 'worker-node.js');

  beforeAll(async () => {
    const cache = resolve('node_modules/.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'pool-test-'));
    await build({
      configFile: false,
      publicDir: false,
      logLevel: 'error',
      plugins: [kernels()],
      build: { ssr: 'src/engine/worker-node.ts', outDir: folder, target: 'node20' },
    });
    await writeFile(join(folder, 'crash.js'), 'setTimeout(() => { throw new Error("crashed"); }, 50);');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('computes the same sums on two threads as on one, bit by bit', async () => {
    const sums = [];
    for (const count of [1, 2]) {
      const pool = createPool('wasm', () => new Worker(entry()), count);
      const evaluator = await pool.prepare(problem);
      const { a, b } = gridPoints(loadGrid('mlp-tanh', 'small'));
      const halves = [0, 1].map((k) => ({
        a: a.subarray(k * 24, k * 24 + 24),
        b: b.subarray(k * 24, k * 24 + 24),
      }));
      sums.push(await Promise.all(halves.map((points) => evaluator.evaluate(points, all))));
      pool.dispose();
      await expect(evaluator.evaluate(onePoint, all)).rejects.toThrow(EngineLostError);
    }
    expect(sums[1]).toEqual(sums[0]);
    const reference = await referenceEngine.prepare(problem);
    const { loss } = await reference.evaluate(onePoint, all);
    expect(sums[0]![1]!.loss[0]).toBeCloseTo(loss[0]!, 5);
  });

  it('answers a cancellation in mid-run', async () => {
    const pool = createPool('wasm', () => new Worker(entry()), 1);
    const evaluator = await pool.prepare(referenceProblem('bnmlp20-residual', 1400));
    const controller = new AbortController();
    const long: Points = { a: new Float64Array(1_000_000), b: new Float64Array(1_000_000) };
    const call = evaluator.evaluate(long, { first: 0, count: 1400 }, controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toThrow('abort');
    // The worker is free again: hours of work were given up.
    const sums = await evaluator.evaluate(onePoint, all);
    expect(sums.loss).toHaveLength(1);
    pool.dispose();
  });

  it('is lost when a thread crashes', async () => {
    const pool = createPool('wasm', () => new Worker(join(folder, 'crash.js')), 1);
    await expect(pool.prepare(problem)).rejects.toThrow(EngineLostError);
  });
});
