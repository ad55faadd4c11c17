import type { Evaluator, Points, SampleRange, Sums } from '../engine/engine.js';
import { CallSize } from './call-size.js';
import { coordinates, type GridSums } from './grid.js';
import { coarseToFine } from './order.js';

/** A grid to be filled: every point of `sums` gets its first `samples` samples from this evaluator. */
export interface LandscapeJob {
  readonly evaluator: Evaluator;
  readonly sums: GridSums;
  readonly samples: number;
}

/** One call to an evaluator: these points, the same samples for each. */
export interface Call {
  readonly indices: readonly number[];
  readonly range: SampleRange;
  /** Step of the level its points belong to. */
  readonly step: number;
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
/** Near the end of a level calls shrink so that no lane stands idle, but not below this share. */
const SMALLEST_SHARE = 0.25;

interface PendingLevel {
  readonly step: number;
  readonly size: number;
  /** Points still to be given out, the next one last. */
  readonly stack: number[];
}

/** What is still missing in one job's grid. Points in flight are neither pending nor done. */
export class JobQueue {
  readonly job: LandscapeJob;
  readonly callSize = new CallSize();
  inFlight = 0;
  readonly #levels: PendingLevel[];
  readonly #a: Float64Array;
  readonly #b: Float64Array;

  constructor(job: LandscapeJob) {
    const { grid, samples } = job.sums;
    this.job = job;
    this.#a = coordinates(grid.columns);
    this.#b = coordinates(grid.rows);
    this.#levels = coarseToFine(grid.columns.count, grid.rows.count).map(({ step, points }) => {
      const stack = Array.from(points.filter((point) => samples[point]! < job.samples)).reverse();
      return { step, size: points.length, stack };
    });
  }

  /** Points missing per level, by its step. */
  missing(): Map<number, number> {
    return new Map(this.#levels.map(({ step, stack }) => [step, stack.length]));
  }

  /** Step of the coarsest level with points to give out, and the share of it that is still to be given out. */
  front(): { step: number; share: number } | null {
    const level = this.#levels.find(({ stack }) => stack.length > 0);
    return level === undefined ? null : { step: level.step, share: level.stack.length / level.size };
  }

  /** Takes the next call from the coarsest level. Only when `front()` is not null. */
  take(lanes: number): Call {
    const { samples } = this.job.sums;
    const { stack, step } = this.#levels.find((level) => level.stack.length > 0)!;
    const planned = this.callSize.work;
    const first = samples[stack.at(-1)!]!;
    const left = this.job.samples - first;
    const width = Math.min(this.#alike(stack, first), Math.max(1, Math.floor(planned / FEWEST_SAMPLES)));
    const whole = planned * SPLIT_ABOVE >= left * width;
    const count = whole ? left : splitCount(first, Math.floor(planned / width));
    const fitting = whole ? Math.max(width, Math.floor(planned / left)) : width;
    const share = Math.max(Math.ceil(fitting * SMALLEST_SHARE), Math.ceil(stack.length / lanes));
    const indices: number[] = [];
    while (
      indices.length < Math.min(fitting, share) &&
      stack.length > 0 &&
      samples[stack.at(-1)!] === first
    ) {
      indices.push(stack.pop()!);
    }
    return { indices, range: { first, count }, step, planned, work: indices.length * count };
  }

  /** How many points on top of the stack have `first` samples, counted up to POINTS_AT_ONCE. */
  #alike(stack: readonly number[], first: number): number {
    const top = stack.slice(-POINTS_AT_ONCE).reverse();
    const other = top.findIndex((point) => this.job.sums.samples[point] !== first);
    return other < 0 ? top.length : other;
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

  /** Adds what a call returned; points that lack samples yet are given out next. How many points are done. */
  add(call: Call, result: Sums): number {
    const { loss, squares, correct, samples } = this.job.sums;
    call.indices.forEach((index, i) => {
      loss[index]! += result.loss[i]!;
      squares[index]! += result.squares[i]!;
      correct[index]! += result.correct[i]!;
      samples[index]! += call.range.count;
    });
    const done = call.range.first + call.range.count >= this.job.samples;
    if (!done) this.putBack(call);
    return done ? call.indices.length : 0;
  }

  /** Gives the call's points out again, before all others. */
  putBack({ indices, step }: Call): void {
    this.#levels.find((level) => level.step === step)!.stack.push(...indices.toReversed());
  }
}

/** How many samples from `first` on, so that a block ends where engines end theirs. */
function splitCount(first: number, planned: number): number {
  const end = first + planned;
  const aligned = end - (end % SAMPLE_BLOCK);
  return aligned > first ? aligned - first : planned;
}
