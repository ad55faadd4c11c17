/**
 * What the first view needs besides the page's code, begun before that code is there: it is small, and the
 * first thing that runs.
 */
import { spawnWorker } from '../engine/spawn.js';

/** What `initialState` shows; a test holds the two together. */
const FIRST_FILES = [
  'data/digits.npz',
  'networks/bnmlp20-plain.safetensors',
  'networks/bnmlp20-residual.safetensors',
];
/** Keys of an address that asks for something else. */
const OTHERS = ['data', 'left', 'right', 'mode'];
/** More workers than this only add copies of the data: one chunk of points feeds few of them. */
const MOST_WORKERS = 16;

const workers: Worker[] = [];
const files = new Map<string, Promise<Response>>();

/** Workers of an engine that computes on the CPU. */
export function workerCount(): number {
  return Math.min(navigator.hardwareConcurrency || 2, MOST_WORKERS);
}

/** `query` is the page's, e.g. `?engine=wasm`. */
export function beginEarly(query: string): void {
  const asked = new URLSearchParams(query);
  if (!OTHERS.some((key) => asked.has(key))) {
    for (const file of FIRST_FILES) {
      const response = fetch(new URL(file, document.baseURI));
      // Whoever wants the file asks again and hears of it.
      response.catch(() => files.delete(file));
      files.set(file, response);
    }
  }
  const computes = ['auto', 'wasm'].includes(asked.get('engine') ?? 'auto');
  if (!computes || asked.get('mode') === 'paths') return;
  for (let i = 0; i < workerCount(); i++) {
    const worker = spawnWorker();
    worker.addEventListener('error', () => workers.splice(workers.indexOf(worker) >>> 0, 1), { once: true });
    worker.postMessage({ kind: 'open', engine: 'wasm' });
    workers.push(worker);
  }
}

/** A worker that is on its way already, else a new one. */
export function takeWorker(): Worker {
  return workers.pop() ?? spawnWorker();
}

/** The answer to a request that is on its way already, to be had once; else of a new one. */
export function takeFile(address: string): Promise<Response> {
  const early = files.get(address);
  files.delete(address);
  return early ?? fetch(new URL(address, document.baseURI));
}
