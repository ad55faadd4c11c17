/**
 * What a picture shows: plain data, without a canvas.
 */
import type { AxisNames } from './axes.js';
import type { ColormapName, Rgb } from './colormaps.js';
import type { ContourLine } from './contours.js';
import type { PlanePoint, PlotAxis } from './geometry.js';
import type { Context2D } from './heatmap.js';
import type { Mark, MarkKind } from './marks.js';
import type { GridValues, Limits, NormKind } from './scale.js';
import type { Style } from './theme.js';

/**
 * Where a point of the plane is in the picture: on the surface where there is one, or at the height of `value`. Null
 * where the panel does not reach or knows no height.
 */
export type Locate = (point: PlanePoint, value?: number) => Spot | null;

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Whether a surface stands in front of it. */
  readonly hidden?: boolean;
}

/** Drawn over the values, below the frame; its code comes with it, so that panels without need none. */
export interface Overlay {
  (ctx: Context2D, locate: Locate, style: Style): void;
  /** What the key below the figure explains it by; nothing is said of one without. */
  readonly kind?: MarkKind;
}

/** One of a few kinds that a point can be of. */
export interface ValueClass {
  readonly name: string;
  readonly colour: Rgb;
}

/** How values become colours. Norm, limits and map are independent of each other. */
export interface ColourScale {
  /** What the values are: `loss`, `error (%)`. */
  readonly name: string;
  readonly map: ColormapName;
  readonly reversed?: boolean;
  readonly norm: NormKind;
  /** A missing end is found from the data; on a diverging map automatic limits are symmetric about zero. */
  readonly limits?: Partial<Limits>;
  /** symlog only (scale.ts). */
  readonly constant?: number;
  /** Standard deviation of the rounding in the values; null keeps its room until it is known. */
  readonly noise?: number | null;
  /** Values are numbers of these, 0 first, instead of places on a scale; cells are flat and have no contours. */
  readonly classes?: readonly ValueClass[];
}

export interface Panel extends GridValues {
  /** Index = row · columns.count + column; rows along β, upward. */
  readonly values: Float64Array;
  readonly columns: PlotAxis;
  readonly rows: PlotAxis;
  /** 1 where a value is not this point's own but stands in for it; drawn under the veil. */
  readonly borrowed?: ArrayLike<number>;
  readonly title?: string;
  /** Below the panel; lines are separated by `\n`. */
  readonly caption?: string;
  readonly marks?: readonly Mark[];
  /** Under the marks. */
  readonly overlays?: readonly Overlay[];
  /** Lines traced beforehand (`traceContours`); without them they are traced when drawn. */
  readonly contourLines?: readonly ContourLine[];
  /** A scale of its own, with its own bar; without it the panel shares the figure's. */
  readonly scale?: ColourScale;
}

export interface ContourOptions {
  /** Chosen levels; without them they are round numbers, about `count`. */
  readonly levels?: readonly number[];
  /** Default 14. */
  readonly count?: number;
  /** Default true. */
  readonly labels?: boolean;
}

export interface Figure {
  readonly panels: readonly Panel[];
  /** Shared by all panels that have none of their own. */
  readonly scale: ColourScale;
  readonly title?: string;
  /** Small print at the bottom. */
  readonly footer?: string;
  /** Default: α, β. */
  readonly axes?: AxisNames;
  /** Default true. */
  readonly heatmap?: boolean;
  /** See heatmap.ts. Default smooth. */
  readonly shading?: 'flat' | 'smooth';
  /** Tint points that are not computed yet. Default true. */
  readonly veil?: boolean;
  /** null draws none. Default: automatic levels with labels. */
  readonly contours?: ContourOptions | null;
  readonly crosshair?: PlanePoint | null;
  /** Default true. */
  readonly colorbar?: boolean;
  /** Explain the marks at the bottom. Default true. */
  readonly key?: boolean;
  /** Side by side, or one above the other. Default: whichever gives larger panels. */
  readonly arrangement?: 'row' | 'column' | 'auto';
  /** Size of body text in picture units. Default: grows with the figure. */
  readonly em?: number;
}
