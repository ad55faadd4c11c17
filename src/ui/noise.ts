/** How much rounding there is in the plain pass of what a view shows, and the sentence that says so where it drowns the loss. */
import type { Evaluator } from '../engine/engine.js';
import type { Totals } from '../landscape/grid.js';
import { isDrowned, type NoiseFloor, noiseFloor } from '../landscape/noise-floor.js';
import { centreOf, halfWidth } from '../landscape/view.js';
import type { State } from '../state.js';
import { significant } from './numbers.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';
import type { PanelData } from './windows.js';

type Panels = Readonly<Record<Side, PanelData>>;

/** From this zoom on differences may take the plain pass's place: wider views are not equally loud all over. */
const FIRST_ZOOM = 3;
/** Points per side of a view from which an estimate is a small part of the work: it takes 40 points. */
const LEAST_SIZE = 13;

/** Whether the floor of a panel's view is wanted: beside losses, and where the lowest of them is marked. */
export function wantsFloor(state: State, side: Side): boolean {
  if (state.show === 'delta' || state.show === 'error') return false;
  return isClose(state, side) || state.size >= LEAST_SIZE;
}

/** Whether rounding may well be all that the plain pass would show: at minima it is, from about here on. */
export function isFarIn(state: State): boolean {
  return shownSides(state).some((side) => viewOf(state, side).zoom >= 10);
}

function isClose(state: State, side: Side): boolean {
  return viewOf(state, side).zoom >= FIRST_ZOOM;
}

/**
 * Measures the floors that are wanted and not known, those of close views or of the others; true when there was any.
 * `evaluators` and `floors` are by the sums of the panels' losses.
 */
export async function measureFloors(
  panels: Panels,
  evaluators: ReadonlyMap<Totals, Evaluator>,
  state: State,
  close: boolean,
  floors: WeakMap<Totals, NoiseFloor>,
  signal: AbortSignal,
): Promise<boolean> {
  let any = false;
  for (const side of shownSides(state)) {
    const { plane, sums } = panels[side];
    const evaluator = sums === null ? undefined : evaluators.get(sums);
    if (plane === null || sums === null || evaluator === undefined || floors.has(sums)) continue;
    if (!wantsFloor(state, side) || isClose(state, side) !== close) continue;
    const view = viewOf(state, side);
    const half = halfWidth(state, view.zoom);
    // Of a wide view its middle is looked at: losses at the rim may be a million times as large, and as loud.
    const window = { centre: centreOf(state, view), halfWidth: close ? half : half * 2 ** -FIRST_ZOOM };
    const samples = { first: 0, count: state.samples };
    const floor = await noiseFloor(plane.problem, evaluator, window, samples, signal);
    if (signal.aborted) return false;
    floors.set(sums, close ? floor : { ...floor, pass: 'plain' });
    any = true;
  }
  return any;
}

/** Whether the loss of a view is that of its centre and differences from it, because rounding is too loud for the plain pass. */
export function isDeep({ floor }: PanelData): boolean {
  return floor?.pass === 'delta';
}

/**
 * Standard deviation of the rounding in what a colour bar is for; null before it is known, undefined where there is none
 * to be shown.
 */
export function noiseOf(state: State, panels: Panels, shown: readonly Side[]): number | null | undefined {
  if (state.show !== 'loss') return undefined;
  const sides = shown.filter((side) => wantsFloor(state, side) && !isDeep(panels[side]));
  if (sides.length === 0) return undefined;
  const known = sides.flatMap((side) => panels[side].floor?.noise ?? []).filter(Number.isFinite);
  return known.length === 0 ? null : Math.max(...known);
}

/** One sentence when the loss varies by less than ten times its rounding in a panel's view, '' otherwise. */
export function noiseSentence(panels: Panels, state: State): string {
  if (state.show !== 'loss') return '';
  const found = shownSides(state).flatMap((side) => {
    const { floor } = panels[side];
    if (floor === null || !isClose(state, side) || !isDrowned(floor.range, floor.noise)) return [];
    const words = `${side}, by ${significant(floor.range, 2)}, rounding by ${significant(floor.noise, 2)}`;
    return [{ words, deep: isDeep(panels[side]) }];
  });
  if (found.length === 0) return '';
  const where = `the loss varies by less than ten times its noise floor in the plain pass: ${[...new Set(found.map(({ words }) => words))].join('; ')}`;
  return found.every(({ deep }) => deep)
    ? `Rounding would drown this picture, so it is the loss of the middle plus differences from it: ${where}.`
    : `Mostly rounding, not the loss, shows where ${where}.`;
}
