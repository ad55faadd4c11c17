/** Back and forward through the views that were looked at, whatever else was changed between. */
import type { Patch, State } from '../state.js';

/** Views that can be gone back to. */
const DEPTH = 100;
/** Changes within this time are one step: a drag, a turn of the wheel. Milliseconds. */
const ONE_STEP = 800;

type Look = Pick<State, 'zoom' | 'at' | 'lock' | 'rightZoom' | 'rightAt' | 'range'>;

export class ViewHistory {
  #past: Look[] = [];
  #future: Look[] = [];
  #last = -Infinity;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get canGoBack(): boolean {
    return this.#past.length > 0;
  }

  get canGoForward(): boolean {
    return this.#future.length > 0;
  }

  /** To be told of every move, before it: what is looked at now. */
  leave(state: State): void {
    const now = this.#now();
    const continues = now - this.#last < ONE_STEP;
    this.#last = now;
    this.#future = [];
    if (continues) return;
    this.#past.push(lookOf(state));
    if (this.#past.length > DEPTH) this.#past.shift();
  }

  /** The settings of the view before, or null when there is none. */
  back(state: State): Patch | null {
    return this.#travel(this.#past, this.#future, state);
  }

  forward(state: State): Patch | null {
    return this.#travel(this.#future, this.#past, state);
  }

  #travel(from: Look[], to: Look[], state: State): Patch | null {
    const look = from.pop();
    if (look === undefined) return null;
    to.push(lookOf(state));
    this.#last = -Infinity;
    return look;
  }
}

function lookOf({ zoom, at, lock, rightZoom, rightAt, range }: State): Look {
  return { zoom, at, lock, rightZoom, rightAt, range };
}
