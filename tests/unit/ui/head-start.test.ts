import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { initialState } from '../../../src/state.js';
import { bundledOf } from '../../../src/ui/bundled.js';

const asked: string[] = [];
let made: FakeWorker[] = [];

class FakeWorker {
  readonly told: unknown[] = [];
  readonly listeners: (() => void)[] = [];

  constructor() {
    made.push(this);
  }

  postMessage(message: unknown): void {
    this.told.push(message);
  }

  addEventListener(_: 'error', listener: () => void): void {
    this.listeners.push(listener);
  }
}

/** The module remembers what it began, so each test has its own. */
async function fresh() {
  vi.resetModules();
  return import('../../../src/ui/head-start.js');
}

beforeEach(() => {
  asked.length = 0;
  made = [];
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('document', { baseURI: 'https://example.org/some/where/' });
  vi.stubGlobal('navigator', { hardwareConcurrency: 3 });
  vi.stubGlobal('fetch', (address: URL) => {
    asked.push(address.href);
    return Promise.resolve(new Response(`${asked.length}`));
  });
});

afterEach(() => vi.unstubAllGlobals());

describe('what begins before the code of the page is there', () => {
  it('is what the default view shows, on a worker for each core', async () => {
    const { beginEarly } = await fresh();
    beginEarly('');
    const { data, left, right } = initialState;
    const files = [bundledOf(data)!.address, ...[left, right].map((name) => `networks/${name}.safetensors`)];
    expect(asked).toEqual(files.map((file) => `https://example.org/some/where/${file}`));
    expect(made.map(({ told }) => told)).toEqual(
      Array.from({ length: 3 }, () => [{ kind: 'open', engine: 'wasm' }]),
    );
  });

  it('is nothing that the address does not ask for', async () => {
    const { beginEarly } = await fresh();
    beginEarly('?data=fashion&engine=webgpu');
    beginEarly('?left=mlp-tanh&engine=reference');
    beginEarly('?mode=paths');
    expect(asked).toEqual([]);
    expect(made).toEqual([]);
  });

  it('is used once: who asks again gets something new', async () => {
    const { beginEarly, takeFile, takeWorker } = await fresh();
    beginEarly('?seed=7&engine=wasm');
    expect(await (await takeFile('data/digits.npz')).text()).toBe('1');
    expect(await (await takeFile('data/digits.npz')).text()).toBe('4');
    const taken = Array.from({ length: 4 }, () => takeWorker());
    expect(new Set(taken).size).toBe(4);
    expect(made.map(({ told }) => told.length)).toEqual([1, 1, 1, 0]);
  });

  it('leaves nothing that failed', async () => {
    const { beginEarly, takeFile, takeWorker } = await fresh();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    beginEarly('');
    made[2]!.listeners[0]!();
    await new Promise((resolve) => setTimeout(resolve));
    expect(takeWorker()).toBe(made[1]);
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('at last')));
    expect(await (await takeFile('data/digits.npz')).text()).toBe('at last');
  });
});
