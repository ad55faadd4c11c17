import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  EngineLostError,
  EngineUnsupportedError,
  type Engine,
  type EngineName,
  type Points,
  type SampleRange,
  type Sums,
} from '../../../src/engine/engine.js';
import { ModelError } from '../../../src/model/errors.js';
import { initialState, type Patch, type State } from '../../../src/state.js';
import { Assets } from '../../../src/ui/assets.js';
import type { EngineSource } from '../../../src/ui/engines.js';
import { provenance } from '../../../src/ui/provenance.js';
import { Session, sides, type RunStatus } from '../../../src/ui/session.js';
import { lossOnly } from '../../helpers/loss-only.js';

const small: State = { ...initialState, size: 9, samples: 4 };

function diskAssets(): Assets {
  return new Assets(async (address) => {
    const path = fileURLToPath(new URL(`../../../public/${address}`, import.meta.url));
    return new Uint8Array(await readFile(path));
  });
}

interface Options {
  /** Milliseconds per call. */
  readonly delay?: number;
  /** Milliseconds per point and sample. */
  readonly perUnit?: number;
  /** The loss it gives. */
  readonly value?: number;
  /** Calls after which the device is gone. */
  readonly lostAfter?: number;
  readonly refuses?: boolean;
}

/** An engine that gives one value everywhere; counts points and open evaluators. */
class FakeEngine implements Engine {
  points = 0;
  open = 0;
  closed = false;
  #calls = 0;
  constructor(
    readonly name: EngineName,
    readonly options: Options = {},
  ) {}

  async prepare() {
    if (this.options.refuses) throw new EngineUnsupportedError('a shader does not compile');
    this.open++;
    const evaluate = async (points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> => {
      const { delay = 0, perUnit = 0 } = this.options;
      const time = delay + perUnit * points.a.length * samples.count;
      await new Promise((resolve) => setTimeout(resolve, time));
      signal?.throwIfAborted();
      if (++this.#calls > (this.options.lostAfter ?? Infinity)) throw new EngineLostError('the GPU is gone');
      this.points += points.a.length;
      const each = (value: number) => new Float64Array(points.a.length).fill(value * samples.count);
      return { loss: each(this.options.value ?? 1), squares: each(1), correct: each(1) };
    };
    return {
      ...lossOnly,
      info: { engine: this.name, adapter: 'fake' },
      lanes: 1,
      evaluate,
      dispose: () => void this.open--,
    };
  }
}

function source(...engines: [FakeEngine, ...FakeEngine[]]): EngineSource {
  const names = engines.map((engine) => engine.name) as [EngineName, ...EngineName[]];
  return {
    select: async () => ({ engines: names, reason: `${names[0]}: for the test` }),
    open: async (name) => engines.find((engine) => engine.name === name)!,
    close: (name) =>
      engines.filter((engine) => engine.name === name).forEach((engine) => (engine.closed = true)),
  };
}

function reached(session: Session, ...wanted: RunStatus[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!wanted.includes(session.status)) return;
      session.removeEventListener('update', look);
      resolve();
    };
    session.addEventListener('update', look);
    look();
  });
}

function change(session: Session, patch: Patch): void {
  session.apply({ ...session.state, ...patch }, new Set(Object.keys(patch) as (keyof State)[]));
}

/** Who computed the points on show, by name, in the order of the alphabet. */
function enginesOf(session: Session): string[] {
  const { engines } = provenance(session, ['left', 'right']);
  return (engines as { engine: string }[]).map(({ engine }) => engine).toSorted();
}

const complete = (session: Session) =>
  sides.every((side) =>
    session.panels[side].sums!.samples.every((samples) => samples === session.state.samples),
  );

describe('Session', () => {
  it('computes every point of both panels once and says so', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
    expect(engine.points).toBe(2 * 81);
    // Both networks stay ready for the next window, those of other settings do not.
    expect(engine.open).toBe(2);
    expect(session.reason).toBe('wasm: for the test.');
    expect(session.info).toEqual({ engine: 'wasm', adapter: 'fake' });
    expect([...session.hashes.keys()].sort()).toEqual([
      'data/digits.npz',
      'networks/bnmlp20-plain.safetensors',
      'networks/bnmlp20-residual.safetensors',
    ]);
  });

  it('never recomputes for a setting of the view', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'done');
    for (const patch of [{ map: 'magma' }, { scale: 'linear' }, { show: 'error' }, { vmin: 1 }] as Patch[]) {
      change(session, patch);
      expect(session.status).toBe('done');
    }
    expect(engine.points).toBe(2 * 81);
  });

  it('drops what a change has made stale', async () => {
    const engine = new FakeEngine('wasm', { delay: 5 });
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'running');
    const stale = session.panels.left.sums!;
    change(session, { seed: 2 });
    await reached(session, 'done');
    expect(session.panels.left.sums).not.toBe(stale);
    expect(stale.samples.some((samples) => samples === 0)).toBe(true);
    expect(complete(session)).toBe(true);
    // Both networks stay ready for the next window, those of other settings do not.
    expect(engine.open).toBe(2);
  });

  it('comes back to what it has computed without computing it again', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'done');
    change(session, { seed: 2 });
    await reached(session, 'done');
    change(session, { seed: 1 });
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
    expect(engine.points).toBe(4 * 81);
  });

  it('computes two panels of one network once', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply({ ...small, left: 'mlp-tanh', right: 'mlp-tanh' });
    await reached(session, 'done');
    expect(engine.points).toBe(81);
    expect(complete(session)).toBe(true);
  });

  it('stops at once and goes on from there', async () => {
    const engine = new FakeEngine('wasm', { delay: 5 });
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'running');
    session.cancel();
    expect(session.status).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(session.status).toBe('cancelled');
    // Both networks stay ready for the next window, those of other settings do not.
    expect(engine.open).toBe(2);
    session.resume();
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
    expect(engine.points).toBeLessThanOrEqual(2 * 81);
  });

  it('asks before a run that would take more than a minute, says what would not, and runs when told to', async () => {
    const engine = new FakeEngine('wasm', { perUnit: 0.001 });
    const session = new Session(diskAssets(), source(engine));
    session.apply({ ...initialState, size: 401, samples: 1400 });
    await reached(session, 'asking');
    const { seconds, flop, bytes, smaller } = session.estimate!;
    // Two panels of 401² points, 1400 samples and 1 µs each; timers are late on a busy machine.
    expect(seconds).toBeGreaterThan(2 * 401 ** 2 * 1400 * 0.9e-6);
    expect(flop).toBeGreaterThan(1e13);
    expect(bytes).toBeGreaterThan(2 * 401 ** 2 * 28);
    expect(smaller.map(({ samples }) => samples)).toEqual([1400, expect.any(Number)]);
    for (const offer of smaller) expect(offer.seconds).toBeLessThan(60);
    expect(session.panels.left.sums!.samples.some((samples) => samples > 0)).toBe(false);
    // Both networks stay ready for the next window, those of other settings do not.
    expect(engine.open).toBe(2);
    session.resume();
    await reached(session, 'running');
    session.cancel();
    expect(session.status).toBe('cancelled');
  });

  it('neither asks nor times what is soon done', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply(initialState);
    await reached(session, 'done');
    expect(session.estimate).toBe(null);
  });

  it('computes one panel alone', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply({ ...small, right: 'none' });
    await reached(session, 'done');
    expect(engine.points).toBe(81);
    expect(session.panels.right).toMatchObject({ plane: null, sums: null, others: [] });
  });

  it('fetches the second data set and its networks when they are chosen', async () => {
    const session = new Session(diskAssets(), source(new FakeEngine('wasm')));
    const networks = { left: 'resnet20-noshort-fashion', right: 'resnet20-fashion' };
    session.apply({ ...small, data: 'fashion', ...networks });
    await reached(session, 'done');
    expect([...session.hashes.keys()].sort()).toEqual([
      'data/fashion-2000.npz',
      'networks/resnet20-fashion.safetensors',
      'networks/resnet20-noshort-fashion.safetensors',
    ]);
    const { data } = session.panels.left.plane!.problem;
    expect([data.samples, data.shape]).toEqual([4, [1, 28, 28]]);
  });

  it('names what does not fit, shows no numbers under its name, and has the former ones back at once', async () => {
    const engine = new FakeEngine('wasm');
    const session = new Session(diskAssets(), source(engine));
    session.apply(small);
    await reached(session, 'done');
    const { left } = session.panels;
    const { points } = engine;
    change(session, { left: 'resnet20-fashion' });
    await reached(session, 'failed');
    expect(session.failure).toBe(
      'data/digits.npz, array x: a sample has the shape [1, 8, 8] but the network takes [1, 28, 28]; choose other data.',
    );
    expect(sides.map((side) => session.panels[side].sums)).toEqual([null, null]);
    change(session, { left: small.left });
    await reached(session, 'done');
    expect(session.panels.left.sums).toBe(left.sums);
    expect(engine.points).toBe(points);
  });

  it('computes on WASM until a GPU is found, and goes on there from the points it has', async () => {
    const gpu = new FakeEngine('webgpu', { value: 1 });
    const wasm = new FakeEngine('wasm', { value: 1, delay: 5 });
    const engines = source(gpu, wasm);
    let find = (): void => undefined;
    const search = new Promise<void>((resolve) => (find = resolve));
    const session = new Session(diskAssets(), {
      ...engines,
      select: (asked) => search.then(() => engines.select(asked)),
    });
    session.addEventListener('update', () => (session.progress?.pointsDone ?? 0) > 20 && find());
    session.apply(small);
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
    expect(wasm.points).toBeGreaterThan(20);
    expect(gpu.points).toBe(2 * 81 - wasm.points);
    expect([wasm.closed, gpu.closed]).toEqual([true, false]);
    expect(session.info!.engine).toBe('webgpu');
    expect(enginesOf(session)).toEqual(['wasm', 'webgpu']);
    expect(session.notices).toEqual([]);
  });

  it('goes on with the next engine from the points it has when a device is lost', async () => {
    const gpu = new FakeEngine('webgpu', { value: 1, lostAfter: 3 });
    const cpu = new FakeEngine('wasm', { value: 2 });
    const session = new Session(diskAssets(), source(gpu, cpu));
    // Asked for, so that WASM computes nothing while a GPU is looked for.
    session.apply({ ...small, engine: 'webgpu' });
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
    expect(gpu.points).toBeGreaterThan(0);
    expect(gpu.points + cpu.points).toBe(2 * 81);
    expect(gpu.closed).toBe(true);
    expect(session.notices.map((notice) => notice.text)).toEqual([
      'WebGPU stopped: the GPU is gone. WASM goes on from the points that are there.',
    ]);
    expect(session.info!.engine).toBe('wasm');
    const { engines } = provenance(session, ['left', 'right']);
    expect(engines).toEqual([
      { engine: 'wasm', adapter: 'fake', arithmetic: 'float64', points: cpu.points },
      { engine: 'webgpu', adapter: 'fake', arithmetic: 'float64', points: gpu.points },
    ]);
    change(session, { seed: 2 });
    await reached(session, 'done');
    expect(session.notices).toHaveLength(1);
    expect(enginesOf(session)).toEqual(['wasm']);
    // Those of the first seed are kept, and with them who computed them.
    change(session, { seed: 1 });
    await reached(session, 'done');
    expect(enginesOf(session)).toEqual(['wasm', 'webgpu']);
  });

  it('uses the next engine when a shader does not compile', async () => {
    const gpu = new FakeEngine('webgpu', { refuses: true });
    const session = new Session(diskAssets(), source(gpu, new FakeEngine('wasm')));
    session.apply(small);
    await reached(session, 'done');
    expect(session.notices[0]!.text).toMatch(
      /^WebGPU does not run this network: a shader does not compile\./,
    );
    expect(complete(session)).toBe(true);
  });

  it('blames no engine for a network that none can run', async () => {
    const [gpu, wasm] = [new FakeEngine('webgpu'), new FakeEngine('wasm')];
    gpu.prepare = () => Promise.reject(new ModelError('dense node fc: its weight is too small'));
    const session = new Session(diskAssets(), source(gpu, wasm));
    session.apply(small);
    await reached(session, 'failed');
    expect(session.failure).toBe('dense node fc: its weight is too small.');
    expect([session.notices, gpu.closed, wasm.open]).toEqual([[], false, 0]);
  });

  it('fails with the last engine and tries again when asked', async () => {
    const options = { refuses: true };
    const session = new Session(diskAssets(), source(new FakeEngine('reference', options)));
    session.apply(small);
    await reached(session, 'failed');
    expect(session.failure).toBe('a shader does not compile.');
    options.refuses = false;
    session.resume();
    await reached(session, 'done');
    expect(session.failure).toBe('');
  });

  it('says which file could not be loaded, and recovers', async () => {
    let broken = true;
    const disk = diskAssets();
    const assets = new Assets(async (address) => {
      if (broken) throw new Error(`${address} could not be loaded: the server answered 404.`);
      const path = fileURLToPath(new URL(`../../../public/${address}`, import.meta.url));
      return new Uint8Array(await readFile(path));
    });
    expect(disk.hashes.size).toBe(0);
    const session = new Session(assets, source(new FakeEngine('wasm')));
    session.apply(small);
    await reached(session, 'failed');
    // All three are missing; one of them is named.
    expect(session.failure).toMatch(
      /^(data|networks)\/[\w.-]+ could not be loaded: the server answered 404\.$/,
    );
    broken = false;
    session.resume();
    await reached(session, 'done');
    expect(complete(session)).toBe(true);
  });
});
