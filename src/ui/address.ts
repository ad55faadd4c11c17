/** Keeps the address bar at the page's state. */
import { type State, toQuery } from '../state.js';

/** Milliseconds without a change after which a drag counts as paused. */
const PAUSE = 200;
/** Milliseconds after which a browser that refused is asked again. */
const REFUSED = 1000;

/** The page's address in this state, from its origin on. */
export function addressOf(state: State): string {
  const search = toQuery(state);
  return `${location.pathname}${search && `?${search}`}${location.hash}`;
}

export class Address {
  #timer = 0;
  #isHeld = false;
  /** What is to be written when the drag pauses or ends. */
  #waiting: State | null = null;

  constructor() {
    addEventListener('pointerdown', () => (this.#isHeld = true), true);
    for (const end of ['pointerup', 'pointercancel']) addEventListener(end, this.#release, true);
  }

  /**
   * A drag is written when it pauses or ends: with every address browsers load the page's icon anew, which takes longer
   * than the race that is dragged, and some refuse when they are asked too often.
   */
  write(state: State): void {
    clearTimeout(this.#timer);
    this.#waiting = state;
    if (this.#isHeld) this.#timer = window.setTimeout(this.#put, PAUSE);
    else this.#put();
  }

  readonly #release = (): void => {
    this.#isHeld = false;
    this.#put();
  };

  readonly #put = (): void => {
    clearTimeout(this.#timer);
    if (this.#waiting === null) return;
    try {
      history.replaceState(null, '', addressOf(this.#waiting));
      this.#waiting = null;
    } catch {
      this.#timer = window.setTimeout(this.#put, REFUSED);
    }
  };
}
