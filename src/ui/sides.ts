/** The two panels. */
import type { State } from '../state.js';

export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];

const left: readonly Side[] = ['left'];

/** The panels that are there, in their order. */
export function shownSides({ right }: Pick<State, 'right'>): readonly Side[] {
  return right === 'none' ? left : sides;
}
