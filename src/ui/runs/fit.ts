/** The range that goes with a change of plane: a run's has the length of the run. */
import { LEAST_ZOOM } from '../../landscape/view.js';
import { initialState, type Patch, type State } from '../../state.js';
import { isRunPlane } from '../../state-runs.js';
import type { PanelPlane } from '../plane.js';
import { shownSides, type Side } from '../sides.js';

const whole = {
  zoom: 0,
  at: { a: 0, b: 0 },
  rightZoom: 0,
  rightAt: { a: 0, b: 0 },
  lock: initialState.lock,
} as const;

/**
 * What to set besides `asked` so that the path on these planes is seen; nothing where it asks for no other plane. A
 * network without a run keeps about its usual range, and its panel then moves alone.
 */
export function fitted(
  asked: Patch,
  state: State,
  planes: Partial<Readonly<Record<Side, PanelPlane | null>>> = {},
): Patch {
  const next = { ...state, ...asked };
  if (!isRunPlane(next)) return isRunPlane(state) ? { range: initialState.range, ...whole } : {};
  const moves = ['plane', 'through', 'left', 'right'].some((key) => key in asked);
  const reach = Math.max(...Object.values(planes).map((plane) => plane?.run?.reach ?? 0));
  if (!moves || !(reach > 0)) return {};
  const range = Number(reach.toPrecision(2));
  const drawn = shownSides(next).filter((side) => !planes[side]?.run);
  const zoom = Math.max(LEAST_ZOOM, Math.round(Math.log2(range / initialState.range)));
  return {
    range,
    ...whole,
    ...(drawn.length === 0 ? {} : { lock: false, [drawn[0] === 'left' ? 'zoom' : 'rightZoom']: zoom }),
  };
}
