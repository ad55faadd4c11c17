import { describe, expect, it } from 'vitest';
import { TileMemory } from '../../../src/engine/webgpu/tile-memory.js';
import { Tuner } from '../../../src/engine/webgpu/tuner.js';

const CELLS = 1000;

/** Runs slices on a device that takes so many milliseconds for each tiling; gives the order in which they were tried. */
function run(tuner: Tuner, milliseconds: readonly number[], slices: number): number[] {
  return Array.from({ length: slices }, (_, i) => {
    const tiling = tuner.next();
    // What a driver compiles at the first run takes a second more.
    tuner.report(tiling, CELLS, milliseconds[tiling]! + (i < milliseconds.length ? 1000 : 0));
    return tiling;
  });
}

describe('Tuner', () => {
  it('stays with the first tiling until others are offered', () => {
    const tuner = new Tuner(1, false);
    expect(new Set(run(tuner, [9, 40, 9], 50))).toEqual(new Set([1]));
    expect(tuner.isSettled).toBe(false);
  });

  it('tries the offered tilings in turn, four counted slices each, and keeps the fastest', () => {
    const choices: number[] = [];
    const tuner = new Tuner(0, false, (tiling) => choices.push(tiling));
    tuner.offer([0, 1, 2]);
    expect(run(tuner, [40, 30, 50], 14)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
    expect(tuner.isSettled).toBe(false);
    expect(run(tuner, [40, 30, 50], 5)).toEqual([2, 1, 1, 1, 1]);
    expect(choices).toEqual([1]);
  });

  it('keeps the first one where another is faster by less than noise', () => {
    const tuner = new Tuner(0, false);
    tuner.offer([0, 1]);
    run(tuner, [40, 39], 20);
    expect(tuner.next()).toBe(0);
  });

  it('does not judge by slices that are mostly the way to the device', () => {
    const tuner = new Tuner(0, false);
    tuner.offer([0, 1]);
    run(tuner, [2, 1], 100);
    expect(tuner.isSettled).toBe(false);
  });

  it('counts work, not slices: a tiling that got the longer ones is not slower for it', () => {
    const tuner = new Tuner(0, false);
    tuner.offer([0, 1]);
    for (let i = 0; i < 20; i++) {
      const tiling = tuner.next();
      const size = tiling === 1 ? 10 : 1;
      tuner.report(tiling, size * CELLS, size * (tiling === 1 ? 20 : 30));
    }
    expect(tuner.next()).toBe(1);
  });

  it('tries nothing when the choice was made before, or there is only one', () => {
    const settled = new Tuner(2, true);
    settled.offer([0, 1, 2]);
    expect(settled.next()).toBe(2);
    const choices: number[] = [];
    new Tuner(0, false, (tiling) => choices.push(tiling)).offer([0]);
    expect(choices).toEqual([0]);
  });
});

/** As much of IndexedDB as the memory uses, on a map. */
function fakeDatabase(stored: Map<string, unknown>): IDBFactory {
  const request = (result: unknown, ...events: string[]) => {
    const listeners = new Map<string, () => void>();
    setTimeout(() => {
      for (const event of events) listeners.get(event)?.();
    });
    return {
      result,
      addEventListener: (event: string, listener: () => void) => listeners.set(event, listener),
    };
  };
  const store = {
    get: (key: string) => request(stored.get(key), 'success'),
    put: (value: unknown, key: string) => {
      stored.set(key, value);
      return request(key, 'success');
    },
  };
  const database = {
    createObjectStore: () => store,
    transaction: () => ({ objectStore: () => store }),
    close: () => {},
  };
  return { open: () => request(database, 'upgradeneeded', 'success') } as unknown as IDBFactory;
}

describe('TileMemory', () => {
  it('gives back what was remembered, by adapter and kernels, in this process and from a database', async () => {
    const stored = new Map<string, unknown>();
    const known = new Map<string, number>();
    const memory = new TileMemory('one', fakeDatabase(stored), known);
    expect(await memory.recall('tiled')).toBeNull();
    await memory.remember('tiled', 3);
    expect(await new TileMemory('one', undefined, known).recall('tiled')).toBe(3);
    expect(await new TileMemory('one', fakeDatabase(stored), new Map()).recall('tiled')).toBe(3);
    expect(await memory.recall('chain 8')).toBeNull();
    expect(await new TileMemory('two', fakeDatabase(stored), known).recall('tiled')).toBeNull();
  });

  it('is empty where there is no database, one that fails, one that is silent, or one that holds something else', async () => {
    const failing = {
      open: () => {
        throw new Error('refused');
      },
    } as unknown as IDBFactory;
    const silent = { open: () => ({ addEventListener: () => {} }) } as unknown as IDBFactory;
    const nonsense = fakeDatabase(new Map([['1 one tiled', 'many']]));
    for (const factory of [undefined, failing, silent, nonsense]) {
      expect(await new TileMemory('one', factory, new Map()).recall('tiled')).toBeNull();
    }
  });
});
