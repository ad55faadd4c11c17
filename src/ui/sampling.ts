/** What a subset of the samples leaves open, measured on the scale that is shown. */
import { accuracyError, type GridSums, standardError, type Totals } from '../landscape/grid.js';
import { resolveNorm } from '../plot/resolve.js';
import type { Norm } from '../plot/scale.js';
import type { Figure } from '../plot/spec.js';
import type { State } from '../state.js';
import { valuesOf } from './quantity.js';
import type { PanelData } from './session.js';
import { shownSides, type Side } from './sides.js';

/** Steps of a colour scale: an error below one cannot be seen. */
const COLOURS = 256;
/** Points of a grid that are looked at for the largest error: all of a usual one. */
const LOOKED_AT = 10_000;

/** How far the pictures are: by the points that know least. */
export interface Sampling {
  /** The fewest samples behind any point; 0 while there are points without. */
  readonly samples: number;
  readonly of: number;
  /** The largest standard error as a share of the colour scale; NaN before any is known, null where none can be. */
  readonly error: number | null;
}

type Panels = Readonly<Record<Side, PanelData>>;

/** Standard error of a point as a share of the scale, upward: on a logarithm's scale the one that can be drawn. */
function errorOnScale(state: State, norm: Norm, sums: GridSums, index: number): number {
  const samples = sums.samples[index]!;
  if (state.show === 'error') {
    const wrong = 100 * (1 - sums.correct[index]! / samples);
    return norm.unit(wrong + 100 * accuracyError(sums, index, state.samples)) - norm.unit(wrong);
  }
  const loss = sums.loss[index]! / samples;
  return norm.unit(loss + standardError(sums, index, state.samples)) - norm.unit(loss);
}

/** The scale of every grid on show. */
function normsOf(state: State, figure: Figure, panels: Panels): Map<GridSums, Norm> {
  const norms = new Map<GridSums, Norm>();
  const shared = figure.panels.filter((panel) => panel.scale === undefined);
  shownSides(state).forEach((side, i) => {
    const { sums } = panels[side];
    const panel = figure.panels[i]!;
    if (sums === null) return;
    norms.set(sums, panel.scale ? resolveNorm(panel.scale, [panel]) : resolveNorm(figure.scale, shared));
  });
  return norms;
}

/** Whether a point's error bar is too small for its colour to change; such points need no haste. */
export function unseenErrors(
  state: State,
  figure: Figure,
  panels: Panels,
): (sums: Totals, index: number) => boolean {
  if (!hasErrors(state)) return () => false;
  let norms: Map<GridSums, Norm> | null = null;
  return (sums, index) => {
    const norm = (norms ??= normsOf(state, figure, panels)).get(sums as GridSums);
    return norm !== undefined && errorOnScale(state, norm, sums as GridSums, index) < 1 / COLOURS;
  };
}

/** Whether the spread among the samples is known: of losses and of errors. */
function hasErrors({ show }: State): boolean {
  return show === 'loss' || show === 'error';
}

/** Null when nothing is there, or everything. */
export function samplingOf(state: State, figure: Figure, panels: Panels): Sampling | null {
  const grids = new Set(shownSides(state).flatMap((side) => valuesOf(state, panels[side])?.own ?? []));
  const of = state.samples;
  let least = of;
  let any = false;
  for (const { samples } of grids) {
    for (const known of samples) {
      if (known < least) least = known;
      if (known > 0) any = true;
    }
  }
  if (!any || least === of) return null;
  if (!hasErrors(state)) return { samples: least, of, error: null };
  if (least === 0) return { samples: 0, of, error: NaN };
  let error = 0;
  for (const [sums, norm] of normsOf(state, figure, panels)) {
    const stride = Math.ceil(sums.samples.length / LOOKED_AT);
    for (let i = 0; i < sums.samples.length; i += stride) {
      const own = errorOnScale(state, norm, sums, i);
      // Losses that are not finite have no error bar.
      if (own > error && own < Infinity) error = own;
    }
  }
  return { samples: least, of, error };
}
