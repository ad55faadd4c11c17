/** Keeps the address bar at the page's state. */
import { type State, toQuery } from '../state.js';

export class Address {
  #waiting = 0;

  /** Some browsers refuse when it is asked too often, as in a drag: then it is written a second later. */
  write(state: State): void {
    clearTimeout(this.#waiting);
    const search = toQuery(state);
    const query = search === '' ? '' : `?${search}`;
    try {
      history.replaceState(null, '', `${location.pathname}${query}${location.hash}`);
    } catch {
      this.#waiting = window.setTimeout(() => this.write(state), 1000);
    }
  }
}
