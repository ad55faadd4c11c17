/**
 * Performance marks of a step to another view: `isoloss-step` when it is asked for, `isoloss-refined` when the first points
 * that were computed for it are on the screen, beside those that other views had and what is shown, scaled, meanwhile.
 */
import type { Figure } from '../plot/spec.js';
import type { State } from '../state.js';
import { viewOf } from './plane.js';
import { sides } from './sides.js';

export class Stopwatch {
  #view: string | null = null;
  /** Points of the view's own in its first picture; null before that, or when the mark is set. */
  #before: number | null = null;
  #isRunning = false;

  /** Whether a view is awaited. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whenever the settings may have changed. */
  look(state: State): void {
    const view = sides
      .map((side) => viewOf(state, side))
      .map(({ zoom, column, row }) => `${zoom} ${column} ${row}`)
      .join();
    if (this.#view !== null && view !== this.#view) {
      performance.mark('isoloss-step');
      this.#isRunning = true;
      this.#before = null;
    }
    this.#view = view;
  }

  /** A picture has been drawn. */
  drawn({ panels }: Figure): void {
    if (!this.#isRunning) return;
    let [own, all] = [0, 0];
    for (const { values, computed, borrowed } of panels) {
      all += values.length;
      for (let i = 0; i < values.length; i++) if ((!computed || computed[i]) && !borrowed?.[i]) own++;
    }
    this.#before ??= own;
    if (own === this.#before && own < all) return;
    performance.mark('isoloss-refined');
    this.#isRunning = false;
  }
}
