/** What is under the crosshair: the nearest grid point's coordinates, loss and accuracy in every panel. */
import { coordinates, standardError } from '../landscape/grid.js';
import { halfWidth } from '../landscape/view.js';
import type { State } from '../state.js';
import { coordinate, percent, significant } from './numbers.js';
import { makeGrid, viewOf } from './plane.js';
import { inWordsAt } from './quantity.js';
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
      const { sums } = panels[side];
      const title = titles[side];
      const { alpha, beta } = pointOf(side);
      const index = cursor.row * state.size + cursor.column;
      const words = inWordsAt(state, panels[side], index);
      const quantity = words === '' ? {} : { quantity: words };
      const point = state.lock || side === 'left' ? {} : { point: `α ${alpha} β ${beta}` };
      const samples = sums?.samples[index] ?? 0;
      if (sums === null || samples === 0) return { title, loss: '…', accuracy: '…', ...quantity, ...point };
      const loss = withError(sums.loss[index]! / samples, standardError(sums, index, state.samples));
      const right = sums.correct[index]! / samples;
      // Of real targets, none is right or wrong.
      return { title, loss, accuracy: Number.isNaN(right) ? '' : percent(right), ...quantity, ...point };
    }),
  };
}

function withError(loss: number, error: number): string {
  return error > 0 ? `${significant(loss)} ± ${significant(error, 2)}` : significant(loss);
}

/** The same in one spoken sentence. */
export function spoken(readout: Readout): string {
  const parts = readout.panels.map(
    ({ title, loss, accuracy, quantity, point }) =>
      `${title}${point === undefined ? '' : ` at ${point}`}: loss ${loss}${accuracy && `, ${accuracy} right`}${quantity === undefined ? '' : `, ${quantity}`}`,
  );
  return `α ${readout.alpha}, β ${readout.beta}. ${parts.join('. ')}.`;
}
