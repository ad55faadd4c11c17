import { afterEach, describe, expect, it } from 'vitest';
import {
  EngineLostError,
  EngineMemoryError,
  EngineUnsupportedError,
  type Points,
  type Problem,
} from '../../src/engine/engine.js';
import { createWebgpuEngine, type WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { Wiring } from '../../src/model/wiring.js';
import { expectClose } from '../helpers/compare.js';
import { requireGpu } from '../helpers/gpu.js';
import { randomProblem } from '../helpers/random-problem.js';

/** A small network whose parameters can be changed before it is used. */
function problem(change: (name: string, data: Float32Array) => void = () => {}): Problem {
  const net = new Wiring();
  const hidden = net.activation('act', net.dense('one', 0, true), 'relu');
  net.dense('two', net.activation('act2', net.dense('mid', hidden, true), 'relu'), true);
  const made = randomProblem({
    input: [5],
    nodes: net.nodes,
    parameters: {
      'one.weight': [9, 5],
      'one.bias': [9],
      'mid.weight': [9, 9],
      'mid.bias': [9],
      'two.weight': [3, 9],
      'two.bias': [3],
    },
    samples: 300,
  });
  for (const { name, data } of made.model.parameters.values()) change(name, data);
  return made;
}

/** A row of points along α. */
const row = (count: number): Points => ({
  a: Float64Array.from({ length: count }, (_, i) => i / count),
  b: new Float64Array(count),
});
const all = { first: 0, count: 300 };
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('webgpu', () => {
  let engine: WebgpuEngine | null = null;
  const devices: GPUDevice[] = [];
  const open = async (onDevice: (device: GPUDevice) => void = () => {}): Promise<WebgpuEngine> => {
    engine = createWebgpuEngine({
      gpu: await requireGpu(),
      onDevice(device) {
        devices.push(device);
        onDevice(device);
      },
    });
    return engine;
  };
  afterEach(() => {
    engine?.dispose();
    engine = null;
    devices.length = 0;
  });
  const timeout = 120_000;

  it(
    'rejects pending and later calls with EngineLostError when the device goes, and opens another',
    { timeout },
    async () => {
      const { prepare } = await open();
      const evaluator = await prepare(problem());
      const before = await evaluator.evaluate(row(3), all);
      const pending = rejection(evaluator.evaluate(row(2000), all));
      devices[0]!.destroy();
      expect(await pending).toBeInstanceOf(EngineLostError);
      expect(await rejection(evaluator.evaluate(row(1), all))).toBeInstanceOf(EngineLostError);
      evaluator.dispose();

      const next = await prepare(problem());
      expect(devices.length).toBe(2);
      expectClose((await next.evaluate(row(3), all)).loss, before.loss, { relative: 0, absolute: 0 });
    },
  );

  it('halves its buffers when memory runs out while it prepares', { timeout }, async () => {
    let failures = 2;
    const { prepare } = await open((device) => {
      const pop = device.popErrorScope.bind(device);
      device.popErrorScope = async () => {
        const error = await pop();
        return failures-- > 0 ? new GPUOutOfMemoryError('injected') : error;
      };
    });
    const evaluator = await prepare(problem());
    expect((await evaluator.evaluate(row(2), all)).loss[0]).toBeGreaterThan(0);
  });

  it(
    'rejects with EngineMemoryError when a call does not fit, and goes on with the next',
    { timeout },
    async () => {
      let fail = false;
      const { prepare } = await open((device) => {
        const pop = device.popErrorScope.bind(device);
        device.popErrorScope = async () => {
          const error = await pop();
          if (!fail) return error;
          fail = false;
          return new GPUOutOfMemoryError('injected');
        };
      });
      const evaluator = await prepare(problem());
      fail = true;
      const error = await rejection(evaluator.evaluate(row(2), all));
      expect(error).toBeInstanceOf(EngineMemoryError);
      expect((error as Error).message).toContain('out of GPU memory');
      expect((await evaluator.evaluate(row(2), all)).loss[0]).toBeGreaterThan(0);
      // Slices that wait for one which fails give their places back: of two that a device has, none may be lost.
      for (let time = 0; time < 3; time++) {
        fail = true;
        expect(await rejection(evaluator.evaluate(row(20_000), all))).toBeInstanceOf(EngineMemoryError);
      }
      expect((await evaluator.evaluate(row(2), all)).loss[0]).toBeGreaterThan(0);
    },
  );

  it('names a shader that does not compile and shows its source', { timeout }, async () => {
    const { prepare } = await open((device) => {
      const create = device.createShaderModule.bind(device);
      device.createShaderModule = (descriptor) =>
        create({ ...descriptor, code: `${descriptor.code}\nfn broken() -> u32 { return 1.5; }` });
    });
    const error = (await rejection(prepare(problem()))) as Error;
    expect(error.message).toMatch(/^shader \w+.* does not compile:\n {2}\d+:\d+ error: /);
    expect(error.message).toContain('@compute @workgroup_size(');
  });

  it('stops between slices when it is aborted', { timeout }, async () => {
    const { prepare } = await open();
    const evaluator = await prepare(problem());
    const abort = new AbortController();
    const pending = rejection(evaluator.evaluate(row(100_000), all, abort.signal));
    setTimeout(() => abort.abort(new Error('enough')), 50);
    expect(await pending).toMatchObject({ message: 'enough' });
    expect((await evaluator.evaluate(row(1), all)).loss[0]).toBeGreaterThan(0);
    expect(await rejection(prepare(problem(), AbortSignal.abort(new Error('before'))))).toMatchObject({
      message: 'before',
    });
  });

  it('rejects pending calls when the evaluator is disposed of', { timeout }, async () => {
    const { prepare } = await open();
    const evaluator = await prepare(problem());
    const pending = rejection(evaluator.evaluate(row(100_000), all));
    evaluator.dispose();
    expect(await pending).toBeInstanceOf(EngineLostError);
  });

  it('says so when there is no adapter', async () => {
    const gpu = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
    const error = await rejection(createWebgpuEngine({ gpu }).prepare(problem()));
    expect(error).toBeInstanceOf(EngineUnsupportedError);
  });

  it('refuses samples that are not there', { timeout }, async () => {
    const { prepare } = await open();
    const evaluator = await prepare(problem());
    expect(await rejection(evaluator.evaluate(row(1), { first: 200, count: 101 }))).toMatchObject({
      message: expect.stringContaining('samples 200 … 300 are not among the data'),
    });
  });

  describe('keeps what is not a number', () => {
    const losses = async (change: (name: string, data: Float32Array) => void): Promise<number[]> => {
      const { prepare } = await open();
      const evaluator = await prepare(problem(change));
      const { loss, squares } = await evaluator.evaluate(row(2), all);
      return [...loss, ...squares];
    };

    it('a NaN in the first layer gives NaN', { timeout }, async () => {
      const values = await losses((name, data) => {
        if (name === 'one.bias') data[0] = NaN;
      });
      expect(values.every(Number.isNaN)).toBe(true);
    });

    it('logits that overflow give NaN, as in float32 PyTorch', { timeout }, async () => {
      const values = await losses((name, data) => {
        if (name === 'two.weight') data.fill(3e38);
      });
      expect(values.every(Number.isNaN)).toBe(true);
    });

    it('−∞ at the label gives ∞', { timeout }, async () => {
      const values = await losses((name, data) => {
        if (name === 'two.bias') data[0] = -Infinity;
      });
      expect(values.every((value) => value === Infinity)).toBe(true);
    });

    it('finite networks give finite losses', { timeout }, async () => {
      expect((await losses(() => {})).every(Number.isFinite)).toBe(true);
    });
  });
});
