/** A size to begin with that is soon done here. */
import type { Patch } from '../state.js';
import { duration } from './numbers.js';
import type { Session } from './session.js';

/** What a demo that would take long here begins with instead, and the sentence that says so; null when it need not. */
export function smallerBeginning({ estimate, state }: Session): { patch: Patch; sentence: string } | null {
  const offer = estimate?.smaller[0];
  if (!estimate || offer === undefined) return null;
  const { size, samples } = offer;
  const fewer = samples === state.samples ? '' : ` and ${samples} samples`;
  return {
    patch: { size, samples },
    sentence: `${state.size} × ${state.size} points would take ${duration(estimate.seconds)} here, so it begins with ${size} × ${size}${fewer}.`,
  };
}
