/** What a colour bar shows, and where it is. */
import type { Rect } from './geometry.js';
import type { Norm, ValueCounts } from './scale.js';

export interface ColorbarData {
  /** What the colours mean, with its unit: `loss`, `error (%)`. */
  readonly name: string;
  readonly norm: Norm;
  readonly table: Uint8Array;
  readonly counts: ValueCounts;
  /** Nothing is known yet and no limits are given: the bar keeps its room and shows no numbers. */
  readonly isEmpty?: boolean;
  /** Contour levels marked on the bar. */
  readonly levels?: readonly number[];
  /** Rounding in the values, marked as the piece of the scale that it takes at the low end; null keeps its room. */
  readonly noise?: number | null;
  /** Names of classes, which stand at the bar instead of numbers. */
  readonly classes?: readonly string[];
}

export interface ColorbarLayout {
  readonly orientation: 'vertical' | 'horizontal';
  /** The gradient, without the arrows. */
  readonly bar: Rect;
  /** Lengths of the arrows beyond the gradient's ends: above 0 where values are cut off. */
  readonly low: number;
  readonly high: number;
}
