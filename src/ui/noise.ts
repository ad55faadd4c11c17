/** Whether the rounding of the plain pass drowns what a view shows, and the sentence that says so. */
import type { Evaluator } from '../engine/engine.js';
import type { Totals } from '../landscape/grid.js';
import { isDrowned, noiseFloor } from '../landscape/noise-floor.js';
import { centreOf, halfWidth } from '../landscape/view.js';
import type { State } from '../state.js';
import { significant } from './numbers.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';
import type { PanelData } from './windows.js';

/** Views from this zoom on are looked at: wider ones are not equally loud all over, and hardly ever that flat. */
const FIRST_ZOOM = 3;

/**
 * One sentence when the loss varies by less than ten times its rounding in a panel's view, '' otherwise and for every
 * other quantity: those have their digits at any depth. `evaluators` by the sums of the panels' losses.
 */
export async function noiseSentence(
  panels: Readonly<Record<Side, PanelData>>,
  evaluators: ReadonlyMap<Totals, Evaluator>,
  state: State,
  signal: AbortSignal,
): Promise<string> {
  if (state.show !== 'loss') return '';
  const found: string[] = [];
  const looked = new Set<Totals>();
  for (const side of shownSides(state)) {
    const { plane, sums } = panels[side];
    const view = viewOf(state, side);
    const evaluator = sums === null ? undefined : evaluators.get(sums);
    if (plane === null || sums === null || evaluator === undefined || looked.has(sums)) continue;
    looked.add(sums);
    if (view.zoom < FIRST_ZOOM) continue;
    const window = { centre: centreOf(state, view), halfWidth: halfWidth(state, view.zoom) };
    const samples = { first: 0, count: state.samples };
    const { range, noise } = await noiseFloor(plane.problem, evaluator, window, samples, signal);
    if (!isDrowned(range, noise)) continue;
    found.push(`${side}, it varies by ${significant(range, 2)}, rounding by ${significant(noise, 2)}`);
  }
  if (found.length === 0) return '';
  return `Mostly rounding, not the loss, shows where the loss varies by less than ten times its noise floor: ${found.join('; ')}.`;
}
