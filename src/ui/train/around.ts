/** The landscape around the weights that a training has reached, and its run on it. */
import type { Engine, Evaluator, Problem } from '../../engine/engine.js';
import { type Place, viewOf } from '../../engine/training.js';
import { emptySums, type Grid, type GridSums, meanLoss } from '../../landscape/grid.js';
import { lossJob } from '../../landscape/passes.js';
import { type PlaneRecipe, randomPlane } from '../../landscape/plane.js';
import { runLandscapes } from '../../landscape/run.js';
import {
  type Checkpoints,
  pcaPlane,
  type RunPlane,
  TrajectoryError,
  type Weights,
} from '../../landscape/run-plane.js';
import {
  offPlaneShare,
  pathOffPlane,
  projectRun,
  reachOf,
  type Trajectory,
} from '../../landscape/trajectory.js';
import { buildModel } from '../../model/build.js';
import type { Dataset, LossName } from '../../model/data.js';
import type { Model } from '../../model/graph.js';
import { formatNumber } from '../../plot/format.js';
import { runOverlay } from '../../plot/run-path.js';
import type { Panel } from '../../plot/spec.js';
import type { Kept } from '../../train/messages.js';
import type { Snapshot } from '../../train/trainer.js';
import { percent } from '../numbers.js';
import type { Run } from './runs.js';

/** How the plane is made. */
export interface AroundView {
  readonly plane: 'random' | 'run';
  /** Half-width of a random plane; one of the run is as wide as the run. */
  readonly range: number;
  readonly recipe: PlaneRecipe;
}

/** Points per side, and samples: few while the training goes on, more when it rests. */
export interface Fineness {
  readonly points: number;
  readonly samples: number;
}

export interface AroundSource {
  readonly engine: Engine;
  /** Those that are learned from, in an order of which every beginning resembles the whole. */
  readonly data: Dataset;
  readonly loss: LossName;
}

/** Rejects with the signal's reason, with TrajectoryError for a plane that is none, and as the engine does. */
export async function panelAround(
  run: Run,
  view: AroundView,
  { points, samples }: Fineness,
  { engine, data, loss }: AroundSource,
  signal: AbortSignal,
  onPanel: (panel: Panel, step: number) => void,
): Promise<void> {
  const kept = await run.remote.keep();
  signal.throwIfAborted();
  const { step } = kept.resumption;
  const checkpoints = checkpointsOf(kept, run.ready!.places);
  const centre = checkpoints.parameters.get(step)!;
  const model = withWeights(run.trainee.model, centre);
  const { d1, d2, explained } = await planeOf(model, checkpoints, centre, view);
  const path = await projectRun(model, checkpoints, centre, d1, d2);
  signal.throwIfAborted();
  const range = view.plane === 'run' ? reachOf(path) : view.range;
  const problem: Problem = { model, d1, d2, data, loss };
  const evaluator = await engine.prepare(problem, signal);
  const count = Math.min(samples, data.samples);
  const axis = { from: -range, to: range, count: points };
  const sums = emptySums({ columns: axis, rows: axis });
  const caption = captionOf(path, explained, points, count, data.samples);
  const give = (): void => onPanel(panelOf(sums, path, `${run.trainee.title}, step ${step}`, caption), step);
  try {
    await fill(evaluator, sums, count, signal, give);
  } finally {
    evaluator.dispose();
  }
  give();
}

/** Calls `onLevel` once, when something is known of every point. */
async function fill(
  evaluator: Evaluator,
  sums: GridSums,
  samples: number,
  signal: AbortSignal,
  onLevel: () => void,
): Promise<void> {
  let told = false;
  await runLandscapes([lossJob(evaluator, sums, samples)], {
    signal,
    onProgress: ({ pointsKnown, pointsTotal }) => {
      if (told || pointsKnown < pointsTotal) return;
      told = true;
      onLevel();
    },
  });
}

async function planeOf(
  model: Model,
  run: Checkpoints,
  centre: Weights,
  { plane, recipe }: AroundView,
): Promise<RunPlane> {
  if (plane === 'random') return { ...randomPlane(model, recipe), explained: null };
  if (run.steps.length < 3) throw new TrajectoryError('the plane of a run begins with its third snapshot');
  return pcaPlane(model, run, 'centre', { centre, states: false });
}

function checkpointsOf({ snapshots }: Kept, places: readonly Place[]): Checkpoints {
  const named = (snapshot: Snapshot): Weights =>
    new Map(places.map((place) => [place.name, viewOf(snapshot, place)]));
  return {
    steps: snapshots.map(({ step }) => step),
    parameters: new Map(snapshots.map((snapshot) => [snapshot.step, named(snapshot)])),
  };
}

function withWeights(model: Model, weights: Weights): Model {
  const parameters = [...model.parameters.values()].map((parameter) => ({
    ...parameter,
    data: Float32Array.from(weights.get(parameter.name)!),
  }));
  return buildModel(model.name, model.shapes[0]!, model.nodes, parameters);
}

function panelOf(sums: GridSums, path: Trajectory, title: string, caption: string): Panel {
  const { columns, rows }: Grid = sums.grid;
  const offPlane = path.steps.map((_, k) => offPlaneShare(path, k));
  const overlay = runOverlay({ a: path.a, b: path.b, offPlane, values: null, head: path.steps.length - 1 });
  return {
    columns,
    rows,
    values: meanLoss(sums),
    computed: sums.samples.slice(),
    title,
    caption,
    marks: [{ kind: 'centre', a: 0, b: 0 }],
    overlays: [overlay],
  };
}

function captionOf(
  path: Trajectory,
  explained: RunPlane['explained'],
  points: number,
  samples: number,
  all: number,
): string {
  const grid = `${points} × ${points} points, ${samples === all ? `all ${all}` : `${samples} of ${all}`} samples`;
  const share = `run ${percent(pathOffPlane(path))} off the plane`;
  return explained === null
    ? `${grid}\n${share}`
    : `${grid}\n${share}\ncomponents explain ${explained.map(percent).join(' + ')}`;
}

/** For those who cannot see it. */
export function spokenPanel({ title, values }: Panel): string {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return `${title}: loss from ${formatNumber(low)} to ${formatNumber(high)}`;
}
