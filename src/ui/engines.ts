/** The engines of this browser: which one is best, and workers that host it. */
import type { AskedEngine, Engine, EngineName } from '../engine/engine.js';
import { createPool, type Pool } from '../engine/pool.js';
import { selectEngine, type Selection } from '../engine/select.js';
import { spawnWorker } from '../engine/spawn.js';
import { afterFirstPicture } from './first-picture.js';
import { takeWorker, workerCount } from './head-start.js';

/** Milliseconds that a first picture may take before a GPU is looked for beside it. */
const GPU_PATIENCE = 1000;

export interface EngineSource {
  /** Which engines to use, in order, and why. */
  select(asked: AskedEngine): Promise<Selection>;
  /** An engine, the same one until it is closed. */
  open(name: EngineName): Promise<Engine>;
  /** Ends an engine, if it was opened. */
  close(name: EngineName): void;
}

/** Every engine runs in workers of its own, so that the page answers at any moment. */
export function browserEngines(): EngineSource {
  const pools = new Map<EngineName, Pool>();
  return {
    async select(asked) {
      // Looking for a GPU can hold the page up for as long as a picture takes, which WASM gives meanwhile.
      if (asked === 'auto') await afterFirstPicture(GPU_PATIENCE);
      return selectEngine(asked, navigator.gpu);
    },
    async open(name) {
      const known = pools.get(name);
      if (known !== undefined) return known;
      const spawn = name === 'wasm' ? takeWorker : spawnWorker;
      // One device is one queue: more workers would only compete for it.
      const pool = createPool(name, spawn, name === 'webgpu' ? 1 : workerCount());
      pools.set(name, pool);
      return pool;
    },
    close(name) {
      pools.get(name)?.dispose();
      pools.delete(name);
    },
  };
}
