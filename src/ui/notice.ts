/** What the page has to say at the top of the picture. */
import type { Patch } from '../state.js';

export interface Notice {
  readonly id: number;
  readonly kind: 'note' | 'warning' | 'error';
  readonly text: string;
  /** Changes of the settings that would help. */
  readonly offers?: readonly { readonly label: string; readonly patch: Patch }[];
  /** Said of the view on show alone: goes with it. */
  readonly ofView?: boolean;
}

/** What to do where rounding drowns the loss: differences keep their digits at any depth, and float64 has more of them. */
export function noiseNotice(id: number, text: string, isExact: boolean): Notice {
  const delta = { label: 'Show Δ', patch: { show: 'delta', vmin: 'auto', vmax: 'auto' } } as const;
  const float64 = { label: 'Use float64', patch: { engine: 'reference' } } as const;
  return { id, kind: 'warning', text, offers: isExact ? [delta] : [delta, float64], ofView: true };
}
