/** A network's race in a worker, asked anew whenever anything changes. */
import type { Problem } from '../../engine/engine.js';
import type { NetworkPath, NetworkRaceOptions, Way } from '../../train/network-race.js';
import type { RaceAnswer } from '../../train/race-worker.js';
import { RaceWorker } from './race-worker.js';

export interface RaceState {
  readonly paths: readonly NetworkPath[];
  /** Steps that all have taken. */
  readonly step: number;
  readonly isDone: boolean;
  /** λ_max where the lowest loss is; null while it is not known, NaN where finding it takes too long. */
  readonly curvature: number | null;
}

/** Who waits for a way. */
interface Waiting {
  readonly resolve: (way: Way) => void;
  readonly reject: (error: Error) => void;
}

/** Fires `update` when paths have grown, or the race has failed. */
export class RaceClient extends EventTarget {
  readonly #worker = new RaceWorker((answer) => this.#take(answer));
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
    this.#problem = problem;
    this.#worker.ask(problem, { kind: 'race', id: ++this.#id, options });
  }

  /** Both ends of a run of the race that is shown. Rejects with a sentence when there is none or it comes to nothing. */
  way(index: number): Promise<Way> {
    const problem = this.#problem;
    if (this.#failure !== '') return Promise.reject(new Error(this.#failure));
    if (problem === null) return Promise.reject(new Error('There is no race yet.'));
    const id = ++this.#lastWay;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ask(problem, { kind: 'way', id, index });
    });
  }

  dispose(): void {
    this.#worker.end();
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
      this.#worker.end();
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
