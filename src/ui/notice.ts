/** What the page has to say at the top of the picture. */
import type { Patch } from '../state.js';

export interface Notice {
  readonly id: number;
  readonly kind: 'note' | 'warning' | 'error';
  readonly text: string;
  /** A change of the settings that would help. */
  readonly offer?: { readonly label: string; readonly patch: Patch };
  /** Said of the view on show alone: goes with it. */
  readonly ofView?: boolean;
}

/** What to do where rounding drowns the loss: differences keep their digits at any depth. */
export function noiseNotice(id: number, text: string): Notice {
  const offer = { label: 'Show Δ', patch: { show: 'delta', vmin: 'auto', vmax: 'auto' } } as const;
  return { id, kind: 'warning', text, offer, ofView: true };
}
