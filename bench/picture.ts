/** How soon a coarse picture is as good as the final one. */
import { coarseToFine } from '../src/landscape/order.js';
import { filled } from '../src/plot/lattice.js';

/** Share of the final picture's colour range that is hardly seen. */
export const GOOD_ENOUGH = 0.02;
/** Moments within each level of the grid's order that are looked at. */
const LOOKS = 8;

/**
 * Points, in the order in which the grid is computed, after which the picture stays within 2 % of the final one:
 * root mean square over all points of the difference between what is shown (interpolated between computed points) and the
 * final value, in units of the final colour range. `final` is square and finite.
 */
export function pointsForGoodPicture(final: ArrayLike<number>, side: number): number {
  const most = tolerance(final);
  const known = new Uint8Array(side * side);
  let done = 0;
  let enough = side * side;
  let wasGood = false;
  for (const { points } of coarseToFine(side, side)) {
    for (let look = 0; look < LOOKS; look++) {
      const end = Math.ceil((points.length * (look + 1)) / LOOKS);
      const start = Math.ceil((points.length * look) / LOOKS);
      for (let i = start; i < end; i++) known[points[i]!] = 1;
      done += end - start;
      const good = distance(final, known, final, side) <= most;
      if (good && !wasGood) enough = done;
      wasGood = good;
    }
  }
  return enough;
}

/** A progressive picture at one moment: what is known of each point's loss, NaN where nothing is. */
export interface Shot {
  readonly seconds: number;
  readonly loss: Float32Array;
}

/** From when on all shots are within 2 % of the final picture, as above; null when the last one is not. */
export function goodPictureSeconds(
  shots: readonly Shot[],
  final: ArrayLike<number>,
  side: number,
): number | null {
  const most = tolerance(final);
  let since: number | null = null;
  for (const { seconds, loss } of shots) {
    const known = Uint8Array.from(loss, (value) => (Number.isNaN(value) ? 0 : 1));
    since = distance(loss, known, final, side) <= most ? (since ?? seconds) : null;
  }
  return since;
}

/** The difference that is hardly seen, in units of the loss. */
function tolerance(final: ArrayLike<number>): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < final.length; i++) {
    low = Math.min(low, final[i]!);
    high = Math.max(high, final[i]!);
  }
  return GOOD_ENOUGH * (high - low);
}

/** Root mean square over all points of what is shown of the known ones less the final value. */
function distance(
  values: ArrayLike<number>,
  known: Uint8Array,
  final: ArrayLike<number>,
  side: number,
): number {
  const shown = filled(values, known, side, side);
  let squares = 0;
  for (let i = 0; i < final.length; i++) squares += (shown[i]! - final[i]!) ** 2;
  return Math.sqrt(squares / final.length);
}
