/** From settings to a plane: which directions a network gets, and how parallel they are. */
import type { Direction, Problem } from '../engine/engine.js';
import { cosine, drawDirection, orthogonalise } from '../landscape/directions.js';
import type { Grid } from '../landscape/grid.js';
import type { Dataset } from '../model/data.js';
import type { Model } from '../model/graph.js';
import type { State } from '../state.js';

export interface Plane {
  readonly problem: Problem;
  /** Cosine of the angle between the two directions, as used. */
  readonly cosine: number;
}

/** Above this the two axes tell nearly the same story, and the page says so. */
export const HIGH_COSINE = 0.2;

/** Draws both directions of the settings' seed and normalises them for this network. */
export function makePlane(model: Model, data: Dataset, state: State): Plane {
  const options = { seed: state.seed, normalise: state.norm, bias: state.bias } as const;
  const d1: Direction = drawDirection(model, { ...options, index: 0 });
  const drawn: Direction = drawDirection(model, { ...options, index: 1 });
  const d2 = state.orthogonal === 'gram-schmidt' ? orthogonalise(model, d1, drawn, options) : drawn;
  return { problem: { model, d1, d2, data, loss: state.loss }, cosine: cosine(d1, d2) };
}

/** The square grid of the settings, centred on the trained network. */
export function makeGrid(state: State): Grid {
  const axis = { from: -state.range, to: state.range, count: state.size };
  return { columns: axis, rows: axis };
}
