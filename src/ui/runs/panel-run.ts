/** A run of training as one panel shows it: projected on the panel's plane, with its losses once they are computed. */
import type { Direction, Engine, Evaluator, Problem } from '../../engine/engine.js';
import { modelAt } from '../../io/weights.js';
import { checkpointPlane, pcaPlane, type RunPlane, TrajectoryError } from '../../landscape/run-plane.js';
import {
  isMostlyOff,
  offPlaneShare,
  pathOffPlane,
  projectRun,
  reachOf,
  type Trajectory,
  trajectoryLosses,
  type TrajectoryLosses,
} from '../../landscape/trajectory.js';
import type { Model } from '../../model/graph.js';
import { runOverlay } from '../../plot/run-path.js';
import type { Overlay } from '../../plot/spec.js';
import type { State } from '../../state.js';
import type { RunEntry } from '../files/library.js';
import { percent, significant } from '../numbers.js';

/** Index of the step that is looked at, for each run; the last one where there is none. */
const heads = new WeakMap<RunEntry, number>();
/** Planes that were found, by what they were found for: opening and undoing ask for the same ones again. */
const planes = new WeakMap<RunEntry, Map<string, Promise<RunPlane>>>();

/** The plane that the settings ask the run for; null for planes that are none of a run. Rejects with TrajectoryError. */
export async function planeOf(
  model: Model,
  entry: RunEntry,
  step: number,
  state: State,
): Promise<RunPlane | null> {
  const { plane, states } = state;
  if (plane !== 'pca' && plane !== 'steps') return null;
  const { run } = entry;
  const steps = plane === 'steps' ? throughOf(entry, step, state) : null;
  const key = [plane, step, states, steps].join(' ');
  const known = planes.get(entry) ?? new Map<string, Promise<RunPlane>>();
  planes.set(entry, known);
  const found = known.get(key);
  if (found !== undefined) return found;
  const options = { centre: run.parameters.get(step)!, states };
  const made = (async () =>
    steps === null ? pcaPlane(model, run, 'centre', options) : checkpointPlane(model, run, steps, options))();
  known.set(key, made);
  return made;
}

/**
 * The two steps that a plane goes through besides its centre: those of the settings as far as the run has them, else its
 * first and one halfway.
 */
export function throughOf(
  { run: { steps } }: RunEntry,
  centre: number,
  { through }: Pick<State, 'through'>,
): readonly [number, number] {
  const others = steps.filter((step) => step !== centre);
  const usual = [others[0] ?? centre, others[Math.floor(others.length / 2)] ?? centre] as const;
  if (through === 'auto') return usual;
  const [one, two] = through;
  return one !== two && others.includes(one) && others.includes(two) ? through : usual;
}

/** The run on a plane; null where directions are parallel and nothing can be projected. */
export async function projected(
  problem: Problem & { readonly d1: Direction; readonly d2: Direction },
  entry: RunEntry,
  step: number,
  explained: RunPlane['explained'],
): Promise<PanelRun | null> {
  const { model, d1, d2 } = problem;
  try {
    const trajectory = await projectRun(model, entry.run, entry.run.parameters.get(step)!, d1, d2);
    return new PanelRun(entry, step, trajectory, explained, problem);
  } catch (error) {
    if (error instanceof TrajectoryError) return null;
    throw error;
  }
}

/** In words. */
export interface StepFacts {
  readonly step: number;
  readonly alpha: string;
  readonly beta: string;
  readonly loss: string;
  readonly planeLoss: string;
  readonly offPlane: string;
}

export class PanelRun {
  #losses: TrajectoryLosses | null = null;
  #isMeasured = false;

  constructor(
    readonly entry: RunEntry,
    /** The step that the plane's centre is. */
    readonly centre: number,
    readonly trajectory: Trajectory,
    readonly explained: RunPlane['explained'],
    private readonly problem: Problem,
  ) {}

  /** Of every step, as far as they are computed; null before the first. */
  get losses(): TrajectoryLosses | null {
    return this.#losses;
  }

  /** Index of the step that is looked at. */
  get head(): number {
    return heads.get(this.entry) ?? this.trajectory.steps.length - 1;
  }

  set head(index: number) {
    heads.set(this.entry, index);
  }

  /** Half-width of a range that holds the path; 0 for a path that stays at the centre. */
  get reach(): number {
    return reachOf(this.trajectory);
  }

  /**
   * Index of the step that is drawn nearest to a point of the plane; null when none is within `reach`. Of several at the
   * same place, the one that is looked at or else the last.
   */
  stepNear(at: { readonly a: number; readonly b: number }, reach: number): number | null {
    const { a, b } = this.trajectory;
    let [found, closest] = [null as number | null, reach];
    for (let k = 0; k < a.length; k++) {
      const distance = Math.hypot(a[k]! - at.a, b[k]! - at.b);
      if (distance > closest || (distance === closest && found === this.head)) continue;
      [found, closest] = [k, distance];
    }
    return found;
  }

  /** What is true of a step and what the plane says; `…` for losses that are not computed yet. */
  factsOf(k: number): StepFacts {
    const { trajectory, losses } = this;
    const loss = (values: Float64Array | undefined): string =>
      values === undefined ? '…' : significant(values[k]!);
    return {
      step: trajectory.steps[k]!,
      alpha: significant(trajectory.a[k]!, 3),
      beta: significant(trajectory.b[k]!, 3),
      loss: loss(losses?.loss),
      planeLoss: loss(losses?.planeLoss),
      offPlane: `${significant(trajectory.offPlane[k]!, 3)} (${percent(offPlaneShare(trajectory, k))} of the distance)`,
    };
  }

  get isMostlyOff(): boolean {
    return isMostlyOff(this.trajectory);
  }

  /** One or two lines under the panel. */
  get caption(): string {
    const { steps } = this.trajectory;
    const kept =
      steps.length === 1
        ? `run of step ${steps[0]} alone`
        : `run to step ${steps.at(-1)}, ${steps.length} snapshots`;
    const run = `${kept}, ${percent(pathOffPlane(this.trajectory))} off the plane`;
    if (this.explained === null) return run;
    return `${run}\ncomponents explain ${this.explained.map(percent).join(' + ')}, about step ${this.centre}`;
  }

  /** What a picture says of it. */
  get provenance(): Record<string, unknown> {
    const { explained, centre, trajectory } = this;
    const run = { steps: trajectory.steps.length, centre, offPlane: pathOffPlane(trajectory), explained };
    return { run };
  }

  /** Stems to the true losses belong to a surface of losses. */
  overlays(showsLoss: boolean): Overlay[] {
    const { trajectory, head } = this;
    const { a, b, steps } = trajectory;
    const offPlane = steps.map((_, k) => offPlaneShare(trajectory, k));
    return [runOverlay({ a, b, offPlane, head, values: showsLoss ? (this.#losses?.loss ?? null) : null })];
  }

  /** Computes the losses that are missing; `onStep` after each step. Rejects as the engine does. */
  async measure(
    engine: Engine,
    evaluator: Evaluator,
    signal: AbortSignal,
    onStep: () => void,
  ): Promise<void> {
    if (this.#isMeasured) return;
    const { problem, entry } = this;
    const source = {
      engine,
      evaluator,
      problem,
      modelAt: (step: number) => modelAt(problem.model, entry.run, step),
    };
    const take = (losses: TrajectoryLosses): void => {
      this.#losses = losses;
      onStep();
    };
    await trajectoryLosses(this.trajectory, source, signal, take, this.#losses);
    this.#isMeasured = true;
  }
}
