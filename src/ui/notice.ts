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
 * from the middle keep those of the loss at any depth. Where two panels share a scale that is wide beside what either shows,
 * each is a flat colour: scales of their own show it.
 */
export function noiseNotice(
  id: number,
  text: string,
  {
    hasDelta,
    isExact,
    isFlat,
  }: { readonly hasDelta: boolean; readonly isExact: boolean; readonly isFlat: boolean },
): Notice {
  const delta = { label: 'Show Δ', patch: { show: 'delta', vmin: 'auto', vmax: 'auto' } } as const;
  const float64 = { label: 'Use float64', patch: { engine: 'reference' } } as const;
  const own = { label: 'Separate scales', patch: { shared: false } } as const;
  const offers = [...(isFlat ? [own] : []), ...(hasDelta ? [delta] : []), ...(isExact ? [] : [float64])];
  return { id, kind: 'warning', text, offers, ofView: true };
}
