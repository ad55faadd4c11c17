/** What the buttons of the navigation do to the settings. */
import { zoomed } from '../landscape/view.js';
import { initialState, type Patch, type State } from '../state.js';
import { viewOf, viewPatch } from './plane.js';

export type Navigate = 'in' | 'out' | 'whole' | 'frame' | 'back' | 'forward';

/** Both panels twice as close or far, each about its own middle, or the whole range. */
export function navigated(state: State, to: 'in' | 'out' | 'whole'): Patch {
  if (to === 'whole') {
    const { zoom, at, rightZoom, rightAt } = initialState;
    return { zoom, at, rightZoom, rightAt };
  }
  const closer = (side: 'left' | 'right'): Patch =>
    viewPatch(state, side, zoomed(state, viewOf(state, side), to === 'in' ? 1 : -1));
  return state.lock ? closer('left') : { ...closer('left'), ...closer('right') };
}
