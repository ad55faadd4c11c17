/** From settings to a plane and a grid on it. */
import type { Direction, Problem } from '../engine/engine.js';
import { cosine, orthogonalise } from '../landscape/directions.js';
import type { Grid } from '../landscape/grid.js';
import { randomPlane } from '../landscape/plane.js';
import type { Dataset } from '../model/data.js';
import type { Model } from '../model/graph.js';
import { centreOf, gridOf, type View, viewAt } from '../landscape/view.js';
import type { Patch, State } from '../state.js';
import type { PanelRun } from './runs/panel-run.js';
import type { Side } from './sides.js';

export interface PanelPlane {
  readonly problem: Problem;
  /** Cosine of the angle between the two directions, as used. */
  readonly cosine: number;
  /** How many of the two directions are those of a file, or of the run. */
  readonly given: number;
  /** The run that the network is a step of, projected on this plane; null for one that is of no run. */
  readonly run: PanelRun | null;
}

/** A cosine above this makes a picture that is visibly skewed, and the page says so. */
export const SKEWED_COSINE = 0.2;

/**
 * Draws both directions of the settings' seed and normalises them for this network. A direction that is
 * given is taken as it is, unless the settings want d2 orthogonal to d1.
 */
export function makePlane(
  model: Model,
  data: Dataset,
  state: State,
  given: { readonly d1?: Direction; readonly d2?: Direction } = {},
): PanelPlane {
  const orthogonal = state.orthogonal === 'gram-schmidt';
  const recipe = { seed: state.seed, normalise: state.norm, bias: state.bias, states: false } as const;
  const count = (given.d1 ? 1 : 0) + (given.d2 ? 1 : 0);
  const drawn = randomPlane(model, { ...recipe, orthogonal: orthogonal && count === 0 });
  const d1 = given.d1 ?? drawn.d1;
  const second = given.d2 ?? drawn.d2;
  const d2 = orthogonal && count > 0 ? orthogonalise(model, d1, second, recipe) : second;
  const problem = { model, d1, d2, data, loss: state.loss };
  return { problem, cosine: count === 0 ? drawn.cosine : cosine(d1, d2), given: count, run: null };
}

/** The window that a panel shows; snapped to the lattice of the settings' range and points. */
export function viewOf(state: State, side: Side): View {
  return state.lock || side === 'left'
    ? viewAt(state, state.zoom, state.at)
    : viewAt(state, state.rightZoom, state.rightAt);
}

/** The settings that show `view` in this panel, and in both where they move together. */
export function viewPatch(state: State, side: Side, view: View): Patch {
  const at = centreOf(state, view);
  return state.lock || side === 'left' ? { zoom: view.zoom, at } : { rightZoom: view.zoom, rightAt: at };
}

/** The square grid of the settings, around the middle of the panel's view. */
export function makeGrid(state: State, side: Side = 'left'): Grid {
  return gridOf(state, viewOf(state, side));
}
