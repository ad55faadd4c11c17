/** Windows of the planes on show: what each pass has computed of them, and of other windows of the same plane. */
import type { Evaluator } from '../engine/engine.js';
import { type Cost, runCost } from '../landscape/estimate.js';
import { type Axis, emptySums, type Grid, type GridSums, type Totals } from '../landscape/grid.js';
import {
  type CurvatureSums,
  derivativeJob,
  differenceJob,
  type DifferenceSums,
  emptyCurvature,
  emptyDifferences,
  emptyGradient,
  type GradientSums,
  lossJob,
} from '../landscape/passes.js';
import type { Floor, NoiseFloor } from '../landscape/noise-floor.js';
import type { LandscapeJob } from '../landscape/run.js';
import { Tiles } from '../landscape/tiles.js';
import { centreOf, gridOf } from '../landscape/view.js';
import { computed, field, same, type State, windowKeys } from '../state.js';
import { makeGrid, type PanelPlane, viewOf } from './plane.js';
import type { Makers } from './makers.js';
import { type PassName, passesOf, precisionOf } from './passes.js';
import { shownSides, type Side } from './sides.js';

/** What one pass knows of a panel: its window, and other windows of the same plane, closest first. */
export interface Window<T extends Totals> {
  readonly sums: T;
  readonly others: readonly T[];
}

/** What is known of one panel; passes that nobody asked for are null. */
export interface PanelData {
  readonly plane: PanelPlane | null;
  readonly sums: GridSums | null;
  /** Other windows of the same plane that were computed, closest first: what is shown where this one is empty. */
  readonly others: readonly GridSums[];
  readonly differences: Window<DifferenceSums> | null;
  /** The first derivatives, with the second ones where those are computed. */
  readonly gradient: Window<GradientSums> | null;
  readonly curvature: Window<CurvatureSums> | null;
  /** First derivatives for what needs no more than a coarse grid; the map's own where it shows them. */
  readonly slopes: GradientSums | null;
  /** The rounding of the plain pass here; null where it is not known. */
  readonly floor: NoiseFloor | null;
  /** That of the pass which fills the map where it is another one; null where it is not known. */
  readonly passFloor: Floor | null;
  /** The loss of the middle in float64; null where it is not known. */
  readonly middle: number | null;
}

export const nothing: PanelData = {
  plane: null,
  sums: null,
  others: [],
  differences: null,
  gradient: null,
  curvature: null,
  slopes: null,
  floor: null,
  passFloor: null,
  middle: null,
};

/** The sums that fill the map where they are not those of the plain pass: such passes are there for nothing else. */
export function mapSums({
  differences,
  gradient,
  curvature,
}: Pick<PanelData, 'differences' | 'gradient' | 'curvature'>): DifferenceSums | GradientSums | null {
  return (differences ?? gradient ?? curvature)?.sums ?? null;
}

/** Points per side of the grid of slopes: a seventeenth to a quarter of the work of a map of them. */
const SLOPES_SIZE = 25;

/** The view with fewer nodes, from edge to edge. */
function coarse({ columns, rows }: Grid): Grid {
  const axis = ({ from, to, count }: Axis): Axis => ({ from, to, count: Math.min(count, SLOPES_SIZE) });
  return { columns: axis(columns), rows: axis(rows) };
}

export class Windows {
  /** By the sums of losses. */
  readonly floors = new WeakMap<Totals, NoiseFloor>();
  /** By the sums of other passes. */
  readonly passFloors = new WeakMap<Totals, Floor>();
  /** Losses of the middles in float64, by the sums of losses. */
  readonly middles = new WeakMap<Totals, number>();
  readonly #losses = new Tiles(emptySums);
  readonly #differences = new Tiles(emptyDifferences);
  readonly #gradients = new Tiles(emptyGradient);
  readonly #curvatures = new Tiles(emptyCurvature);

  /** `family` names everything that the plane's numbers depend on; `isFilled` as for `Tiles.take`. */
  panelOf(plane: PanelPlane, family: string, state: State, side: Side, isFilled: boolean): PanelData {
    const grid = makeGrid(state, side);
    const passes = new Set(passesOf(state));
    const windowOf = <T extends Totals>(tiles: Tiles<T>, name: string, of = grid): Window<T> => {
      const sums = tiles.take(name, of, isFilled);
      return { sums, others: tiles.of(name).filter((other) => other !== sums) };
    };
    const { zoom, column, row } = viewOf(state, side);
    // Differences are from the middle: those of another middle are other numbers.
    const centred = `${family} around ${column}/${row} at ${zoom} of ${state.size}`;
    const gradient = passes.has('gradient') ? windowOf(this.#gradients, family) : null;
    const curvature = passes.has('curvature') ? windowOf(this.#curvatures, family) : null;
    const slopes = passes.has('slopes') ? windowOf(this.#gradients, family, coarse(grid)) : null;
    const losses = windowOf(this.#losses, family);
    const floor = this.floors.get(losses.sums) ?? null;
    const isDeep = floor?.pass === 'delta' && state.show === 'loss';
    const differences = passes.has('difference') || isDeep ? windowOf(this.#differences, centred) : null;
    const other = mapSums({ differences, gradient, curvature });
    return {
      plane,
      ...losses,
      floor,
      passFloor: (other && this.passFloors.get(other)) ?? null,
      middle: this.middles.get(losses.sums) ?? null,
      differences,
      gradient,
      curvature,
      slopes: (slopes ?? gradient ?? curvature)?.sums ?? null,
    };
  }
}

/** The job of a pass for a panel; null where it shows nothing. */
function jobOf(
  data: PanelData,
  pass: PassName,
  evaluator: Evaluator,
  state: State,
  side: Side,
): LandscapeJob | null {
  const { samples } = state;
  const { plane, sums, differences, gradient, curvature, slopes } = data;
  switch (pass) {
    case 'loss':
      return sums && plane && lossJob(evaluator, sums, samples, plane.problem.model);
    case 'gradient':
      return gradient && derivativeJob(evaluator, gradient.sums, samples);
    case 'curvature':
      return curvature && derivativeJob(evaluator, curvature.sums, samples);
    case 'slopes':
      return slopes && derivativeJob(evaluator, slopes, samples);
    case 'difference': {
      if (differences === null) return null;
      const view = viewOf(state, side);
      const offsets = gridOf(state, { zoom: view.zoom, column: 0, row: 0 });
      return differenceJob(evaluator, differences.sums, samples, centreOf(state, view), offsets);
    }
  }
}

/**
 * The jobs of every pass that the settings need, what fills the maps first; `evaluators` by the sums of the panels'
 * losses. Two panels that show the same plane have one job. `makers` names the evaluators.
 */
export function jobsOf(
  panels: Readonly<Record<Side, PanelData>>,
  evaluators: ReadonlyMap<Totals, Evaluator>,
  state: State,
  makers: Makers,
): LandscapeJob[] {
  const jobs = new Map<Totals, LandscapeJob>();
  // Differences stand in for losses where those are drowned.
  for (const pass of new Set<PassName>([...passesOf(state), 'difference'])) {
    for (const side of shownSides(state)) {
      const data = panels[side];
      const evaluator = data.sums === null ? undefined : evaluators.get(data.sums);
      const job = evaluator === undefined ? null : jobOf(data, pass, evaluator, state, side);
      if (job === null || jobs.has(job.sums)) continue;
      const maker = makers.bit(evaluator!.info, precisionOf(evaluator!.passes, pass));
      jobs.set(job.sums, { ...job, maker });
    }
  }
  return [...jobs.values()];
}

/** What the losses of all panels cost. */
export function costOf(panels: Readonly<Record<Side, PanelData>>, state: State, copies: number): Cost {
  const shown = shownSides(state).map((side) => panels[side]);
  // Two panels that show the same plane are computed once.
  const own = new Map(shown.map(({ plane, sums }) => [sums, plane!.problem]));
  return runCost([...own.values()], state, copies);
}

/** Names everything that a panel's numbers depend on but where they are. */
export function familyOf(state: State, side: Side): string {
  const parts = [...computed].filter((key) => key !== 'left' && key !== 'right' && !windowKeys.has(key));
  return [state[side], ...parts.map((part) => field(part).format(state[part]))].join(' ');
}

/** Whether what was made for one state is what another one asks for, by whichever engine. */
export function isMadeFor(state: State, made: State | null): boolean {
  return made !== null && [...computed].every((key) => key === 'engine' || same(key, made, state));
}

/** Whether one state's planes are another one's: they differ in the window alone. */
export function isPlaneOf(state: State, made: State | null): boolean {
  return (
    made !== null &&
    [...computed].every((key) => key === 'engine' || windowKeys.has(key) || same(key, made, state))
  );
}
