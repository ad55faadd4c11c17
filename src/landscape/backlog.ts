/** What a grid still lacks, in the order in which it is to be computed. */
import type { Totals } from './grid.js';
import { coarseToFine, type Level } from './order.js';
import { wantsFiner } from './refine.js';
import { subsetSizes } from './subsets.js';

/** Points that are to get the samples of one subset. */
export interface Stage {
  /** Share of the grid's points × samples that comes before it: what stages of several grids are ordered by. */
  readonly begun: number;
  /** Of which nothing was known before; null where known points get more samples. */
  readonly level: number | null;
  /** How many samples its points are to get. */
  readonly samples: number;
  /** How many points it can hold. */
  readonly size: number;
}

interface Pending extends Stage {
  /** Whether it is for what was left for the end. */
  readonly isLast: boolean;
  /** Given out from `head` on. */
  points: number[];
  head: number;
  /** Given out before those, the last one first. */
  readonly returned: number[];
}

/**
 * The points of one grid, each in the stage that it needs next. It begins with the coarsest level and the smallest subset of
 * the samples; what follows is a finer level with the samples that the others have, or the next subset for the points
 * of all levels so far, whichever helps the picture more (refine.ts). Points that are given out are in no stage until they
 * come back.
 */
export class Backlog {
  readonly #sums: Totals;
  readonly #waits: (index: number) => boolean;
  readonly #levels: readonly Level[];
  readonly #subsets: readonly number[];
  /** Those that were begun. */
  readonly #stages: Pending[] = [];
  /** Of the stages so far: levels begun, their points, the subset that these have, points × samples. */
  #begun = 0;
  #points = 0;
  #subset = 0;
  #work = 0;
  /** Points of levels begun that are in no stage as yet. */
  #idle: number[] = [];
  /** For what was left for the end; begun when nothing else is left. */
  readonly #last: Pending;

  /** Points for which `waits` holds when their turn comes to be refined are refined last. */
  constructor(sums: Totals, samples: number, waits: (index: number) => boolean) {
    this.#sums = sums;
    this.#waits = waits;
    this.#levels = coarseToFine(sums.grid.columns.count, sums.grid.rows.count);
    this.#subsets = subsetSizes(samples);
    const size = sums.samples.length;
    this.#last = { begun: 1, level: null, samples, size, isLast: true, points: [], head: 0, returned: [] };
  }

  /** Per level, how many of its points nothing is known of. */
  unknown(): number[] {
    const { samples } = this.#sums;
    return this.#levels.map(({ points }) => points.filter((point) => samples[point] === 0).length);
  }

  /** The first stage with points to give out, and the share of it that is left; null when there is none. */
  front(): { readonly stage: Stage; readonly left: number; readonly share: number } | null {
    do {
      for (const stage of this.#stages) {
        if (this.#top(stage) < 0) continue;
        const left = remaining(stage);
        return { stage, left, share: left / stage.size };
      }
    } while (this.#begin());
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
    const known = this.#sums.samples[points[0]!]!;
    if (known < stage.samples) {
      (stage as Pending).returned.push(...points.toReversed());
      return 0;
    }
    if (known >= this.#subsets.at(-1)!) return points.length;
    const next = this.#stages.find(
      ({ level, samples, isLast }) => level === null && known < samples && !isLast,
    );
    (next?.points ?? this.#idle).push(...points);
    return 0;
  }

  /** Begins the next stage; false when there is no other. */
  #begin(): boolean {
    if (this.#stages.at(-1) === this.#last) return false;
    const { samples } = this.#sums;
    const subset = this.#subsets[this.#subset]!;
    const level = this.#levels[this.#begun];
    const more = this.#subsets[this.#subset + 1];
    const isShort = (point: number) => more !== undefined && samples[point]! < more;
    if (level !== undefined && (!this.#idle.some(isShort) || this.#wantsFiner())) {
      const size = level.points.length;
      const isNew = (point: number) => samples[point]! < subset;
      const points = [...level.points];
      this.#idle.push(...points.filter((point) => !isNew(point)));
      this.#open({ level: this.#begun++, samples: subset, size }, points.filter(isNew), size * subset);
      this.#points += size;
    } else if (more !== undefined) {
      const points = this.#idle.filter(isShort);
      this.#idle = this.#idle.filter((point) => !isShort(point));
      this.#open({ level: null, samples: more, size: this.#points }, points, this.#points * (more - subset));
      this.#subset++;
    } else {
      this.#stages.push(this.#last);
    }
    return true;
  }

  #open(stage: Omit<Stage, 'begun'>, points: number[], work: number): void {
    const begun = this.#work / (this.#sums.samples.length * this.#subsets.at(-1)!);
    this.#stages.push({ ...stage, begun, isLast: false, points, head: 0, returned: [] });
    this.#work += work;
  }

  /** Judged by the newest level of which anything is known. */
  #wantsFiner(): boolean {
    const { samples } = this.#sums;
    for (let i = this.#begun - 1; i > 0; i--) {
      const level = this.#levels[i]!;
      if (!level.points.some((point) => samples[point]! > 0)) continue;
      return wantsFiner(this.#sums, level, this.#subsets.at(-1)!, this.#waits);
    }
    return true;
  }

  /** The next point of a stage, −1 when there is none; those that can wait are moved to the end. */
  #top(stage: Pending): number {
    for (;;) {
      const point = stage.returned.at(-1) ?? stage.points[stage.head];
      if (point === undefined) return -1;
      const isRefined = stage.level === null && !stage.isLast;
      if (!isRefined || !this.#waits(point)) return point;
      remove(stage);
      this.#last.points.push(point);
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
