/**
 * The worker's side of a training: takes steps in slices, does what it is told in between, and says where it is.
 * Steps depend on the assignment alone, never on when they are asked for: a run that was paused, slowed down or saved
 * and loaded goes through the same weights, bit by bit.
 */
import { nextTask } from '../engine/pause.js';
import { describeFailure } from '../engine/protocol.js';
import { Checkpoints, mostCheckpoints } from './checkpoints.js';
import { CurveKeeper } from './curves.js';
import { prepareTraining, type Prepared } from './engines.js';
import type {
  Answers,
  Assignment,
  Command,
  Kept,
  Message,
  Question,
  Ready,
  Request,
  Standing,
} from './messages.js';
import { learningRateAt } from './schedule.js';
import { sharpness } from './sharpness.js';
import { Trainer, type TrainingPlan } from './trainer.js';

/** Time between two reports while it trains, in milliseconds. */
const REPORT = 60;
/** Time of a slice of steps, in milliseconds. */
const SLICE = 30;
/** All samples are measured whenever this many epochs are over, and after 1, 2, 4, … steps. */
const MEASURED_EPOCHS = 4;
/** The pace is that of the last so many milliseconds. */
const PACE = 1000;

interface Work extends Prepared {
  readonly trainer: Trainer;
  readonly assignment: Assignment;
  plan: TrainingPlan;
}

export class TrainingLoop {
  private readonly tasks: (() => Promise<void>)[] = [];
  private readonly curves = new CurveKeeper();
  private checkpoints = new Checkpoints(2);
  private work: Work | null = null;
  private pumping = false;
  private running = false;
  private diverged = false;
  private until = 0;
  private perSecond = Infinity;
  /** When it last set off, and from which step. */
  private begun = 0;
  private from = 0;
  private reported = -Infinity;
  /** Milliseconds that its steps have taken since then. */
  private spent = 0;
  /** When steps were taken: [time, step]. */
  private paces: [number, number][] = [];

  constructor(
    private readonly post: (message: Message) => void,
    private readonly prepare: typeof prepareTraining = prepareTraining,
  ) {}

  take(request: Request): void {
    // A pause is not to wait for what is before it: it ends the slice.
    if (request.kind === 'pause') this.running = false;
    this.tasks.push(() => this.obey(request));
    void this.pump();
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      for (;;) {
        const task = this.tasks.shift();
        if (task !== undefined) await task();
        else if (this.running) await this.slice();
        else break;
      }
    } finally {
      // Whatever happened, the next request is to be answered.
      this.pumping = false;
    }
  }

  private async obey(request: Request): Promise<void> {
    if (request.kind === 'ask') {
      const { id, question } = request;
      try {
        this.post({ kind: 'answer', id, value: await this.answer(question) });
      } catch (error) {
        this.post({ kind: 'failed', id, error: describeFailure(error) });
      }
      return;
    }
    const { work } = this;
    if (work === null) return;
    try {
      await this.follow(work, request);
    } catch (error) {
      this.breakOff(error);
    }
    this.report(work);
  }

  private async follow(work: Work, command: Command): Promise<void> {
    switch (command.kind) {
      case 'go':
        this.until = command.until;
        this.perSecond = command.perSecond;
        this.running = work.trainer.step < this.until && !this.diverged;
        this.begun = performance.now();
        this.from = work.trainer.step;
        this.spent = 0;
        this.paces = [[this.begun, work.trainer.step]];
        break;
      case 'pause':
        this.running = false;
        await this.measure(work);
        break;
      case 'reset':
        this.running = this.diverged = false;
        work.trainer.reset();
        await this.begin(work);
        break;
      case 'replan':
        work.trainer.replan(command.plan);
        work.plan = command.plan;
        break;
    }
  }

  private breakOff(error: unknown): void {
    this.running = false;
    this.post({ kind: 'broke', error: describeFailure(error) });
  }

  private async answer(question: Question): Promise<Answers[keyof Answers]> {
    if (question.kind === 'begin') return this.assign(question.assignment);
    const { work } = this;
    if (work === null) throw new RangeError('there is no training yet');
    const { trainer, session, assignment } = work;
    switch (question.kind) {
      case 'snapshot':
        return trainer.snapshot();
      case 'sharpness':
        return sharpness(session, assignment.samples, trainer.step);
      case 'keep': {
        const resumption = trainer.resumption();
        const { step, weights, statistics } = resumption;
        const latest = { step, weights, statistics };
        const snapshots = [...this.checkpoints.all.filter((kept) => kept.step < step), latest];
        return { snapshots, resumption, curves: this.curves.state } satisfies Kept;
      }
    }
  }

  private async assign(assignment: Assignment): Promise<Ready> {
    this.work?.session.dispose();
    this.work = null;
    this.running = this.diverged = false;
    const { problem, samples, plan, engine, kept } = assignment;
    const prepared = await this.prepare(problem, engine);
    const { session, reason } = prepared;
    const trainer = new Trainer(session, samples, plan);
    const work: Work = { ...prepared, trainer, assignment, plan };
    const bytes = session.weights.byteLength + session.statistics.byteLength;
    this.checkpoints = new Checkpoints(mostCheckpoints(bytes));
    if (kept !== null) trainer.resume(kept.resumption);
    await this.begin(work, kept);
    this.work = work;
    this.report(work);
    return { info: session.info, reason, places: session.places, perEpoch: trainer.perEpoch };
  }

  /** Curves and snapshots as they are where the trainer stands. */
  private async begin(work: Work, kept: Kept | null = null): Promise<void> {
    this.curves.clear(work.trainer.step);
    this.checkpoints.clear();
    if (kept !== null) {
      this.curves.restore(kept.curves);
      this.checkpoints.restore(kept.snapshots);
    }
    this.checkpoints.offer(work.trainer.step, () => work.trainer.snapshot());
    await this.measure(work);
  }

  private async slice(): Promise<void> {
    const work = this.work!;
    const { trainer } = work;
    const end = performance.now() + SLICE;
    try {
      do {
        if (performance.now() < this.due(trainer.step)) break;
        await this.step(work);
        this.running &&= trainer.step < this.until && !this.diverged;
      } while (this.running && performance.now() < end);
      if (!this.running) await this.measure(work);
    } catch (error) {
      this.breakOff(error);
    }
    const now = performance.now();
    this.paces.push([now, trainer.step]);
    while (this.paces.length > 2 && this.paces[1]![0] < now - PACE) this.paces.shift();
    if (!this.running || now - this.reported >= REPORT) this.report(work);
    const rest = this.running ? this.due(trainer.step) - performance.now() : 0;
    if (rest > 4) await new Promise((resolve) => setTimeout(resolve, Math.min(rest, REPORT)));
    else await nextTask();
  }

  /** When the next step may be taken. */
  private due(step: number): number {
    if (this.perSecond === Infinity) return -Infinity;
    return this.begun + (1000 * (step - this.from)) / this.perSecond;
  }

  private async step(work: Work): Promise<void> {
    const { trainer, session } = work;
    const begin = performance.now();
    const report = await trainer.advance();
    this.spent += performance.now() - begin;
    this.curves.report(report);
    this.checkpoints.offer(trainer.step, () => trainer.snapshot());
    this.diverged = !Number.isFinite(report.loss) || !session.weights.every(Number.isFinite);
    const { step, perEpoch } = trainer;
    const isPower = (step & (step - 1)) === 0;
    if (isPower || step % (MEASURED_EPOCHS * perEpoch) === 0) await this.measure(work);
  }

  private async measure({ trainer, assignment }: Work): Promise<void> {
    const { samples, problem } = assignment;
    const { step } = trainer;
    const others = problem.data.samples - samples;
    const train = { step, ...(await trainer.measure()) };
    // A batch may still be finite where others no longer are.
    this.diverged ||= !Number.isFinite(train.loss);
    this.curves.measured(train, others === 0 ? null : { step, ...(await trainer.measure(samples, others)) });
  }

  private report({ trainer, plan }: Work): void {
    const [first, last] = [this.paces[0], this.paces.at(-1)];
    const pace =
      this.running && first && last && last[0] > first[0]
        ? (1000 * (last[1] - first[1])) / (last[0] - first[0])
        : null;
    const standing: Standing = {
      step: trainer.step,
      running: this.running,
      stepsPerSecond: pace,
      secondsPerStep: trainer.step > this.from ? this.spent / 1000 / (trainer.step - this.from) : null,
      learningRate: learningRateAt(plan.schedule, plan.learningRate, trainer.step),
      curves: this.curves.curves,
      kept: this.checkpoints.all.length,
      every: this.checkpoints.every,
      diverged: this.diverged,
    };
    this.reported = performance.now();
    this.post({ kind: 'standing', standing });
  }
}
