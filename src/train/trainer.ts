/** Steps of an optimizer on a session's batches, one after the other; the same numbers for the page and the command line. */
import type { TrainingSession, Vector } from '../engine/training.js';
import { type Batches, orderedBatches, shuffledBatches } from './batches.js';
import {
  createOptimizer,
  type Optimizer,
  type OptimizerName,
  type OptimizerOptions,
  type OptimizerState,
} from './optimizers.js';
import { learningRateAt, type Schedule } from './schedule.js';

/** How a network is trained. Structured-cloneable. */
export interface TrainingPlan {
  readonly optimizer: OptimizerName;
  /** What is left out has the optimizer's default. */
  readonly options: Partial<OptimizerOptions>;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Samples of a step; at most all of them, which makes it full-batch gradient descent. */
  readonly batch: number;
  /** Of the shuffling. */
  readonly seed: number;
  /** Indices of samples used in sequence instead of shuffling; null to shuffle. */
  readonly order: Int32Array | null;
}

/** What a step found before it moved the weights. */
export interface StepReport {
  /** Steps taken, this one included. */
  readonly step: number;
  /** Mean over the batch, in training mode, at the weights before the step. */
  readonly loss: number;
  /** Share of the batch that was classified correctly; NaN with real targets. */
  readonly accuracy: number;
  readonly learningRate: number;
}

/** Weights and running statistics at one step, flat as the session has them; structured-cloneable. */
export interface Snapshot {
  readonly step: number;
  readonly weights: Vector;
  readonly statistics: Vector;
}

/** A snapshot, and what the optimizer and the batches need to go on from it exactly. */
export interface Resumption extends Snapshot {
  readonly optimizer: OptimizerState;
}

/** Samples that a measurement takes at a time. */
const measuredAtOnce = 256;

export class Trainer {
  private readonly start: Snapshot;
  private plan: TrainingPlan;
  private optimizer: Optimizer;
  private batches: Batches;
  private taken = 0;

  /** `samples` is the number of those of the session's data. Throws `RangeError` for a plan that does not fit. */
  constructor(
    private readonly session: TrainingSession,
    private readonly samples: number,
    plan: TrainingPlan,
  ) {
    this.plan = plan;
    this.optimizer = this.createOptimizer(plan);
    this.batches = batchesOf(plan, samples);
    this.start = this.snapshot();
  }

  /** Steps taken. */
  get step(): number {
    return this.taken;
  }

  /** Steps of an epoch. */
  get perEpoch(): number {
    return this.batches.perEpoch;
  }

  /** Takes one step. Calls must not overlap. */
  async advance(): Promise<StepReport> {
    const { session, plan } = this;
    const batch = this.batches.at(this.taken);
    const learningRate = learningRateAt(plan.schedule, plan.learningRate, this.taken);
    const { loss, correct } = await session.learn(batch);
    this.optimizer.step(session.weights, session.gradient, learningRate);
    this.taken++;
    return { step: this.taken, loss, accuracy: correct / batch.length, learningRate };
  }

  /**
   * Mean loss and accuracy over all samples, in evaluation mode, or over `count` of the session's data from `first` on,
   * which may be those that are not learned from.
   */
  async measure(
    first = 0,
    count = this.samples,
  ): Promise<{ readonly loss: number; readonly accuracy: number }> {
    let loss = 0;
    let correct = 0;
    for (let done = 0; done < count; done += measuredAtOnce) {
      const length = Math.min(measuredAtOnce, count - done);
      const part = await this.session.measure(Int32Array.from({ length }, (_, i) => first + done + i));
      loss += part.loss * length;
      correct += part.correct;
    }
    return { loss: loss / count, accuracy: correct / count };
  }

  /** A copy of where the training is. */
  snapshot(): Snapshot {
    const { weights, statistics } = this.session;
    return { step: this.taken, weights: weights.slice(), statistics: statistics.slice() };
  }

  /** All that the next steps depend on. */
  resumption(): Resumption {
    return { ...this.snapshot(), optimizer: this.optimizer.state() };
  }

  /** Goes on from there as if it had never been elsewhere. */
  resume({ step, weights, statistics, optimizer }: Resumption): void {
    this.optimizer.restore(optimizer);
    this.place({ step, weights, statistics });
  }

  /** Back to the first step. */
  reset(): void {
    this.optimizer.reset();
    this.place(this.start);
  }

  /** Another plan from the next step on; an optimizer of the same name keeps its state. */
  replan(plan: TrainingPlan): void {
    const optimizer = this.createOptimizer(plan);
    const batches = batchesOf(plan, this.samples);
    if (plan.optimizer === this.plan.optimizer) optimizer.restore(this.optimizer.state());
    this.plan = plan;
    this.optimizer = optimizer;
    this.batches = batches;
  }

  private place({ step, weights, statistics }: Snapshot): void {
    this.session.weights.set(weights);
    this.session.statistics.set(statistics);
    this.taken = step;
  }

  private createOptimizer({ optimizer, options }: TrainingPlan): Optimizer {
    const { weights } = this.session;
    const precision = weights instanceof Float64Array ? 'float64' : 'float32';
    return createOptimizer(optimizer, options, weights.length, precision);
  }
}

function batchesOf({ order, batch, seed }: TrainingPlan, samples: number): Batches {
  return order === null ? shuffledBatches(samples, batch, seed) : orderedBatches(order, batch);
}
