/** Which passes a picture needs. */
import type { Passes, Precision } from '../engine/engine.js';
import type { State } from '../state.js';

export type PassName = 'loss' | 'difference' | 'gradient' | 'curvature';

/** What fills the map. */
export function shownPass({ show }: State): PassName {
  return show === 'delta' ? 'difference' : show === 'gradient' || show === 'curvature' ? show : 'loss';
}

/** What is to be computed: what fills the map, and the losses for read-outs and captions. */
export function passesOf(state: State): readonly PassName[] {
  return [...new Set([shownPass(state), 'loss' as const])];
}

/** The arithmetic in which an evaluator computes a pass. */
export function precisionOf(passes: Passes, pass: PassName): Precision {
  if (pass === 'loss') return passes.evaluate;
  return pass === 'difference' ? passes.differences : passes.derivatives;
}
