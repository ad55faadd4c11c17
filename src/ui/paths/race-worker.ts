/** The worker of a race, or of basins: it starts when it is first asked, and again after its end. */
import type { Problem } from '../../engine/engine.js';
import type { RaceAnswer, RaceRequest } from '../../train/race-worker.js';

export class RaceWorker {
  readonly #take: (answer: RaceAnswer) => void;
  #worker: Worker | null = null;
  /** What its races are on. */
  #problem: Problem | null = null;

  /** `take` gets the answers; that the worker has failed is one of them. */
  constructor(take: (answer: RaceAnswer) => void) {
    this.#take = take;
  }

  /** Asks something of this problem, which the worker is told of first where it is on another one. */
  ask(problem: Problem, request: Exclude<RaceRequest, { kind: 'prepare' }>): void {
    const worker = (this.#worker ??= this.#start());
    if (problem !== this.#problem) {
      const { model, data, loss, d1, d2 } = problem;
      this.#problem = problem;
      worker.postMessage({ kind: 'prepare', problem: { model, data, loss }, d1, d2 } satisfies RaceRequest);
    }
    worker.postMessage(request);
  }

  end(): void {
    this.#worker?.terminate();
    this.#worker = this.#problem = null;
  }

  #start(): Worker {
    const worker = new Worker(new URL('../../train/race-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<RaceAnswer>) => this.#take(data));
    worker.addEventListener('error', ({ message }) =>
      this.#take({ kind: 'failed', way: null, message: message || 'the worker did not start' }),
    );
    return worker;
  }
}
