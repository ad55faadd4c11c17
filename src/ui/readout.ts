/** What is under the crosshair: the nearest grid point's coordinates, loss and accuracy in every panel. */
import { coordinates } from '../landscape/grid.js';
import type { State } from '../state.js';
import { coordinate, percent, significant } from './numbers.js';
import { makeGrid } from './plane.js';
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
  readonly panels: readonly { readonly title: string; readonly loss: string; readonly accuracy: string }[];
}

/** Reads both panels at the cursor; `…` where a point is not computed yet. */
export function readAt(
  cursor: Cursor,
  state: State,
  panels: Readonly<Record<Side, PanelData>>,
  titles: Readonly<Record<Side, string>>,
): Readout {
  const grid = makeGrid(state);
  const alpha = coordinates(grid.columns)[cursor.column]!;
  const beta = coordinates(grid.rows)[cursor.row]!;
  return {
    alpha: coordinate(alpha, state.range),
    beta: coordinate(beta, state.range),
    panels: shownSides(state).map((side) => {
      const { sums } = panels[side];
      const index = cursor.row * grid.columns.count + cursor.column;
      const samples = sums?.samples[index] ?? 0;
      if (sums === null || samples === 0) return { title: titles[side], loss: '…', accuracy: '…' };
      return {
        title: titles[side],
        loss: significant(sums.loss[index]! / samples),
        accuracy: percent(sums.correct[index]! / samples),
      };
    }),
  };
}

/** The same in one spoken sentence. */
export function spoken(readout: Readout): string {
  const parts = readout.panels.map((panel) => `${panel.title}: loss ${panel.loss}, ${panel.accuracy} right`);
  return `α ${readout.alpha}, β ${readout.beta}. ${parts.join('. ')}.`;
}
