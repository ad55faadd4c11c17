import type { PlanePoint } from '../../src/plot/geometry.js';
import type { PanelPainter } from '../../src/plot/panel.js';
import type { Figure, Panel } from '../../src/plot/spec.js';
import type { ThemeName } from '../../src/plot/theme.js';

/** A named example: what is drawn, how large, and in which theme. */
export interface Picture {
  readonly figure: Figure;
  readonly width: number;
  readonly height: number;
  readonly theme: ThemeName;
  /** Places of the first panel where a contour must and must not be. */
  readonly lines?: { readonly on: readonly PlanePoint[]; readonly off: readonly PlanePoint[] };
  /** The same of what its overlays draw. */
  readonly paths?: { readonly on: readonly PlanePoint[]; readonly off: readonly PlanePoint[] };
  /** Draws the panels instead of the map; nodes are then not where a map has them. */
  readonly paint?: PanelPainter;
  /** Behind the picture on the gallery page, where the theme is transparent. */
  readonly behind?: string;
}

/** The common case: 1120 × 640, light. */
export function picture(figure: Figure, options: Partial<Omit<Picture, 'figure'>> = {}): Picture {
  return { figure, width: 1120, height: 640, theme: 'light', ...options };
}

/** A panel over a square range, from a function of (α, β). */
export function panelOf(
  count: number,
  range: number,
  value: (a: number, b: number) => number,
  extra: Partial<Panel> = {},
): Panel {
  const axis = { from: -range, to: range, count };
  const at = (i: number): number => (2 * range * i) / (count - 1) - range;
  const values = Float64Array.from({ length: count * count }, (_, i) =>
    value(at(i % count), at(Math.floor(i / count))),
  );
  return { columns: axis, rows: axis, values, ...extra };
}
