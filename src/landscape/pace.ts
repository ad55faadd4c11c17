/** Only the last seconds count: calls grow at first, and other tabs come and go. */
const WINDOW = 3000;
/** A rate over less than this says nothing, in milliseconds. */
const SETTLED = 300;

/** Measures how fast work is done, for the time that is left. */
export class Pace {
  readonly #marks: { readonly time: number; readonly done: number }[] = [];

  /** `done` is all the work done so far, at `time` in milliseconds. */
  mark(time: number, done: number): void {
    this.#marks.push({ time, done });
    while (this.#marks.length > 2 && this.#marks[1]!.time < time - WINDOW) this.#marks.shift();
  }

  /** Seconds until `left` more work is done at the recent rate; null while that is not known. */
  secondsFor(left: number): number | null {
    const oldest = this.#marks[0];
    const newest = this.#marks.at(-1);
    if (oldest === undefined || newest === undefined || newest.time - oldest.time < SETTLED) return null;
    const rate = (newest.done - oldest.done) / (newest.time - oldest.time);
    return rate > 0 ? left / rate / 1000 : null;
  }
}
