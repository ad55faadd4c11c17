/** From settings to a plane and a grid on it. */
import type { Direction, Problem } from '../engine/engine.js';
import { cosine, orthogonalise } from '../landscape/directions.js';
import type { Grid } from '../landscape/grid.js';
import { randomPlane } from '../landscape/plane.js';
import type { Dataset } from '../model/data.js';
import type { Model } from '../model/graph.js';
import type { State } from '../state.js';

export interface PanelPlane {
  readonly problem: Problem;
  /** Cosine of the angle between the two directions, as used. */
  readonly cosine: number;
  /** How many of the two directions are those of a file. */
  readonly given: number;
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
  return { problem, cosine: count === 0 ? drawn.cosine : cosine(d1, d2), given: count };
}

/** The square grid of the settings, centred on the trained network. */
export function makeGrid(state: State): Grid {
  const axis = { from: -state.range, to: state.range, count: state.size };
  return { columns: axis, rows: axis };
}
