/** What `eval --run` adds: the run on the plane, step by step. */
import type { Engine, Evaluator, Problem } from '../engine/engine.js';
import type { NpzEntry } from '../io/npz.js';
import { modelAt, type ModelRun } from '../io/weights.js';
import type { Grid } from '../landscape/grid.js';
import type { Weights } from '../landscape/run-plane.js';
import {
  isMostlyOff,
  pathOffPlane,
  projectRun,
  reachOf,
  type Trajectory,
  trajectoryLosses,
} from '../landscape/trajectory.js';
import { note } from './output.js';

/** A run, and the step that the plane's centre is. */
export interface CentredRun {
  readonly run: ModelRun;
  readonly centre: Weights;
}

/** Points per side of a grid that is fitted to a path. */
const POINTS = 51;

export async function project({ run, centre }: CentredRun, { model, d1, d2 }: Problem): Promise<Trajectory> {
  const trajectory = await projectRun(model, run, centre, d1, d2);
  if (isMostlyOff(trajectory)) {
    const share = (100 * pathOffPlane(trajectory)).toFixed(1);
    note(
      `most of the run is off this plane: its steps are ${share} % of their distance away from it, so its losses are not the plane's`,
    );
  }
  return trajectory;
}

/** A square around the centre that holds the path. */
export function fittedGrid(trajectory: Trajectory): Grid {
  const reach = reachOf(trajectory);
  // A path that does not move on the plane.
  const half = reach > 0 ? reach : 1;
  const axis = { from: -half, to: half, count: POINTS };
  return { columns: axis, rows: axis };
}

/** Arrays for the npz, float64 [steps], and `explained` of a plane of components. */
export async function trajectoryArrays(
  trajectory: Trajectory,
  engine: Engine,
  evaluator: Evaluator,
  problem: Problem,
  { run }: CentredRun,
  explained: readonly [number, number] | null,
): Promise<NpzEntry[]> {
  const { steps, a, b, offPlane, distance } = trajectory;
  const { loss, planeLoss } = await trajectoryLosses(trajectory, {
    engine,
    evaluator,
    problem,
    modelAt: (step) => modelAt(problem.model, run, step),
  });
  const vector = (name: string, data: Float64Array): NpzEntry => [
    name,
    { dtype: '<f8', shape: [data.length], data },
  ];
  return [
    vector('run_steps', Float64Array.from(steps)),
    vector('run_a', a),
    vector('run_b', b),
    vector('run_off_plane', offPlane),
    vector('run_distance', distance),
    vector('run_loss', loss),
    vector('run_plane_loss', planeLoss),
    ...(explained === null ? [] : [vector('explained', Float64Array.from(explained))]),
  ];
}
