/** A network's race in a worker, asked anew whenever anything changes. */
import type { Problem } from '../../engine/engine.js';
import type { NetworkPath, NetworkRaceOptions, Way } from '../../train/network-race.js';
import type { RaceAnswer, RaceRequest } from '../../train/race-worker.js';

export interface RaceState {
  readonly paths: readonly NetworkPath[];
  /** Steps that all have taken. */
  readonly step: number;
  readonly isDone: boolean;
  /** λ_max where the lowest loss is; null while it is not known, NaN where finding it takes too long. */
  readonly curvature: number | null;
}

/** `take` gets its answers; that it has failed is one of them. */
export function startRaceWorker(take: (answer: RaceAnswer) => void): Worker {
  const worker = new Worker(new URL('../../train/race-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<RaceAnswer>) => take(data));
  worker.addEventListener('error', ({ message }) =>
    take({ kind: 'failed', way: null, message: message || 'the worker did not start' }),
  );
  return worker;
}

/** Tells a worker what its races, or basins, are on from now on. */
export function prepareWorker(worker: Worker, { model, data, loss, d1, d2 }: Problem): void {
  sendTo(worker, { kind: 'prepare', problem: { model, data, loss }, d1, d2 });
}

export function sendTo(worker: Worker, request: RaceRequest): void {
  worker.postMessage(request);
}

/** Who waits for a way. */
interface Waiting {
  readonly resolve: (way: Way) => void;
  readonly reject: (error: Error) => void;
}

/** Fires `update` when paths have grown, or the race has failed. */
export class RaceClient extends EventTarget {
  #worker: Worker | null = null;
  #problem: Problem | null = null;
  #asked = '';
  #id = 0;
  #state: RaceState | null = null;
  #failure = '';
  /** By the ids of what was asked for. */
  readonly #waiting = new Map<number, Waiting>();
  #lastWay = 0;

  /** Of the newest race that has come to something; the one before stays until then. */
  get state(): RaceState | null {
    return this.#state;
  }

  /** One sentence; '' when all is well. */
  get failure(): string {
    return this.#failure;
  }

  /** Races these optimizers on this plane; does nothing when that is what it does already. */
  race(problem: Problem, options: NetworkRaceOptions): void {
    const asked = JSON.stringify(options);
    if (problem === this.#problem && asked === this.#asked) return;
    this.#asked = asked;
    this.#failure = '';
    if (problem !== this.#problem) this.#state = null;
    const isReady = this.#worker !== null && problem === this.#problem;
    const worker = (this.#worker ??= startRaceWorker((answer) => this.#take(answer)));
    this.#problem = problem;
    if (!isReady) prepareWorker(worker, problem);
    sendTo(worker, { kind: 'race', id: ++this.#id, options });
  }

  /** Both ends of a run of the race that is shown. Rejects with a sentence when there is none or it comes to nothing. */
  way(index: number): Promise<Way> {
    const worker = this.#worker;
    if (this.#failure !== '') return Promise.reject(new Error(this.#failure));
    if (worker === null) return Promise.reject(new Error('There is no race yet.'));
    const id = ++this.#lastWay;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      sendTo(worker, { kind: 'way', id, index });
    });
  }

  dispose(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#problem = null;
    this.#state = null;
    this.#refuseAll('The race was ended.');
  }

  #take(answer: RaceAnswer): void {
    if (answer.kind === 'way') return this.#settle(answer.id, ({ resolve }) => resolve(answer.way));
    if (answer.kind === 'failed') {
      const { way, message } = answer;
      if (way !== null) return this.#settle(way, ({ reject }) => reject(new Error(message)));
      this.#failure = `The race stopped: ${message}.`;
      this.#refuseAll(this.#failure);
      // It may be dead: the next race, of something else, has another.
      this.#worker?.terminate();
      this.#worker = null;
    } else if (answer.id !== this.#id) return;
    else if (answer.kind === 'paths') this.#state = { ...answer, curvature: null };
    else if (answer.kind === 'curvature' && this.#state !== null)
      this.#state = { ...this.#state, curvature: answer.largest };
    this.dispatchEvent(new Event('update'));
  }

  #settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) how(waiting);
  }

  #refuseAll(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
