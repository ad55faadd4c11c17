/**
 * A figure's options normalised once: limits, norms, tables, levels, counts.
 */
import type { ColorbarData } from './colorbar-data.js';
import { classTable, colormap, colormaps } from './colormaps.js';
import { automaticLevels, levelLabels } from './levels.js';
import { type MarkKind } from './marks.js';
import type { PanelView } from './panel.js';
import type { ColourScale, Figure, Panel } from './spec.js';
import { automaticLimits, countValues, makeNorm, type Limits, type Norm } from './scale.js';

/** A bar and the panels whose scale it shows. */
export interface ResolvedBar {
  readonly data: ColorbarData;
  readonly panels: readonly number[];
}

export interface ResolvedFigure {
  /** One for each panel. */
  readonly views: readonly PanelView[];
  /** The shared scale first; empty when no bar is asked for. */
  readonly bars: readonly ResolvedBar[];
  /** Kinds of marks that occur, in the order of the key. */
  readonly markKinds: readonly MarkKind[];
}

/** Norm of a scale over the panels that share it; given limits win, missing ends come from the data. */
export function resolveNorm(scale: ColourScale, panels: readonly Panel[]): Norm {
  if (scale.classes) return makeNorm({ kind: 'linear', min: -0.5, max: scale.classes.length - 0.5 });
  const { diverging } = colormaps.find(({ name }) => name === scale.map)!;
  const given = scale.limits ?? {};
  const found = automaticLimits(panels, scale.norm, { symmetric: diverging });
  return makeNorm({
    kind: scale.norm,
    ...withGiven(found, given, scale.norm),
    ...(scale.constant === undefined ? {} : { constant: scale.constant }),
  });
}

/** One end given beyond the data's other end: the missing one makes room instead of crossing it. */
function withGiven(found: Limits, given: Partial<Limits>, kind: ColourScale['norm']): Limits {
  const min = given.min ?? found.min;
  const max = given.max ?? found.max;
  if (min < max || (given.min !== undefined && given.max !== undefined)) return { min, max };
  const room = Math.abs(given.min ?? max) || 1;
  if (given.min !== undefined) return { min, max: kind === 'log' ? 10 * min : min + room };
  return { min: kind === 'log' ? max / 10 : max - room, max };
}

/** Throws RangeError when limits given do not fit the scale, or there is no panel. */
export function resolveFigure(figure: Figure): ResolvedFigure {
  if (figure.panels.length === 0) throw new RangeError('A figure needs at least one panel.');
  const groups = new Map<ColourScale, number[]>();
  figure.panels.forEach((panel, i) => {
    const scale = panel.scale ?? figure.scale;
    groups.set(scale, [...(groups.get(scale) ?? []), i]);
  });
  const views: PanelView[] = [];
  const bars: ResolvedBar[] = [];
  const { contours = {}, heatmap = true } = figure;
  for (const [scale, indices] of groups) {
    const panels = indices.map((i) => figure.panels[i]!);
    const norm = resolveNorm(scale, panels);
    const table = scale.classes ? classTable(scale.classes) : colormap(scale.map, scale.reversed);
    const levels =
      contours && !scale.classes ? [...(contours.levels ?? automaticLevels(norm, contours.count))] : [];
    const texts = levelLabels(norm, levels);
    const labels = new Map(levels.map((level, k) => [level, texts[k]!]));
    for (const i of indices) {
      views[i] = {
        norm,
        table,
        levels,
        labels: contours?.labels === false ? null : labels,
        heatmap,
        shading: scale.classes ? 'flat' : (figure.shading ?? 'smooth'),
        veil: figure.veil ?? true,
        crosshair: figure.crosshair ?? null,
        names: figure.axes ?? { a: 'α', b: 'β' },
      };
    }
    const counts = countValues(panels, norm);
    const isKnown = counts.computed > counts.nan + counts.infinite;
    const isGiven = scale.limits?.min !== undefined && scale.limits.max !== undefined;
    const isEmpty = !isKnown && !isGiven && !scale.classes;
    const classes = scale.classes?.map(({ name }) => name);
    const data = {
      name: scale.name,
      norm,
      table,
      levels,
      counts,
      isEmpty,
      ...(classes ? { classes } : {}),
      ...(scale.noise === undefined ? {} : { noise: scale.noise }),
    };
    bars.push({ panels: indices, data });
  }
  return {
    views,
    bars: figure.colorbar === false ? [] : bars,
    markKinds: figure.key === false ? [] : kindsOf(figure.panels),
  };
}

function kindsOf(panels: readonly Panel[]): MarkKind[] {
  const present = new Set(
    panels.flatMap(({ marks = [], overlays = [] }) => [...marks, ...overlays].map(({ kind }) => kind)),
  );
  return (['centre', 'minimum', 'run', 'downhill'] as const).filter((kind) => present.has(kind));
}
