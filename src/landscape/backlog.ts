/** What a grid still lacks, in the order in which it is to be computed. */
import type { Totals } from './grid.js';
import { coarseToFine } from './order.js';
import { subsetSizes } from './subsets.js';

/** Points that are to get the samples of one subset. */
export interface Stage {
  /** Its place: the levels of which nothing is known, then the larger subsets, then what was left for the end. */
  readonly place: number;
  /** How many samples its points are to get. */
  readonly samples: number;
  /** How many points it can hold. */
  readonly size: number;
}

interface Pending extends Stage {
  /** Given out from `head` on. */
  points: number[];
  head: number;
  /** Given out before those, the last one first. */
  readonly returned: number[];
}

/**
 * The points of one grid, each in the stage that it needs next: level by level, coarse to fine, with the
 * smallest subset of the samples, then all points in the same order with the next one. Points that are given
 * out are in no stage until they come back.
 */
export class Backlog {
  readonly #sums: Totals;
  readonly #waits: (index: number) => boolean;
  readonly #stages: readonly Pending[];
  /** How many stages are levels. */
  readonly #levels: number;

  /** Points for which `waits` holds when their turn comes to be refined are refined last. */
  constructor(sums: Totals, samples: number, waits: (index: number) => boolean) {
    const levels = coarseToFine(sums.grid.columns.count, sums.grid.rows.count);
    const [smallest, ...larger] = subsetSizes(samples) as [number, ...number[]];
    this.#sums = sums;
    this.#waits = waits;
    this.#levels = levels.length;
    const size = sums.samples.length;
    this.#stages = [
      ...levels.map(({ points }) => ({ samples: smallest, size: points.length })),
      ...larger.map((count) => ({ samples: count, size })),
      { samples, size },
    ].map((stage, place) => ({ ...stage, place, points: [], head: 0, returned: [] }));
    levels.forEach(({ points }, level) => {
      for (const point of points) this.#stageOf(point, level)?.points.push(point);
    });
  }

  /** Per level, how many of its points nothing is known of; a level's index is its stage's place. */
  unknown(): number[] {
    const { samples } = this.#sums;
    return this.#stages
      .slice(0, this.#levels)
      .map(({ points }) => points.filter((point) => samples[point] === 0).length);
  }

  /** The first stage with points to give out, and the share of it that is left; null when there is none. */
  front(): { readonly stage: Stage; readonly left: number; readonly share: number } | null {
    for (const stage of this.#stages) {
      if (this.#top(stage) < 0) continue;
      const left = remaining(stage);
      return { stage, left, share: left / stage.size };
    }
    return null;
  }

  /** How many points are next in a stage that have as many samples as the first, counted up to `most`. */
  alike(stage: Stage, most: number): number {
    const { points, head, returned } = stage as Pending;
    const next = [...returned.slice(-most).reverse(), ...points.slice(head, head + most)].slice(0, most);
    const { samples } = this.#sums;
    const other = next.findIndex((point) => samples[point] !== samples[next[0]!]);
    return other < 0 ? next.length : other;
  }

  /** The point that is given out next; −1 when there is none. */
  next(stage: Stage): number {
    return this.#top(stage as Pending);
  }

  /** Gives out up to `most` points of a stage that all have the same number of samples. */
  take(stage: Stage, most: number): number[] {
    const pending = stage as Pending;
    const { samples } = this.#sums;
    const taken: number[] = [];
    while (taken.length < most) {
      const point = this.#top(pending);
      if (point < 0 || (taken.length > 0 && samples[point] !== samples[taken[0]!])) break;
      remove(pending);
      taken.push(point);
    }
    return taken;
  }

  /** Takes points of a stage back, with the samples that they have now. How many need no more. */
  return(stage: Stage, points: readonly number[]): number {
    const { samples } = this.#sums;
    const pending = stage as Pending;
    if (samples[points[0]!]! < stage.samples) {
      pending.returned.push(...points.toReversed());
      return 0;
    }
    let complete = 0;
    for (const point of points) {
      const next = this.#stageOf(point, 0);
      if (next === null) complete++;
      else next.points.push(point);
    }
    return complete;
  }

  /** The stage that a point of this level needs next; null when it has all samples. */
  #stageOf(point: number, level: number): Pending | null {
    const known = this.#sums.samples[point]!;
    if (known < this.#stages[level]!.samples) return this.#stages[level]!;
    return this.#stages.slice(this.#levels).find(({ samples }) => known < samples) ?? null;
  }

  /** The next point of a stage, −1 when there is none; those that can wait are moved to the end. */
  #top(stage: Pending): number {
    const last = this.#stages.length - 1;
    for (;;) {
      const point = stage.returned.at(-1) ?? stage.points[stage.head];
      if (point === undefined) return -1;
      const isRefined = stage.place >= this.#levels && stage.place < last;
      if (!isRefined || !this.#waits(point)) return point;
      remove(stage);
      this.#stages[last]!.points.push(point);
    }
  }
}

function remaining({ points, head, returned }: Pending): number {
  return returned.length + points.length - head;
}

function remove(stage: Pending): void {
  if (stage.returned.pop() !== undefined) return;
  stage.head++;
  if (stage.head < stage.points.length) return;
  stage.points = [];
  stage.head = 0;
}
