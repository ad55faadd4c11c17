/** From settings to a plane and a grid on it. */
import type { Problem } from '../engine/engine.js';
import type { Grid } from '../landscape/grid.js';
import { randomPlane } from '../landscape/plane.js';
import type { Dataset } from '../model/data.js';
import type { Model } from '../model/graph.js';
import type { State } from '../state.js';

export interface PanelPlane {
  readonly problem: Problem;
  /** Cosine of the angle between the two directions, as used. */
  readonly cosine: number;
}

/** A cosine above this makes a picture that is visibly skewed, and the page says so. */
export const SKEWED_COSINE = 0.2;

/** Draws both directions of the settings' seed and normalises them for this network. */
export function makePlane(model: Model, data: Dataset, state: State): PanelPlane {
  const { d1, d2, cosine } = randomPlane(model, {
    seed: state.seed,
    normalise: state.norm,
    bias: state.bias,
    states: false,
    orthogonal: state.orthogonal === 'gram-schmidt',
  });
  return { problem: { model, d1, d2, data, loss: state.loss }, cosine };
}

/** The square grid of the settings, centred on the trained network. */
export function makeGrid(state: State): Grid {
  const axis = { from: -state.range, to: state.range, count: state.size };
  return { columns: axis, rows: axis };
}
