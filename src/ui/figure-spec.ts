/**
 * From settings and what is computed to the figure that is drawn. Screen and export both start here.
 */
import { accuracy, coordinates, meanLoss, type GridSums } from '../landscape/grid.js';
import { formatFixed, formatNumber } from '../plot/format.js';
import type { Mark } from '../plot/marks.js';
import { automaticLimits, type Limits, type NormKind } from '../plot/scale.js';
import type { ColourScale, ContourOptions, Figure, Panel } from '../plot/spec.js';
import { crossed, type State } from '../state.js';
import { coordinate, percent } from './numbers.js';
import { makeGrid } from './plane.js';
import type { PanelData } from './session.js';
import { shownSides, type Side } from './sides.js';

type Panels = Readonly<Record<Side, PanelData>>;
type Titles = Readonly<Record<Side, string>>;

/** The figure of the given sides, those on show by default. Before anything is computed it has empty panels. */
export function makeFigure(
  state: State,
  panels: Panels,
  titles: Titles,
  shown: readonly Side[] = shownSides(state),
): Figure {
  const scale = makeScale(state);
  return {
    scale,
    contours: makeContours(state),
    panels: shown.map((side) => ({
      ...makePanel(state, panels[side].sums),
      title: titles[side],
      caption: captionOf(panels[side]),
      // A scale object of its own is what gives a panel a bar of its own.
      ...(state.shared || shown.length === 1 ? {} : { scale: { ...scale } }),
    })),
  };
}

/** Error is a share from 0 to 100: a logarithm would hide the best points. */
export function normKind(state: State): NormKind {
  return state.show === 'error' ? 'linear' : state.scale;
}

const CENTRE: Mark = { kind: 'centre', a: 0, b: 0 };

function makeScale(state: State): ColourScale {
  const norm = normKind(state);
  const usable = (limit: number | 'auto'): limit is number =>
    limit !== 'auto' && (norm !== 'log' || limit > 0);
  const typed: Partial<Limits> = crossed(state)
    ? {}
    : {
        ...(usable(state.vmin) ? { min: state.vmin } : {}),
        ...(usable(state.vmax) ? { max: state.vmax } : {}),
      };
  return state.show === 'error'
    ? { name: 'error (%)', map: state.map, norm, limits: wholeScale(typed) }
    : { name: 'loss', map: state.map, norm, limits: typed };
}

/** 0 … 100 % where nothing is typed; typed ends beyond it leave the other end to the data. */
function wholeScale({ min, max }: Partial<Limits>): Partial<Limits> {
  return {
    ...(min !== undefined ? { min } : max === undefined || max > 0 ? { min: 0 } : {}),
    ...(max !== undefined ? { max } : min === undefined || min < 100 ? { max: 100 } : {}),
  };
}

function makeContours({ levels }: State): ContourOptions | null {
  if (levels === 'none') return null;
  if (levels === 'auto') return {};
  return 'count' in levels ? { count: levels.count } : { levels: levels.values };
}

function makePanel(state: State, sums: GridSums | null): Panel {
  const { columns, rows } = sums?.grid ?? makeGrid(state);
  if (sums === null) {
    const size = columns.count * rows.count;
    const nothing = { values: new Float64Array(size), computed: new Uint8Array(size) };
    return { columns, rows, ...nothing, marks: [CENTRE] };
  }
  const values = state.show === 'error' ? accuracy(sums).map((right) => 100 * (1 - right)) : meanLoss(sums);
  // A copy, like the values: the run goes on while the picture waits to be drawn.
  const panel = { columns, rows, values, computed: sums.samples.slice() };
  return { ...panel, marks: marksOf(panel) };
}

function marksOf(panel: Panel): Mark[] {
  const lowest = lowestPoint(panel);
  if (lowest < 0) return [CENTRE];
  const { columns, rows } = panel;
  const a = coordinates(columns)[lowest % columns.count]!;
  const b = coordinates(rows)[Math.floor(lowest / columns.count)]!;
  return [CENTRE, { kind: 'minimum', a, b }];
}

/**
 * Index of the smallest finite computed value, the centre's where others are no lower; −1 when there is
 * none.
 */
function lowestPoint({ values, computed }: Pick<Panel, 'values' | 'computed'>): number {
  const isKnown = (i: number) => (!computed || computed[i]! > 0) && Number.isFinite(values[i]!);
  const middle = (values.length - 1) / 2;
  let lowest = isKnown(middle) ? middle : -1;
  for (let i = 0; i < values.length; i++) {
    if (isKnown(i) && (lowest < 0 || values[i]! < values[lowest]!)) lowest = i;
  }
  return lowest;
}

/** Loss and accuracy at the trained network, or null before its point is computed. */
function centreOf(sums: GridSums | null): { loss: number; right: number } | null {
  if (sums === null) return null;
  const middle = (sums.samples.length - 1) / 2;
  const samples = sums.samples[middle]!;
  return samples === 0
    ? null
    : { loss: sums.loss[middle]! / samples, right: sums.correct[middle]! / samples };
}

function captionOf({ plane, sums }: PanelData): string {
  const centre = centreOf(sums);
  const loss = centre === null ? 'loss …' : `loss ${formatNumber(centre.loss)}`;
  const right = centre === null ? '… right' : `${percent(centre.right)} right`;
  const cosine = plane === null ? 'cos …' : `cos ${formatFixed(plane.cosine, 2)}`;
  return `${loss} · ${right} · ${cosine}`;
}

/** What automatic limits are now, for the inputs that are empty. */
export function automaticTexts({ panels, scale }: Figure): { vmin: string; vmax: string } {
  const { min, max } = scale.name === 'loss' ? automaticLimits(panels, scale.norm) : { min: 0, max: 100 };
  return { vmin: `auto: ${formatNumber(min, 3)}`, vmax: `auto: ${formatNumber(max, 3)}` };
}

/** One panel in words, for those who cannot see it. */
export function describe(state: State, data: PanelData, title: string): string {
  const range = coordinate(state.range, state.range);
  const start = `Loss landscape ${title}, α and β from −${range} to ${range}.`;
  const centre = centreOf(data.sums);
  if (centre === null || data.sums === null) return `${start} Not computed yet.`;
  const losses = meanLoss(data.sums).filter((loss) => Number.isFinite(loss));
  const [low, high] = losses.reduce(([p, q], loss) => [Math.min(p, loss), Math.max(q, loss)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return (
    `${start} At the trained network: loss ${formatNumber(centre.loss)}, ${percent(centre.right)} right. ` +
    `Lowest loss ${formatNumber(low)}, highest ${formatNumber(high)}.`
  );
}
