/**
 * The page's state with undo. Fires `change` (a `CustomEvent<StateChange>`) after every change; knows
 * neither DOM nor URL.
 */
import { initialState, keys, same, type Key, type Patch, type State } from '../state.js';

export interface StateChange {
  readonly state: State;
  readonly changed: ReadonlySet<Key>;
}

/** Steps that can be taken back. */
const DEPTH = 200;
/** Changes of the same settings within this time are one step: a drag, a held arrow key. Milliseconds. */
const ONE_STEP = 800;

export class Store extends EventTarget {
  #state: State;
  #past: State[] = [];
  #future: State[] = [];
  #last = { keys: '', time: -Infinity };
  readonly #now: () => number;

  constructor(state: State = initialState, now: () => number = () => performance.now()) {
    super();
    this.#state = state;
    this.#now = now;
  }

  get state(): State {
    return this.#state;
  }

  get canGoBack(): boolean {
    return this.#past.length > 0;
  }

  get canGoForward(): boolean {
    return this.#future.length > 0;
  }

  get isHome(): boolean {
    return keys.every((key) => key === 'mode' || same(key, this.#state, initialState));
  }

  /** Takes over the values of `patch`; does nothing when they are the present ones. */
  set(patch: Patch): void {
    const next = { ...this.#state, ...patch };
    const changed = difference(this.#state, next);
    if (changed.size === 0) return;
    const now = this.#now();
    const names = [...changed].join();
    const continues = names === this.#last.keys && now - this.#last.time < ONE_STEP && this.canGoBack;
    if (!continues) {
      this.#past.push(this.#state);
      if (this.#past.length > DEPTH) this.#past.shift();
    }
    this.#last = { keys: names, time: now };
    this.#future = [];
    this.#replace(next, changed);
  }

  back(): void {
    this.#travel(this.#past, this.#future);
  }

  forward(): void {
    this.#travel(this.#future, this.#past);
  }

  /** All defaults, in the mode that is on; can itself be undone. */
  home(): void {
    this.#last = { keys: '', time: -Infinity };
    this.set({ ...initialState, mode: this.#state.mode });
  }

  #travel(from: State[], to: State[]): void {
    const next = from.pop();
    if (next === undefined) return;
    to.push(this.#state);
    this.#last = { keys: '', time: -Infinity };
    this.#replace(next, difference(this.#state, next));
  }

  #replace(state: State, changed: ReadonlySet<Key>): void {
    this.#state = state;
    const detail: StateChange = { state, changed };
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }
}

function difference(a: State, b: State): Set<Key> {
  return new Set(keys.filter((key) => !same(key, a, b)));
}
