/** What the keyboard does on a map. */
import { type Extent, fitted, panned, type View, wholeView, zoomed } from '../landscape/view.js';
import type { State } from '../state.js';
import { viewOf } from './plane.js';
import type { Cursor } from './readout.js';
import type { Side } from './sides.js';

/** For the description of a map. */
export const MAP_KEYS =
  'Arrow keys move the crosshair, with Shift five points, and the view at its edge; plus and minus zoom about it. ' +
  'R and then Enter zoom into a rectangle, Home shows the whole range, Alt and left or right arrow go back and forward ' +
  'through the views, Escape takes the crosshair away.';

/** What a key asks for; parts that are missing stay as they are. */
export interface MapAction {
  readonly cursor?: Cursor | null;
  readonly view?: View;
  readonly travel?: 'back' | 'forward';
  /** First corner of a rectangle, null to give it up. */
  readonly corner?: Cursor | null;
}

/** How far the view moves when the crosshair is pushed against its edge: this share of its width. */
const PUSH = 0.25;

/** The action of a key on a panel whose crosshair is at `cursor`; null when the key means nothing here. */
export function mapAction(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>,
  state: State,
  side: Side,
  cursor: Cursor | null,
  corner: Cursor | null,
): MapAction | null {
  if (event.ctrlKey || event.metaKey) return null;
  const view = viewOf(state, side);
  const middle = (state.size - 1) / 2;
  const from = cursor ?? { column: middle, row: middle };
  const [right, up] = [from.column - middle, from.row - middle];
  if (event.altKey) {
    if (event.key === 'ArrowLeft') return { travel: 'back' };
    return event.key === 'ArrowRight' ? { travel: 'forward' } : null;
  }
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'ArrowUp':
    case 'ArrowDown': {
      const step = event.shiftKey ? 5 : 1;
      const columns = event.key === 'ArrowLeft' ? -step : event.key === 'ArrowRight' ? step : 0;
      const rows = event.key === 'ArrowDown' ? -step : event.key === 'ArrowUp' ? step : 0;
      return moved(state, view, from, columns, rows);
    }
    case '+':
    case '=':
      return { view: zoomed(state, view, 1, right, up) };
    case '-':
    case '−':
    case '_':
      return { view: zoomed(state, view, -1, right, up) };
    case 'Home':
      return { view: wholeView, cursor: { column: middle, row: middle }, corner: null };
    case 'r':
    case 'R':
      return { corner: from, cursor: from };
    case 'Enter':
      if (corner === null || (corner.column === from.column && corner.row === from.row)) return null;
      return { view: fitted(state, view, extentBetween(state, corner, from)), corner: null };
    case 'Escape':
      return corner === null ? { cursor: null } : { corner: null };
    default:
      return null;
  }
}

/** The rectangle between two grid points, in nodes from the middle. */
export function extentBetween({ size }: Pick<State, 'size'>, p: Cursor, q: Cursor): Extent {
  const middle = (size - 1) / 2;
  return {
    left: Math.min(p.column, q.column) - middle,
    right: Math.max(p.column, q.column) - middle,
    bottom: Math.min(p.row, q.row) - middle,
    top: Math.max(p.row, q.row) - middle,
  };
}

function moved(state: State, view: View, from: Cursor, columns: number, rows: number): MapAction {
  const last = state.size - 1;
  const isAtEdge = (at: number, step: number): boolean => (step < 0 ? at === 0 : step > 0 && at === last);
  if (isAtEdge(from.column, columns) || isAtEdge(from.row, rows)) {
    const push = Math.max(1, Math.round(PUSH * last));
    const [right, up] = [push * Math.sign(columns), push * Math.sign(rows)];
    // The crosshair stays on its point of the plane, which moves inwards.
    const cursor = { column: from.column - right, row: from.row - up };
    return { view: panned(state, view, right, up), cursor };
  }
  const clamp = (value: number): number => Math.min(last, Math.max(0, value));
  return { cursor: { column: clamp(from.column + columns), row: clamp(from.row + rows) } };
}
