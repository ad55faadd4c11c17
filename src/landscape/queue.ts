import type { Points, SampleRange } from '../engine/engine.js';
import { Backlog, type Stage } from './backlog.js';
import { CallSize } from './call-size.js';
import { channelsOf, coordinates, type Grid, type Totals } from './grid.js';

/**
 * A grid to be filled: every point of `sums` gets its first `samples` samples from this evaluator. They come
 * subset by subset, so their order should be `stratify`'s (subsets.ts).
 */
export interface LandscapeJob {
  readonly evaluator: Computes;
  readonly sums: Totals;
  readonly samples: number;
  /** Work of a call, in points × samples, that this evaluator is known to do soon. By default nothing is known. */
  readonly soon?: number;
  /** Coordinates that the evaluator gets instead of the grid's own: offsets from a centre. */
  readonly offsets?: Grid;
  /** A bit that stands for the evaluator in the `makers` of what it computes. Default none. */
  readonly maker?: number;
}

/** An evaluator or one of its other passes: what it returns is named as the arrays of `sums` are. */
export interface Computes {
  readonly lanes: number;
  evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<object>;
}

/** One call to an evaluator: these points, the same samples for each. */
export interface Call {
  readonly indices: readonly number[];
  readonly range: SampleRange;
  /** Where its points were taken from. */
  readonly stage: Stage;
  /** What the call was meant to carry and what it carries, in points × samples. */
  readonly planned: number;
  readonly work: number;
}

/**
 * So many points share one load of the weights on a GPU and cost little more than one, so a call takes
 * that many, of fewer samples each, before it takes all samples of one.
 */
const POINTS_AT_ONCE = 4;
/** But not fewer samples than this, for the CPU's sake, where forming the weights must pay. */
const FEWEST_SAMPLES = 32;
/** Points whose samples take up to this much more than planned are not split. */
const SPLIT_ABOVE = 1.5;
/** Samples are split at multiples of this where possible: engines sum trees of that many. */
const SAMPLE_BLOCK = 256;
/** Near the end of a stage calls shrink so that no lane stands idle, but not below this share. */
const SMALLEST_SHARE = 0.25;
/** Calls that one worker or device has at a time: one that it computes and one that waits. */
const MOST_IN_LINE = 2;

/** Whether a point of these sums, of which a subset is known, may be refined after all others. */
export type Waits = (sums: Totals, index: number) => boolean;

/** What is still missing in one job's grid. Points in flight are neither pending nor done. */
export class JobQueue {
  readonly job: LandscapeJob;
  readonly callSize: CallSize;
  inFlight = 0;
  readonly #backlog: Backlog;
  readonly #a: Float64Array;
  readonly #b: Float64Array;

  constructor(job: LandscapeJob, waits: Waits = () => false) {
    const { sums, samples } = job;
    this.job = job;
    this.callSize = new CallSize(Math.min(MOST_IN_LINE, job.evaluator.lanes), job.soon);
    const { columns, rows } = job.offsets ?? sums.grid;
    this.#a = coordinates(columns);
    this.#b = coordinates(rows);
    this.#backlog = new Backlog(sums, samples, (index) => waits(sums, index));
  }

  /** Per level, how many of its points nothing is known of. */
  unknown(): number[] {
    return this.#backlog.unknown();
  }

  /** The first stage with points to give out, and the share of it that is still to be given out. */
  front(): { readonly stage: Stage; readonly share: number } | null {
    return this.#backlog.front();
  }

  /** Takes the next call, for an engine of so many lanes. Only when `front()` is not null. */
  take(lanes: number, milliseconds: number): Call {
    const backlog = this.#backlog;
    const { stage, left } = backlog.front()!;
    const planned = this.callSize.work(milliseconds);
    const width = backlog.alike(
      stage,
      Math.min(POINTS_AT_ONCE, Math.max(1, Math.floor(planned / FEWEST_SAMPLES))),
    );
    const first = this.job.sums.samples[backlog.next(stage)]!;
    const missing = stage.samples - first;
    const whole = planned * SPLIT_ABOVE >= missing * width;
    const count = whole ? missing : splitCount(first, Math.floor(planned / width));
    const fitting = whole ? Math.max(width, Math.floor(planned / missing)) : width;
    const share = Math.max(Math.ceil(fitting * SMALLEST_SHARE), Math.ceil(left / lanes));
    const indices = backlog.take(stage, Math.min(fitting, share));
    return { indices, range: { first, count }, stage, planned, work: indices.length * count };
  }

  points({ indices }: Call): Points {
    const columns = this.#a.length;
    const a = new Float64Array(indices.length);
    const b = new Float64Array(indices.length);
    indices.forEach((index, i) => {
      a[i] = this.#a[index % columns]!;
      b[i] = this.#b[Math.floor(index / columns)]!;
    });
    return { a, b };
  }

  /** Adds what a call returned; the points are given out again as long as they lack samples. How many do not. */
  add(call: Call, result: object): number {
    const { sums, maker = 0 } = this.job;
    for (const [name, totals] of channelsOf(sums)) {
      const part = (result as Readonly<Record<string, Float64Array>>)[name]!;
      call.indices.forEach((index, i) => (totals[index]! += part[i]!));
    }
    for (const index of call.indices) {
      sums.samples[index]! += call.range.count;
      sums.makers[index]! |= maker;
    }
    return this.#backlog.return(call.stage, call.indices);
  }

  /** Gives the call's points out again, before all others. */
  putBack({ indices, stage }: Call): void {
    this.#backlog.return(stage, indices);
  }
}

/** How many samples from `first` on, so that a block ends where engines end theirs. */
function splitCount(first: number, planned: number): number {
  const end = first + planned;
  const aligned = end - (end % SAMPLE_BLOCK);
  return aligned > first ? aligned - first : planned;
}
