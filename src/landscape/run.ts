/**
 * Fills grids on their engines: coarse to fine and with more and more of the samples; several calls at once, in
 * calls of a well-chosen size.
 */
import { EngineMemoryError } from '../engine/engine.js';
import { nextTask } from '../engine/pause.js';
import type { Stage } from './backlog.js';
import { IDLE_TARGET } from './call-size.js';
import { Pace } from './pace.js';
import { type Call, JobQueue, type LandscapeJob, type Waits } from './queue.js';

export type { LandscapeJob } from './queue.js';

export interface Progress {
  /** Points that have all their samples, those of earlier runs included; of all grids together. */
  readonly pointsDone: number;
  /** Points of which at least a subset of the samples is known; the others can only be guessed from them. */
  readonly pointsKnown: number;
  readonly pointsTotal: number;
  /** Of all points × samples those that are done, earlier runs included: 0 … 1. */
  readonly share: number;
  /** Of this run. */
  readonly secondsElapsed: number;
  /** At the rate of the last seconds; null while that is not known. */
  readonly secondsLeft: number | null;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /**
   * Called at most every 50 ms or so, whenever something is known of all points of a level in every grid,
   * and at the end.
   */
  readonly onProgress?: (progress: Progress) => void;
  /** Points that may be refined last: those whose error bar nobody sees. By default none. */
  readonly waits?: Waits;
  /** Whether somebody waits for the page to answer: calls are short then. By default never. */
  readonly interacting?: () => boolean;
}

/** Computing time of a call while somebody interacts, in milliseconds. */
const INTERACTING_TARGET = 10;

/** Milliseconds between two reports of progress. */
const REPORT_INTERVAL = 50;
/** Milliseconds that the first one waits for a whole level, which is the first thing worth a picture. */
const FIRST_REPORT = 150;
/** Milliseconds after which the event loop gets a turn, should an engine never leave the thread. */
const PATIENCE = 25;

/**
 * Computes what is missing in the jobs' `sums`, all grids together stage by stage, and resolves when
 * nothing is. As many calls are in flight as the widest of the evaluators has lanes.
 *
 * Rejects at once with the signal's reason when aborted; what calls in flight return after that is
 * dropped. A call that did not fit in memory is made again at half the size. After any other error no
 * call is started, and when those in flight have come back it rejects with that error. What has been
 * added to `sums` is complete and stays, so that another run, on any engine, goes on from there.
 */
export function runLandscapes(jobs: readonly LandscapeJob[], options: RunOptions = {}): Promise<void> {
  for (const { samples } of jobs) {
    if (!Number.isSafeInteger(samples) || samples < 1)
      throw new RangeError(`${samples} samples cannot be averaged`);
  }
  return new Promise((resolve, reject) => new Run(jobs, options, resolve, reject).start());
}

class Run {
  readonly #queues: readonly JobQueue[];
  readonly #options: RunOptions;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  readonly #lanes: number;
  readonly #pace = new Pace();
  /** Per level, how many points of all grids nothing is known of yet. */
  readonly #unknown: number[] = [];
  readonly #pointsTotal: number;
  readonly #workTotal: number;
  readonly #startTime = performance.now();
  #pointsDone = 0;
  #workLeft = 0;
  #inFlight = 0;
  #failure: { readonly error: unknown } | null = null;
  #settled = false;
  #lastReport = this.#startTime + FIRST_REPORT - REPORT_INTERVAL;
  #reported = false;
  #lastTurn = performance.now();

  constructor(
    jobs: readonly LandscapeJob[],
    options: RunOptions,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#queues = jobs.map((job) => new JobQueue(job, options.waits));
    this.#lanes = Math.max(1, ...jobs.map(({ evaluator }) => evaluator.lanes));
    this.#pointsTotal = jobs.reduce((sum, job) => sum + job.sums.samples.length, 0);
    this.#workTotal = jobs.reduce((sum, job) => sum + job.sums.samples.length * job.samples, 0);
    for (const { sums, samples } of jobs) {
      for (const known of sums.samples) {
        if (known >= samples) this.#pointsDone++;
        else this.#workLeft += samples - known;
      }
    }
    for (const queue of this.#queues) {
      for (const [level, count] of queue.unknown().entries())
        this.#unknown[level] = (this.#unknown[level] ?? 0) + count;
    }
  }

  start(): void {
    const { signal } = this.#options;
    if (signal?.aborted) {
      this.#settle(() => this.#reject(signal.reason));
      return;
    }
    signal?.addEventListener('abort', this.#abort);
    this.#pace.mark(this.#startTime, -this.#workLeft);
    this.#fill();
  }

  readonly #abort = (): void => this.#settle(() => this.#reject(this.#options.signal!.reason));

  #settle(finish: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.signal?.removeEventListener('abort', this.#abort);
    finish();
  }

  /** Starts calls until all lanes are taken; settles the run when there is nothing left to wait for. */
  #fill(): void {
    while (!this.#settled && this.#failure === null && this.#inFlight < this.#lanes) {
      const queue = this.#next();
      if (queue === null) break;
      const target = this.#options.interacting?.() === true ? INTERACTING_TARGET : IDLE_TARGET;
      void this.#make(queue.take(Math.min(this.#lanes, queue.job.evaluator.lanes), target), queue);
    }
    if (this.#settled || this.#inFlight > 0) return;
    const failure = this.#failure;
    if (failure !== null) {
      this.#settle(() => this.#reject(failure.error));
    } else {
      if (!this.#reported) this.#report(performance.now());
      this.#settle(this.#resolve);
    }
  }

  /** Of the jobs with a free lane, the one whose front stage is earliest and furthest behind. */
  #next(): JobQueue | null {
    let best: { queue: JobQueue; stage: Stage; share: number } | null = null;
    for (const queue of this.#queues) {
      if (queue.inFlight >= queue.job.evaluator.lanes) continue;
      const front = queue.front();
      if (front === null) continue;
      const order = best === null ? -1 : front.stage.begun - best.stage.begun;
      if (best === null || order < 0 || (order === 0 && front.share > best.share)) best = { queue, ...front };
    }
    return best?.queue ?? null;
  }

  async #make(call: Call, queue: JobQueue): Promise<void> {
    this.#inFlight++;
    queue.inFlight++;
    try {
      const begin = performance.now();
      const result = await this.#evaluate(call, queue);
      if (this.#settled) return;
      if (result !== null) {
        const end = performance.now();
        queue.callSize.measured(call.planned, call.work, end - begin);
        this.#count(call, queue.add(call, result), end);
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#inFlight--;
      queue.inFlight--;
    }
    await this.#giveTurn();
    this.#fill();
  }

  /** The call's sums; null when it did not fit in memory and will be made again, smaller. */
  async #evaluate(call: Call, queue: JobQueue): Promise<object | null> {
    try {
      return await queue.job.evaluator.evaluate(queue.points(call), call.range, this.#options.signal);
    } catch (error) {
      queue.putBack(call);
      if (error instanceof EngineMemoryError && queue.callSize.tooLarge(call.work)) return null;
      throw error;
    }
  }

  #count({ stage, range, indices, work }: Call, pointsDone: number, now: number): void {
    this.#pointsDone += pointsDone;
    this.#workLeft -= work;
    this.#pace.mark(now, -this.#workLeft);
    let levelDone = false;
    if (range.first === 0 && stage.level !== null) {
      this.#unknown[stage.level]! -= indices.length;
      levelDone = this.#unknown[stage.level] === 0;
    }
    const isLast = this.#pointsDone === this.#pointsTotal;
    if (levelDone || isLast || now - this.#lastReport >= REPORT_INTERVAL) this.#report(now);
  }

  #report(now: number): void {
    this.#lastReport = now;
    this.#reported = true;
    const unknown = this.#unknown.reduce((sum, count) => sum + count, 0);
    this.#options.onProgress?.({
      pointsDone: this.#pointsDone,
      pointsKnown: this.#pointsTotal - unknown,
      pointsTotal: this.#pointsTotal,
      share: 1 - this.#workLeft / this.#workTotal,
      secondsElapsed: (now - this.#startTime) / 1000,
      secondsLeft: this.#workLeft === 0 ? 0 : this.#pace.secondsFor(this.#workLeft),
    });
  }

  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#lastTurn < PATIENCE) return;
    await nextTask();
    this.#lastTurn = performance.now();
  }
}
