/** Which engines computed what is shown: when one fails in mid-run, the next one goes on from its points. */
import type { EngineInfo, Precision } from '../engine/engine.js';
import type { Totals } from '../landscape/grid.js';

/** An engine as it computed a pass. */
export interface Maker extends EngineInfo {
  readonly arithmetic: Precision;
}

export interface Share extends Maker {
  /** Points of which it computed at least a part of the samples. */
  readonly points: number;
}

/** Gives each maker a bit, by which the points of `Totals` name theirs. */
export class Makers {
  readonly #known: Maker[] = [];

  /** The bit of a maker, the same one for equal makers. There are 16: more than a machine has of them. */
  bit({ engine, adapter }: EngineInfo, arithmetic: Precision): number {
    const maker = { engine, adapter, arithmetic };
    const isSame = (other: Maker): boolean => JSON.stringify(other) === JSON.stringify(maker);
    const known = this.#known.findIndex(isSame);
    return 1 << (known < 0 ? this.#known.push(maker) - 1 : known);
  }

  /** Who computed points of these, the largest share first. */
  of(all: readonly Pick<Totals, 'makers'>[]): Share[] {
    const points = this.#known.map(() => 0);
    // Two panels that show the same plane share their points.
    for (const makers of new Set(all.map((totals) => totals.makers))) {
      for (const bits of makers) {
        for (let k = 0; bits >> k !== 0; k++) if ((bits >> k) & 1) points[k]!++;
      }
    }
    return this.#known
      .map((maker, k) => ({ ...maker, points: points[k]! }))
      .filter((share) => share.points > 0)
      .toSorted((p, q) => q.points - p.points);
  }
}
