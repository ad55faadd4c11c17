/**
 * From settings and what is computed to the figure that is drawn. Screen and export both start here.
 */
import { bends } from '../analysis/curvature.js';
import { backdrop } from '../landscape/backdrop.js';
import { type Axis, coordinates, meanLoss, type GridSums, standardError } from '../landscape/grid.js';
import { isDrowned } from '../landscape/noise-floor.js';
import { centreOf, halfWidth } from '../landscape/view.js';
import { formatFixed, formatNumber } from '../plot/format.js';
import type { Mark } from '../plot/marks.js';
import { resolveNorm } from '../plot/resolve.js';
import type { ColourScale, ContourOptions, Figure, Panel } from '../plot/spec.js';
import type { State } from '../state.js';
import { isDeep, noiseOf } from './noise.js';
import { coordinate, percent, significant } from './numbers.js';
import { makeGrid, viewOf } from './plane.js';
import {
  captionOfQuantity,
  isNumeric,
  makeScale,
  quantityNames,
  type ValuedWindow,
  valuesOf,
} from './quantity.js';
import type { PanelData } from './session.js';
import { shownSides, type Side } from './sides.js';

type Panels = Readonly<Record<Side, PanelData>>;
type Titles = Readonly<Record<Side, string>>;

/**
 * The figure of the given sides, those on show by default. Before anything is computed it has empty panels. A side alone
 * keeps the scale that both share: pictures of either can be compared.
 */
export function makeFigure(
  state: State,
  panels: Panels,
  titles: Titles,
  shown: readonly Side[] = shownSides(state),
): Figure {
  const scale = sharedScale(state, panels, shown);
  const withNoise = (sides: readonly Side[]) => {
    const noise = noiseOf(state, panels, sides);
    return noise === undefined ? scale : { ...scale, noise };
  };
  return {
    scale: withNoise(shown),
    contours: makeContours(state),
    panels: shown.map((side) => ({
      ...makePanel(state, panels[side], side),
      title: titles[side],
      overlays: panels[side].plane?.run?.overlays(state.show === 'loss') ?? [],
      caption: [
        captionOf(panels[side], isWhole(state, side), state.samples),
        captionOfQuantity(state, panels[side]),
        panels[side].plane?.run?.caption ?? '',
      ]
        .filter((part) => part !== '')
        .join('\n'),
      // A scale object of its own is what gives a panel a bar of its own.
      ...(state.shared || shown.length === 1 ? {} : { scale: { ...withNoise([side]) } }),
    })),
  };
}

/** The scale for these sides, with the limits of both panels where one of them alone is to be drawn. */
function sharedScale(state: State, panels: Panels, shown: readonly Side[]): ColourScale {
  const scale = makeScale(state);
  const all = shownSides(state);
  if (!state.shared || scale.classes || shown.length >= all.length) return scale;
  const { min, max } = resolveNorm(
    scale,
    all.map((side) => makePanel(state, panels[side], side)),
  );
  return { ...scale, limits: { min, max } };
}

/** θ* itself. */
const TRAINED: Mark = { kind: 'centre', a: 0, b: 0 };

function makeContours({ levels }: State): ContourOptions | null {
  if (levels === 'none') return null;
  if (levels === 'auto') return {};
  return 'count' in levels ? { count: levels.count } : { levels: levels.values };
}

function makePanel(state: State, data: PanelData, side: Side): Panel {
  const { columns, rows } = makeGrid(state, side);
  const window = valuesOf(state, data);
  if (window === null) {
    const size = columns.count * rows.count;
    const nothing = { values: new Float64Array(size), computed: new Uint8Array(size) };
    return { columns, rows, ...nothing, marks: marksOf({ columns, rows, ...nothing }) };
  }
  const { samples } = window.own;
  const values = new Float64Array(samples.length);
  // A loop, as in describe: with a callback a large grid takes ten times as long, and the page waits for it.
  for (let i = 0; i < values.length; i++) values[i] = samples[i] === 0 ? NaN : window.own.valueAt(i);
  // A copy, like the values: the run goes on while the picture waits to be drawn.
  const panel = { columns, rows, values, computed: window.own.samples.slice() };
  const noise =
    state.show === 'delta' || (state.show === 'loss' && isDeep(data)) ? 0 : (data.floor?.noise ?? 0);
  return { ...panel, ...withBackdrop(panel, window), marks: marksOf(withLosses(state, panel, data), noise) };
}

/** The lowest point is that of the loss, whatever the map shows. */
function withLosses(state: State, panel: Panel, { sums }: PanelData): Panel {
  if (sums === null || (state.show !== 'gradient' && state.show !== 'curvature')) return panel;
  return { ...panel, values: meanLoss(sums), computed: sums.samples };
}

/** Points per side of the whole range in small. */
const OVERVIEW_SIZE = 51;

/** What the whole in small shows: error where that is shown, the loss with any other quantity. */
export function overviewState(state: State): State {
  if (state.show === 'loss' || state.show === 'error') return state;
  return { ...state, show: 'loss', vmin: 'auto', vmax: 'auto' };
}

/** The whole range as far as any window knows it, NaN elsewhere; null where the panel shows no smaller part. */
export function makeOverview(state: State, data: PanelData, side: Side): Panel | null {
  const window = valuesOf(overviewState(state), data);
  if (window === null || isWhole(state, side)) return null;
  const whole = { ...state, size: OVERVIEW_SIZE, zoom: 0, at: { a: 0, b: 0 }, lock: true };
  const grid = makeGrid(whole);
  const none = new Uint8Array(OVERVIEW_SIZE ** 2);
  const windows = [...window.others, window.own];
  return { ...grid, values: backdrop(grid, none, windows, (at, i) => at.valueAt(i)) };
}

/** Points that are missing take, for the picture, what other windows show in their place. */
function withBackdrop(
  panel: Panel & { readonly computed: Uint32Array },
  { own, others }: ValuedWindow,
): Partial<Panel> {
  const { values, computed } = panel;
  if (others.length === 0 || computed.every(Boolean)) return {};
  const behind = backdrop(own.grid, computed, others, (at, i) => at.valueAt(i));
  const borrowed = Uint8Array.from(behind, (value) => (Number.isNaN(value) ? 0 : 1));
  return {
    values: values.map((value, i) => (borrowed[i] ? behind[i]! : value)),
    computed: computed.map((samples, i) => (borrowed[i] ? 1 : samples)),
    borrowed,
  };
}

/** Where the losses differ by hardly more than their rounding no point is the lowest. */
function marksOf(panel: Panel, noise = 0): Mark[] {
  const { columns, rows } = panel;
  const isHere = columns.from <= 0 && columns.to >= 0 && rows.from <= 0 && rows.to >= 0;
  const trained = isHere ? [TRAINED] : [];
  const lowest = lowestPoint(panel);
  if (lowest < 0 || isDrowned({ range: rangeOf(panel), noise })) return trained;
  const a = coordinates(columns)[lowest % columns.count]!;
  const b = coordinates(rows)[Math.floor(lowest / columns.count)]!;
  return [...trained, { kind: 'minimum', a, b }];
}

function rangeOf({ values, computed }: Pick<Panel, 'values' | 'computed'>): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (computed && !computed[i]) continue;
    if (values[i]! < low && values[i]! > -Infinity) low = values[i]!;
    if (values[i]! > high && values[i]! < Infinity) high = values[i]!;
  }
  return high - low;
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

interface PointValues {
  readonly loss: number;
  /** Standard error of the loss; 0 with all samples. */
  readonly error: number;
  readonly right: number;
}

/** Loss and accuracy at the trained network, from whichever window has it; null before its point is computed. */
function trainedOf({ sums, others }: PanelData, total: number): PointValues | null {
  for (const window of sums === null ? [] : [sums, ...others]) {
    const [column, row] = [nodeOfZero(window.grid.columns), nodeOfZero(window.grid.rows)];
    const found = column < 0 || row < 0 ? null : at(window, row * window.grid.columns.count + column, total);
    if (found !== null) return found;
  }
  return null;
}

function nodeOfZero({ lattice, count }: Axis): number {
  const node = -(lattice?.first ?? NaN);
  return node >= 0 && node < count ? node : -1;
}

function at(sums: GridSums, i: number, total: number): PointValues | null {
  const samples = sums.samples[i]!;
  if (samples === 0) return null;
  return {
    loss: sums.loss[i]! / samples,
    error: standardError(sums, i, total),
    right: sums.correct[i]! / samples,
  };
}

/** Whether the panel shows the whole range, or more around it. */
function isWhole(state: State, side: Side): boolean {
  const { zoom, column, row } = viewOf(state, side);
  return zoom <= 0 && column === 0 && row === 0;
}

/** The trained network is not in every window, and need not have been computed. */
function captionOf({ plane, ...data }: PanelData, awaited: boolean, total: number): string {
  const cosine = plane === null ? 'cos …' : `cos ${formatFixed(plane.cosine, 2)}`;
  const trained = trainedOf({ plane, ...data }, total);
  if (trained === null && !awaited) return cosine;
  if (trained === null) return `loss … · … right · ${cosine}`;
  const error = trained.error > 0 ? ` ± ${formatNumber(trained.error, 2)}` : '';
  const parts = [`loss ${formatNumber(trained.loss)}${error}`, rightOf(trained.right), cosine];
  return parts.filter((part) => part !== '').join(' · ');
}

/** A share of samples in words; '' for real targets, of which none is right or wrong. */
function rightOf(share: number): string {
  return Number.isNaN(share) ? '' : `${percent(share)} right`;
}

/** What automatic limits are now, for the inputs that are empty. */
export function automaticTexts({ panels, scale }: Figure): { vmin: string; vmax: string } {
  const isShare = scale.name === quantityNames.error;
  const { min, max } = isShare ? { min: 0, max: 100 } : resolveNorm({ ...scale, limits: {} }, panels);
  return { vmin: `auto: ${formatNumber(min, 3)}`, vmax: `auto: ${formatNumber(max, 3)}` };
}

/** One panel in words, for those who cannot see it. */
export function describe(state: State, data: PanelData, title: string, side: Side = 'left'): string {
  const start = `Loss landscape ${title}, ${inWords(state, side)}.`;
  const trained = trainedOf(data, state.samples);
  if (data.sums === null || !data.sums.samples.some(Boolean)) return `${start} Not computed yet.`;
  const { loss, samples } = data.sums;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < loss.length; i++) {
    const mean = loss[i]! / samples[i]!;
    if (mean < low && mean > -Infinity) low = mean;
    if (mean > high && mean < Infinity) high = mean;
  }
  const right = trained === null ? '' : rightOf(trained.right);
  const network =
    trained === null
      ? ''
      : ` At the trained network: loss ${formatNumber(trained.loss)}${right && `, ${right}`}.`;
  return `${start}${network} Lowest loss ${formatNumber(low)}, highest ${formatNumber(high)}.${shownInWords(state, data)}${runInWords(data)}`;
}

function runInWords({ plane }: PanelData): string {
  const caption = plane?.run?.caption ?? '';
  return caption && ` A ${caption.replace('\n', '; ')}.`;
}

/** What the map shows where it is neither loss nor error, and where it is the loss in another way. */
function shownInWords(state: State, data: PanelData): string {
  if (state.show === 'loss' && isDeep(data))
    return ' Shown: the loss of the middle plus differences from it.';
  const window = state.show === 'loss' || state.show === 'error' ? null : valuesOf(state, data);
  if (window === null) return '';
  const values = [...window.own.samples.keys()]
    .filter((i) => window.own.samples[i]! > 0)
    .map((i) => window.own.valueAt(i))
    .filter((value) => Number.isFinite(value));
  if (values.length === 0) return '';
  const name = quantityNames[state.show];
  if (isNumeric(state)) {
    const low = values.reduce((p, q) => Math.min(p, q));
    const high = values.reduce((p, q) => Math.max(p, q));
    return ` Shown: ${name}, from ${significant(low)} to ${significant(high)}.`;
  }
  const shares = bends.map((bend, kind) => {
    const share = values.filter((value) => value === kind).length / values.length;
    return `${bend} ${percent(share)}`;
  });
  return ` Shown: ${name}: ${shares.join(', ')}.`;
}

function inWords(state: State, side: Side): string {
  const view = viewOf(state, side);
  const half = halfWidth(state, view.zoom);
  if (view.column === 0 && view.row === 0) {
    const range = coordinate(half, half);
    return `α and β from −${range} to ${range}`;
  }
  const { a, b } = centreOf(state, view);
  return `α ${coordinate(a, half)} and β ${coordinate(b, half)}, plus or minus ${significant(half)}`;
}
