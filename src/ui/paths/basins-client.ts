/** Basins on a network's plane, found by a worker of their own, so that races go on beside. */
import type { Problem } from '../../engine/engine.js';
import type { Basins } from '../../train/basins.js';
import type { NetworkBasinsOptions } from '../../train/network-basins.js';
import type { RaceAnswer } from '../../train/race-worker.js';
import { RaceWorker } from './race-worker.js';

/** Fires `update` when more starts are done, or it has failed. */
export class BasinsClient extends EventTarget {
  readonly #worker = new RaceWorker((answer) => this.#take(answer));
  #problem: Problem | null = null;
  #asked = '';
  #id = 0;
  #share = 0;
  #basins: Basins | null = null;
  #failure = '';

  /** Of what was asked for last; null until they are found. */
  get basins(): Basins | null {
    return this.#basins;
  }

  /** Share of the starts that is done, 0 … 1. */
  get share(): number {
    return this.#share;
  }

  /** One sentence; '' when all is well. */
  get failure(): string {
    return this.#failure;
  }

  /** Finds these; does nothing when that is what it does or has done already. */
  find(problem: Problem, options: NetworkBasinsOptions): void {
    const asked = JSON.stringify(options);
    if (problem === this.#problem && asked === this.#asked) return;
    this.#asked = asked;
    this.#basins = null;
    this.#share = 0;
    this.#failure = '';
    this.#problem = problem;
    this.#worker.ask(problem, { kind: 'basins', id: ++this.#id, options });
  }

  /** Nobody wants them any longer. */
  dispose(): void {
    this.#worker.end();
    this.#problem = null;
    this.#basins = null;
    this.#share = 0;
    this.#failure = '';
  }

  #take(answer: RaceAnswer): void {
    if (answer.kind === 'failed') {
      this.#failure = `The basins stopped: ${answer.message}.`;
      // It may be dead: what is asked for next has another.
      this.#worker.end();
    } else if (answer.kind !== 'basins' || answer.id !== this.#id) return;
    else {
      this.#share = answer.share;
      this.#basins = answer.basins;
    }
    this.dispatchEvent(new Event('update'));
  }
}
