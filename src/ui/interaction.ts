/** Whether somebody uses the page right now: computing then leaves more room for its answers. */

/** So long after the last event the hand is still thought to be at it, in milliseconds. */
const LINGER = 300;

let last = -Infinity;

const note = (): void => {
  last = performance.now();
};

/** Starts to listen; once for a page. */
export function watchInteraction(target: EventTarget): void {
  for (const type of ['pointermove', 'pointerdown', 'wheel', 'keydown']) {
    target.addEventListener(type, note, { passive: true, capture: true });
  }
}

export function isInteracting(): boolean {
  return performance.now() - last < LINGER;
}
