/** How much rounding there is in what a view shows, and the sentence that says so where it drowns it. */
import type { Evaluator } from '../engine/engine.js';
import type { Totals } from '../landscape/grid.js';
import {
  derivativeFloor,
  differenceFloor,
  evenHalfWidth,
  type Floor,
  isDrowned,
  LEAST_SIGNAL,
  type NoiseFloor,
  noiseFloor,
} from '../landscape/noise-floor.js';
import { centreOf, halfWidth } from '../landscape/view.js';
import type { State } from '../state.js';
import { significant } from './numbers.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';
import { mapSums, type PanelData } from './windows.js';

type Panels = Readonly<Record<Side, PanelData>>;

/** From this zoom on differences may take the plain pass's place: wider views are not equally loud all over. */
const FIRST_ZOOM = 3;
/** Points per side of a view from which an estimate is a small part of the work: it takes 40 points. */
const LEAST_SIZE = 13;

/** Whether the floor of a panel's view is wanted. */
function wantsFloor(state: State, side: Side): boolean {
  return isClose(state, side) || state.size >= LEAST_SIZE;
}

/** Whether that of the plain pass is: beside losses, and where the lowest of them is marked. */
function wantsPlain({ show }: State): boolean {
  return show !== 'delta' && show !== 'error';
}

/** Whether rounding may well be all that the plain pass would show: at minima it is, from about here on. */
export function isFarIn(state: State): boolean {
  return shownSides(state).some((side) => viewOf(state, side).zoom >= 10);
}

function isClose(state: State, side: Side): boolean {
  return viewOf(state, side).zoom >= FIRST_ZOOM;
}

/** What is known of rounding, by the sums of the losses and by those of other passes. */
export interface Floors {
  readonly floors: WeakMap<Totals, NoiseFloor>;
  readonly passFloors: WeakMap<Totals, Floor>;
}

/**
 * Measures the floors that are wanted and not known, those of close views or of the others; true when there was any.
 * `evaluators` is by the sums of the panels' losses.
 */
export async function measureFloors(
  panels: Panels,
  evaluators: ReadonlyMap<Totals, Evaluator>,
  state: State,
  close: boolean,
  { floors, passFloors }: Floors,
  signal: AbortSignal,
): Promise<boolean> {
  let any = false;
  for (const side of shownSides(state)) {
    const { plane, sums } = panels[side];
    const evaluator = sums === null ? undefined : evaluators.get(sums);
    if (plane === null || sums === null || evaluator === undefined) continue;
    if (!wantsFloor(state, side) || isClose(state, side) !== close) continue;
    const view = viewOf(state, side);
    const half = halfWidth(state, view.zoom);
    // Of a wide view its middle is looked at: losses at the rim may be a million times as large, and as loud.
    const even = evenHalfWidth(plane.problem);
    const isEven = close && half <= even;
    const window = {
      centre: centreOf(state, view),
      halfWidth: isEven ? half : Math.min(half * 2 ** -FIRST_ZOOM, even),
    };
    const samples = { first: 0, count: state.samples };
    if (wantsPlain(state) && !floors.has(sums)) {
      const floor = await noiseFloor(plane.problem, evaluator, window, samples, signal);
      if (signal.aborted) return false;
      floors.set(sums, isEven ? floor : { ...floor, pass: 'plain' });
      any = true;
    }
    const other = mapSums(panels[side]);
    if (other !== null && !passFloors.has(other)) {
      const floor =
        'delta' in other
          ? await differenceFloor(evaluator, window, samples, signal)
          : await derivativeFloor(plane.problem, evaluator, window, samples, 'aa' in other ? 2 : 1, signal);
      if (signal.aborted) return false;
      passFloors.set(other, floor);
      any = true;
    }
  }
  return any;
}

/** Rounding of a loss in float64, as a share of it: of sums over samples and inputs, a few units of the last place. */
const EXACT = 2 ** -50;

/** The floor of what fills the map: of losses that are differences, with that of the middle, to which they are added. */
function shownFloor({ show }: State, { floor, passFloor, middle }: PanelData): Floor | null {
  if (show !== 'loss') return passFloor;
  if (floor?.pass !== 'delta' || middle === null || passFloor === null) return floor;
  return { ...passFloor, noise: Math.max(passFloor.noise, EXACT * Math.abs(middle)) };
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
  if (state.show === 'error' || state.show === 'curvature') return undefined;
  const sides = shown.filter((side) => wantsFloor(state, side));
  if (sides.length === 0) return undefined;
  const known = sides
    .flatMap((side) => shownFloor(state, panels[side])?.noise ?? [])
    .filter((noise) => Number.isFinite(noise));
  return known.length === 0 ? null : Math.max(...known);
}

/** |eigenvalue| up to which rounding may have made its sign; 0 where it is not known. */
export function roundedCurvature({ passFloor }: PanelData): number {
  const noise = passFloor?.noise ?? 0;
  return Number.isFinite(noise) ? LEAST_SIGNAL * noise : 0;
}

/** Up to so many times its rounding, what was found to vary may be rounding itself. */
const RANDOM = 4;

function varied({ range, noise }: Floor): string {
  const isSeen = range > RANDOM * noise;
  return isSeen ? `by ${significant(range, 2)}` : `by less than ${significant(RANDOM * noise, 2)}`;
}

/** The close views in which what is shown varies by less than ten times its rounding, with that of the pass in question. */
function drownedOf(panels: Panels, state: State): { readonly side: Side; readonly floor: Floor }[] {
  const { show } = state;
  return shownSides(state).flatMap((side) => {
    const { floor: plain, passFloor } = panels[side];
    const floor = show === 'error' ? null : show === 'loss' ? plain : passFloor;
    return floor === null || !isClose(state, side) || !isDrowned(floor) ? [] : [{ side, floor }];
  });
}

/** Whether differences have taken the losses' place wherever rounding would drown them. */
export function isRescued(panels: Panels, state: State): boolean {
  return state.show === 'loss' && drownedOf(panels, state).every(({ side }) => isDeep(panels[side]));
}

/** One sentence when what is shown varies by less than ten times its rounding in a panel's view, '' otherwise. */
export function noiseSentence(panels: Panels, state: State): string {
  const { show } = state;
  const isOne = shownSides(state).length === 1;
  const found = drownedOf(panels, state).map(
    ({ side, floor }) =>
      `${isOne ? '' : `${side}, `}${varied(floor)}, rounding by ${significant(floor.noise, 2)}`,
  );
  if (found.length === 0) return '';
  const where = [...new Set(found)].join('; ');
  if (show === 'curvature')
    return `The curvature is lost in rounding, so that all of it counts as flat, where the largest |λ| differs from 0 by less than ten times its noise floor: ${where}.`;
  if (show !== 'loss')
    return `Mostly rounding, not ${show === 'delta' ? 'Δ' : 'the gradient'}, shows where ${show === 'delta' ? 'it' : '‖∇L‖'} varies by less than ten times its noise floor: ${where}.`;
  const drowned = `the loss varies by less than ten times its noise floor in the plain pass: ${where}`;
  return isRescued(panels, state)
    ? `Rounding would drown this picture, so it is the loss of the middle plus differences from it: ${drowned}.`
    : `Mostly rounding, not the loss, shows where ${drowned}.`;
}
