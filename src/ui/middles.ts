/** Losses of the middles of close views in float64: what their differences are added to, which have many more digits. */
import type { Evaluator, Problem } from '../engine/engine.js';
import type { Totals } from '../landscape/grid.js';
import { centreOf } from '../landscape/view.js';
import type { State } from '../state.js';
import { isDeep } from './noise.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';
import type { PanelData } from './windows.js';

/**
 * Computes those that are wanted and not known, and keeps them by the sums of the losses; true when there was any. `exactly`
 * prepares a problem for float64. Rejects as it and the evaluators do.
 */
export async function measureMiddles(
  panels: Readonly<Record<Side, PanelData>>,
  state: State,
  exactly: (problem: Problem) => Promise<Evaluator>,
  middles: WeakMap<Totals, number>,
  signal: AbortSignal,
): Promise<boolean> {
  let any = false;
  for (const side of shownSides(state)) {
    const data = panels[side];
    const { plane, sums } = data;
    if (state.show !== 'loss' || plane === null || sums === null || !isDeep(data) || middles.has(sums))
      continue;
    const { a, b } = centreOf(state, viewOf(state, side));
    const point = { a: Float64Array.of(a), b: Float64Array.of(b) };
    const evaluator = await exactly(plane.problem);
    const { loss } = await evaluator.evaluate(point, { first: 0, count: state.samples }, signal);
    middles.set(sums, loss[0]! / state.samples);
    any = true;
  }
  return any;
}
