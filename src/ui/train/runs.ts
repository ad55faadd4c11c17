/** The trainings on the page: one worker for each network, told what to do together. */
import type { AskedEngine } from '../../engine/engine.js';
import { RemoteTraining } from '../../train/remote.js';
import type { Assignment, Kept, Ready, Standing } from '../../train/messages.js';
import type { Sharpness } from '../../train/sharpness.js';
import type { TrainingPlan } from '../../train/trainer.js';
import { sentence } from '../error-sentence.js';
import type { Setting, Trainee } from './setting.js';

/** A curvature that takes longer waits to be asked for. Seconds. */
const SOON = 2;
/** Gradients that it takes, about, each over this many samples at most. */
const GRADIENTS = 40;
const CURVATURE_SAMPLES = 512;

/**
 * One network in its worker.
 *
 * Fires `update` when anything readable here has changed.
 */
export class Run extends EventTarget {
  ready: Ready | null = null;
  curvature: Sharpness | null = null;
  /** Whether a curvature is being computed. */
  measuring = false;
  /** In one sentence; '' while all is well. */
  failure = '';
  #remote: RemoteTraining;

  constructor(
    readonly trainee: Trainee,
    private assignment: Assignment,
  ) {
    super();
    this.#remote = this.begin();
  }

  /** Another one once the run has begun anew. */
  get remote(): RemoteTraining {
    return this.#remote;
  }

  get standing(): Standing | null {
    return this.remote.standing;
  }

  /** From the next step on. */
  replan(plan: TrainingPlan): void {
    this.assignment = { ...this.assignment, plan };
    this.remote.tell({ kind: 'replan', plan });
  }

  /** Back to the first step; what has failed begins anew there, in a worker of its own. */
  reset(): void {
    if (this.failure === '') {
      this.remote.tell({ kind: 'reset' });
      return;
    }
    this.close();
    this.ready = this.curvature = null;
    this.measuring = false;
    this.failure = '';
    this.assignment = { ...this.assignment, kept: null };
    this.#remote = this.begin();
    this.tell();
  }

  close(): void {
    this.remote.removeEventListener('update', this.onUpdate);
    this.remote.close();
  }

  /** The largest curvature where the run stands. */
  async measureCurvature(): Promise<void> {
    if (this.measuring || this.ready === null) return;
    this.measuring = true;
    this.tell();
    const { remote } = this;
    let found: Sharpness | null = null;
    try {
      found = await remote.sharpness();
    } catch (error) {
      this.fail(error, remote);
    }
    if (remote !== this.remote) return;
    this.curvature = found ?? this.curvature;
    this.measuring = false;
    this.tell();
  }

  private begin(): RemoteTraining {
    const remote = new RemoteTraining();
    remote.addEventListener('update', this.onUpdate);
    remote.begin(this.assignment).then(
      (ready) => {
        if (remote !== this.remote) return;
        this.ready = ready;
        this.tell();
      },
      (error: unknown) => this.fail(error, remote),
    );
    return remote;
  }

  private readonly onUpdate = (): void => {
    const { standing, failure } = this.remote;
    if (failure !== null) this.failure = sentence(failure);
    if (standing !== null) {
      if (this.curvature !== null && standing.step < this.curvature.step) this.curvature = null;
      if (!standing.running && this.isSoon()) void this.measureCurvature();
    }
    this.tell();
  };

  /** Whether the curvature at a rest is not known yet and would soon be. */
  private isSoon(): boolean {
    const { standing } = this;
    const seconds = standing?.secondsPerStep ?? null;
    if (standing === null || seconds === null || standing.step === 0 || standing.diverged) return false;
    if (this.curvature?.step === standing.step || this.measuring) return false;
    const { samples, plan } = this.assignment;
    const steps = Math.min(CURVATURE_SAMPLES, samples) / plan.batch;
    return GRADIENTS * steps * seconds < SOON;
  }

  /** What the worker before the present one was asked no longer matters. */
  private fail(error: unknown, remote: RemoteTraining): void {
    if (remote !== this.remote) return;
    this.failure = sentence(error);
    this.tell();
  }

  private tell(): void {
    this.dispatchEvent(new Event('update'));
  }
}

/**
 * All of them.
 *
 * Fires `update` when anything readable here has changed.
 */
export class Runs extends EventTarget {
  #all: readonly Run[] = [];
  #plan: TrainingPlan | null = null;
  /** The step from which on another plan than the first one holds; null when there was but one. */
  #replanned: number | null = null;

  get all(): readonly Run[] {
    return this.#all;
  }

  get replanned(): number | null {
    return this.#replanned;
  }

  get running(): boolean {
    return this.#all.some(({ standing, failure }) => standing?.running === true && failure === '');
  }

  /** Whether all networks are ready to train. */
  get ready(): boolean {
    return this.#all.length > 0 && this.#all.every(({ ready, failure }) => ready !== null && failure === '');
  }

  /** Whether a reset changes anything: steps were taken, or a run has failed. */
  get canReset(): boolean {
    if (this.#all.some(({ failure }) => failure !== '')) return true;
    return this.ready && this.step > 0;
  }

  /** Steps taken by the one that is furthest behind, of those that can go on: one that has diverged can not. */
  get step(): number {
    const going = this.#all.filter(({ standing }) => standing?.diverged !== true);
    const runs = going.length > 0 ? going : this.#all;
    return Math.min(...runs.map(({ standing }) => standing?.step ?? 0), Infinity);
  }

  /** Whether there is a run that can go on. */
  get canGo(): boolean {
    return this.ready && this.#all.some(({ standing }) => standing?.diverged !== true);
  }

  /**
   * Begins anew; `kept` are runs to go on with, one for each network, whose settings were changed at the step
   * `replanned`, or never (null).
   */
  begin(
    { trainees, data, samples, loss }: Setting,
    plan: TrainingPlan,
    engine: AskedEngine,
    kept: readonly Kept[] | null = null,
    replanned: number | null = null,
  ): void {
    this.close();
    this.#plan = plan;
    this.#replanned = replanned;
    this.#all = trainees.map((trainee, i) => {
      const problem = { model: trainee.model, data, loss };
      const run = new Run(trainee, { problem, samples, plan, engine, kept: kept?.[i] ?? null });
      run.addEventListener('update', this.#tell);
      return run;
    });
    this.#tell();
  }

  /** From the next step on. */
  replan(plan: TrainingPlan): void {
    if (this.#plan === null || JSON.stringify(plan) === JSON.stringify(this.#plan)) return;
    this.#plan = plan;
    if (this.step > 0 && Number.isFinite(this.step)) this.#replanned ??= this.step;
    for (const run of this.#all) run.replan(plan);
    this.#tell();
  }

  go(until: number, perSecond: number): void {
    for (const { remote } of this.#all) remote.tell({ kind: 'go', until, perSecond });
  }

  /** One step each, those that are behind first. */
  advance(): void {
    const next = this.step + 1;
    this.pause();
    for (const { remote } of this.#all) remote.tell({ kind: 'go', until: next, perSecond: Infinity });
  }

  pause(): void {
    for (const { remote } of this.#all) remote.tell({ kind: 'pause' });
  }

  reset(): void {
    this.#replanned = null;
    for (const run of this.#all) run.reset();
    this.#tell();
  }

  close(): void {
    for (const run of this.#all) {
      run.removeEventListener('update', this.#tell);
      run.close();
    }
    this.#all = [];
  }

  readonly #tell = (): void => {
    this.dispatchEvent(new Event('update'));
  };
}
