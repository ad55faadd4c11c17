/** What is under the crosshair: the nearest grid point's coordinates, loss and accuracy in every panel. */
import { coordinates, standardError } from '../landscape/grid.js';
import { halfWidth } from '../landscape/view.js';
import type { State } from '../state.js';
import { coordinate, percent, significant } from './numbers.js';
import { makeGrid, viewOf } from './plane.js';
import { inWordsAt } from './quantity.js';
import type { PanelRun, StepFacts } from './runs/panel-run.js';
import type { PanelData } from './session.js';
import { shownSides, type Side } from './sides.js';

/** A grid point. */
export interface Cursor {
  readonly column: number;
  readonly row: number;
}

export interface Readout {
  readonly alpha: string;
  readonly beta: string;
  readonly panels: readonly PanelReadout[];
}

export interface PanelReadout {
  readonly title: string;
  readonly loss: string;
  readonly accuracy: string;
  /** What the map shows where it is neither: with its name. */
  readonly quantity?: string;
  /** Where panels move alone, the point of this one. */
  readonly point?: string;
  /** The step of a run that is drawn here, in words. */
  readonly step?: string;
}

/** The step of the panel's run that is drawn within one point of the grid from the cursor; null for none. */
export function stepUnder(cursor: Cursor, state: State, side: Side, run: PanelRun): number | null {
  const { columns, rows } = makeGrid(state, side);
  const [a, b] = [coordinates(columns)[cursor.column], coordinates(rows)[cursor.row]];
  if (a === undefined || b === undefined) return null;
  return run.stepNear({ a, b }, (2 * halfWidth(state, viewOf(state, side).zoom)) / (state.size - 1));
}

/**
 * Reads both panels at the cursor; `…` where a point is not computed yet, with its standard error while it
 * has only some of the samples.
 */
export function readAt(
  cursor: Cursor,
  state: State,
  panels: Readonly<Record<Side, PanelData>>,
  titles: Readonly<Record<Side, string>>,
): Readout {
  const pointOf = (side: Side): { alpha: string; beta: string } => {
    const grid = makeGrid(state, side);
    const half = halfWidth(state, viewOf(state, side).zoom);
    return {
      alpha: coordinate(coordinates(grid.columns)[cursor.column]!, half),
      beta: coordinate(coordinates(grid.rows)[cursor.row]!, half),
    };
  };
  return {
    ...pointOf('left'),
    panels: shownSides(state).map((side) => {
      const { sums, plane } = panels[side];
      const run = plane?.run ?? null;
      const title = titles[side];
      const { alpha, beta } = pointOf(side);
      const index = cursor.row * state.size + cursor.column;
      const words = inWordsAt(state, panels[side], index);
      const quantity = words === '' ? {} : { quantity: words };
      const point = state.lock || side === 'left' ? {} : { point: `α ${alpha} β ${beta}` };
      const near = run === null ? null : stepUnder(cursor, state, side, run);
      const step = run === null || near === null ? {} : { step: inWords(run.factsOf(near)) };
      const samples = sums?.samples[index] ?? 0;
      const besides = { ...quantity, ...point, ...step };
      if (sums === null || samples === 0) return { title, loss: '…', accuracy: '…', ...besides };
      const loss = withError(sums.loss[index]! / samples, standardError(sums, index, state.samples));
      const right = sums.correct[index]! / samples;
      // Of real targets, none is right or wrong.
      return { title, loss, accuracy: Number.isNaN(right) ? '' : percent(right), ...besides };
    }),
  };
}

function inWords({ step, loss, planeLoss, offPlane }: StepFacts): string {
  return `step ${step} of the run with true loss ${loss} beside the plane’s ${planeLoss}, off the plane by ${offPlane}`;
}

function withError(loss: number, error: number): string {
  return error > 0 ? `${significant(loss)} ± ${significant(error, 2)}` : significant(loss);
}

/** The same in one spoken sentence. */
export function spoken(readout: Readout): string {
  const parts = readout.panels.map(
    ({ title, loss, accuracy, quantity, point, step }) =>
      `${title}${point === undefined ? '' : ` at ${point}`}: loss ${loss}${accuracy && `, ${accuracy} right`}${quantity === undefined ? '' : `, ${quantity}`}${step === undefined ? '' : `, ${step}`}`,
  );
  return `α ${readout.alpha}, β ${readout.beta}. ${parts.join('. ')}.`;
}
