/** How soon a coarse picture is as good as the final one. */
import { coarseToFine } from '../src/landscape/order.js';
import { nearestKnown } from '../src/plot/nearest.js';

/** Share of the final picture's colour range that is hardly seen. */
export const GOOD_ENOUGH = 0.02;
/** Moments within each level of the grid's order that are looked at. */
const LOOKS = 8;

/**
 * Points, in the order in which the grid is computed, after which the picture stays within 2 % of the final one:
 * root mean square over all points of the difference between what is shown (each point its nearest computed
 * neighbour) and the final value, in units of the final colour range. `final` is square and finite.
 */
export function pointsForGoodPicture(final: ArrayLike<number>, side: number): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < final.length; i++) {
    low = Math.min(low, final[i]!);
    high = Math.max(high, final[i]!);
  }
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
      const source = nearestKnown(known, side, side);
      let squares = 0;
      for (let i = 0; i < final.length; i++) squares += (final[source[i]!]! - final[i]!) ** 2;
      const good = Math.sqrt(squares / final.length) <= GOOD_ENOUGH * (high - low);
      if (good && !wasGood) enough = done;
      wasGood = good;
    }
  }
  return enough;
}
