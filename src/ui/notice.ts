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

/**
 * What to do where rounding drowns what is shown: float64 has more digits, unless it is there already, and differences
 * from the middle keep those of the loss at any depth.
 */
export function noiseNotice(
  id: number,
  text: string,
  { hasDelta, isExact }: { readonly hasDelta: boolean; readonly isExact: boolean },
): Notice {
  const delta = { label: 'Show Δ', patch: { show: 'delta', vmin: 'auto', vmax: 'auto' } } as const;
  const float64 = { label: 'Use float64', patch: { engine: 'reference' } } as const;
  const offers = [...(hasDelta ? [delta] : []), ...(isExact ? [] : [float64])];
  return { id, kind: 'warning', text, offers, ofView: true };
}
