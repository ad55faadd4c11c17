/**
 * Where everything of a figure goes. Distances are multiples of the text size, so that a figure looks the
 * same at every size and a slide's text is never tiny.
 */
import { axisSpace, axisTicks, widestLabel } from './axes.js';
import { type ColorbarLayout, colorbarBreadth, layoutColorbar } from './colorbar.js';
import { type PlaneArea, type Rect, snapRect } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { type KeyRows, rowsOfKey, widthOfKey } from './key.js';
import { resolveFigure, type ResolvedFigure } from './resolve.js';
import { wrapText } from './text.js';
import { font, textSize } from './theme.js';
import type { Figure, Panel } from './spec.js';
import { nameWithUnits } from './ticks.js';

/** Baseline of a line of text, and how wide it may be. */
export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface PanelLayout extends PlaneArea {
  readonly title: TextPlace | null;
  readonly caption: (TextPlace & { readonly lines: readonly string[] }) | null;
}

export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  /** Size of body text. */
  readonly em: number;
  readonly arrangement: 'row' | 'column';
  readonly title: TextPlace | null;
  readonly footer: (TextPlace & { readonly lines: readonly string[] }) | null;
  readonly key: (TextPlace & { readonly rows: KeyRows }) | null;
  readonly panels: readonly PanelLayout[];
  /** In the order of `resolveFigure(figure).bars`. */
  readonly colorbars: readonly ColorbarLayout[];
}

/** Side of a panel as a multiple of the text size: on a 1080-pixel slide text is about 27 pixels high. */
const panelSide = { row: 26, column: 23 } as const;

/** Text is never smaller than this many picture units. */
const smallestText = 10;

/** Size of body text of a figure at its natural size, in picture units (CSS pixels). */
const naturalText = 16;

/** Multiples of the text size. */
export const space = {
  margin: 1.3,
  title: 2.7,
  panelTitle: 2.1,
  barName: 1.7,
  betweenPanels: 1.3,
  beforeBar: 0.7,
  underPanel: 1.1,
  caption: 1.35,
  beforeCaption: 0.55,
  beforeNotes: 0.85,
  noteLine: 1.25,
  besideKey: 1.5,
  panelTitleGap: 0.7,
} as const;

/** Sizes of the parts around the panels, in multiples of the text size, for panels of a given side. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly above: number;
  readonly below: number;
  /** Shared bar beside (row) or below (column) all panels; own bars beside each panel. */
  readonly sharedBar: number;
  readonly ownBar: number;
  readonly head: number;
  readonly foot: number;
  /** Each panel's caption in lines. */
  readonly captions: readonly (readonly string[])[];
  /** The footer in lines, and whether the key of marks stands beside it or above. */
  readonly notes: readonly string[];
  readonly key: 'beside' | 'above' | null;
  readonly keyRows: KeyRows;
}

/** Throws RangeError when limits given do not fit the scale. `resolved` spares resolving it again. */
export function layoutFigure(
  ctx: Context2D,
  figure: Figure,
  width: number,
  height: number,
  scale: number,
  resolved: ResolvedFigure = resolveFigure(figure),
): FigureLayout {
  const choices =
    figure.arrangement === 'row' || figure.arrangement === 'column'
      ? [figure.arrangement]
      : (['row', 'column'] as const);
  const candidates = choices.map((arrangement) => measure(ctx, figure, resolved, arrangement, width, height));
  const best = candidates.reduce((p, q) => (q.side > p.side ? q : p));
  return place(ctx, figure, resolved, best, width, height, scale);
}

/** Natural size of the figure in picture units: text of 16, or of the figure's own `em`. */
export function naturalSize(
  ctx: Context2D,
  figure: Figure,
  arrangement: 'row' | 'column' = 'row',
): { width: number; height: number } {
  const em = figure.em ?? naturalText;
  const resolved = resolveFigure(figure);
  const frame = frameOf(ctx, figure, resolved, arrangement, panelSide[arrangement]);
  const { across, down } = extent(frame, figure.panels.length, arrangement, panelSide[arrangement]);
  return { width: Math.ceil(across * em), height: Math.ceil(down * em) };
}

/** Height of a figure that fills `width`, stacked or side by side. */
export function naturalHeight(
  ctx: Context2D,
  figure: Figure,
  width: number,
  arrangement: 'row' | 'column' = 'row',
): number {
  const { em, side, frame } = measure(ctx, figure, resolveFigure(figure), arrangement, width, Infinity);
  return Math.ceil(extent(frame, figure.panels.length, arrangement, side / em).down * em);
}

interface Measured {
  readonly arrangement: 'row' | 'column';
  readonly em: number;
  /** Side of a panel in picture units. */
  readonly side: number;
  readonly frame: Frame;
}

function measure(
  ctx: Context2D,
  figure: Figure,
  resolved: ResolvedFigure,
  arrangement: 'row' | 'column',
  width: number,
  height: number,
): Measured {
  const count = figure.panels.length;
  let sideInEms: number = panelSide[arrangement];
  let frame = frameOf(ctx, figure, resolved, arrangement, sideInEms);
  const whole = extent(frame, count, arrangement, sideInEms);
  const em = figure.em ?? Math.max(smallestText, Math.min(width / whole.across, height / whole.down));
  const fit = (): number => {
    const rest = extent(frame, count, arrangement, 0);
    const [across, down] = arrangement === 'row' ? [count, 1] : [1, count];
    return Math.max(em, Math.min((width - rest.across * em) / across, (height - rest.down * em) / down));
  };
  // Labels depend a little on the panels' size and it on them: two rounds settle it.
  for (let round = 0; round < 2; round++) {
    sideInEms = fit() / em;
    frame = frameOf(ctx, figure, resolved, arrangement, sideInEms);
  }
  return { arrangement, em, side: fit(), frame };
}

function extent(
  frame: Frame,
  count: number,
  arrangement: 'row' | 'column',
  side: number,
): { across: number; down: number } {
  const { left, right, above, below, sharedBar, ownBar, head, foot } = frame;
  const [wide, high] = [left + side + right + ownBar, above + side + below];
  const margins = 2 * space.margin;
  return arrangement === 'row'
    ? {
        across: margins + count * wide + (count - 1) * space.betweenPanels + sharedBar,
        down: margins + head + high + foot,
      }
    : {
        across: margins + wide,
        down: margins + head + count * high + (count - 1) * space.underPanel + sharedBar + foot,
      };
}

function frameOf(
  ctx: Context2D,
  figure: Figure,
  { bars, views, markKinds }: ResolvedFigure,
  arrangement: 'row' | 'column',
  side: number,
): Frame {
  // Measured at a size of 100 and divided: hinting at small sizes would make widths uneven.
  const em = 100;
  ctx.save();
  const labels = figure.panels.map((panel) => {
    const ticks = axisTicks(panel.rows, side * em, em);
    ctx.font = font(textSize.tick * em);
    return { width: widestLabel(ctx, ticks) / em, name: nameWithUnits(views[0]!.names.b, ticks) };
  });
  const overhang = Math.max(
    ...figure.panels.map((panel) => {
      ctx.font = font(textSize.tick * em);
      return widestLabel(ctx, axisTicks(panel.columns, side * em, em)) / (2 * em);
    }),
  );
  ctx.restore();
  const breadth = (bar: ResolvedFigure['bars'][number], orientation: ColorbarLayout['orientation']): number =>
    colorbarBreadth(ctx, bar.data, orientation, side * em, em) / em;
  const isShared = bars.length === 1;
  const own = isShared ? [] : bars;
  const isTitled = figure.panels.some(({ title }) => title);
  const hasBarBeside = bars.length > 0 && (arrangement === 'row' || own.length > 0);
  ctx.save();
  ctx.font = font(textSize.label * em);
  const captions = figure.panels.map(({ caption = '' }) =>
    caption === ''
      ? []
      : caption.split('\n').flatMap((line) => wrapText(ctx, line, wrapShare * side * em, mostOfLine)),
  );
  ctx.restore();
  const captionLines = mostLines(captions);
  const nameWidth = Math.max(...labels.map(({ name }) => (name.length > 1 ? 1.25 : 0.7)));
  const parts = {
    left:
      axisSpace.tick + axisSpace.gap + axisSpace.name + Math.max(...labels.map((l) => l.width)) + nameWidth,
    right: overhang,
    above: isTitled ? space.panelTitle : hasBarBeside ? space.barName : 0,
    below:
      axisSpace.tick +
      axisSpace.gap +
      textSize.tick +
      axisSpace.name +
      1.1 * textSize.label +
      (captionLines > 0 ? space.beforeCaption + captionLines * space.caption : 0),
    sharedBar: !isShared
      ? 0
      : arrangement === 'row'
        ? space.beforeBar + breadth(bars[0]!, 'vertical')
        : space.underPanel + breadth(bars[0]!, 'horizontal'),
    ownBar: Math.max(0, ...own.map((bar) => space.beforeBar + breadth(bar, 'vertical'))),
    head: figure.title ? space.title : 0,
    captions,
  };
  return { ...parts, ...notesOf(ctx, figure, markKinds, arrangement, parts, side) };
}

/** Share of a panel’s width that a line is wrapped at: hinting makes small text wider than large text made small. */
const wrapShare = 0.98;
/** Lines that one of a caption may become where panels are narrow. */
const mostOfLine = 3;

/** Lines a footer may take: beside the key of marks it has room for two, below it for more. */
const mostNotes = { beside: 2, above: 4 } as const;

function notesOf(
  ctx: Context2D,
  figure: Figure,
  markKinds: ResolvedFigure['markKinds'],
  arrangement: 'row' | 'column',
  parts: Omit<Frame, 'foot' | 'notes' | 'key' | 'keyRows'>,
  side: number,
): Pick<Frame, 'foot' | 'notes' | 'key' | 'keyRows'> {
  const em = 100;
  const count = arrangement === 'row' ? figure.panels.length : 1;
  // From the first frame's left edge to the last one's right edge.
  const between = parts.left + parts.right + parts.ownBar + space.betweenPanels;
  const across = count * side + (count - 1) * between;
  const keyWidth = markKinds.length > 0 ? widthOfKey(ctx, markKinds, em) / em : 0;
  const wrap = (room: number, most: number): string[] =>
    figure.footer ? wrapText(ctx, figure.footer, room * em, most) : [];
  ctx.save();
  ctx.font = font(textSize.note * em);
  const beside = wrap(across - keyWidth - space.besideKey, mostNotes.above);
  const above = wrap(across, mostNotes.above);
  ctx.restore();
  // One panel is as narrow as a column: a footer that would be cut beside the key goes below it.
  const isBeside = arrangement === 'row' && beside.length <= mostNotes.beside;
  const key = keyWidth === 0 ? null : isBeside ? 'beside' : 'above';
  const notes = key === 'beside' ? beside : above;
  // Beside a footer it is as wide as it is; a panel alone, or one of a column, may be too narrow for one line. The shared
  // bar is beside the panels of a row, and below those of a column.
  const bars = parts.ownBar + (arrangement === 'row' ? parts.sharedBar : 0);
  const room = key === 'beside' && notes.length > 0 ? Infinity : across + parts.right + bars;
  const keyRows = key === null ? [] : rowsOfKey(ctx, markKinds, wrapShare * room);
  const lines = key === 'above' ? notes.length + keyRows.length : Math.max(notes.length, keyRows.length);
  return { foot: lines > 0 ? space.beforeNotes + lines * space.noteLine : 0, notes, key, keyRows };
}

function place(
  ctx: Context2D,
  figure: Figure,
  { bars }: ResolvedFigure,
  { arrangement, em, side, frame }: Measured,
  width: number,
  height: number,
  scale: number,
): FigureLayout {
  const count = figure.panels.length;
  const used = extent(frame, count, arrangement, side / em);
  const left = Math.max(0, (width - used.across * em) / 2) + space.margin * em;
  const top = Math.max(0, (height - used.down * em) / 2) + space.margin * em;
  const right = left + (used.across - 2 * space.margin) * em;
  const isRow = arrangement === 'row';
  const stepX = isRow ? side + (frame.left + frame.right + frame.ownBar + space.betweenPanels) * em : 0;
  const stepY = isRow ? 0 : side + (frame.above + frame.below + space.underPanel) * em;

  const panels = figure.panels.map((panel, i): PanelLayout => {
    const area = snapRect(
      {
        x: left + frame.left * em + i * stepX,
        y: top + (frame.head + frame.above) * em + i * stepY,
        width: side,
        height: side,
      },
      scale,
    );
    return { area, columns: panel.columns, rows: panel.rows, ...textsOf(panel, i, area, em, frame) };
  });
  const first = panels[0]!.area;
  const bottom = top + (used.down - 2 * space.margin) * em;
  const last = panels.at(-1)!.area;
  const start = first.x;
  const noteY = bottom - (frame.foot - space.beforeNotes - 0.95) * em;
  const notesY = noteY + (frame.key === 'above' ? frame.keyRows.length * space.noteLine * em : 0);
  const keyWidth = Math.max(0, ...frame.keyRows.map((row) => widthOfKey(ctx, row, em)));
  const keyX = frame.key === 'beside' && frame.notes.length > 0 ? last.x + last.width - keyWidth : start;
  return {
    width,
    height,
    em,
    arrangement,
    panels,
    title: figure.title ? { x: start, y: top + 1.35 * em, width: right - start } : null,
    footer: frame.notes.length > 0 ? { x: start, y: notesY, width: right - start, lines: frame.notes } : null,
    key: frame.key ? { x: keyX, y: noteY, width: keyWidth, rows: frame.keyRows } : null,
    colorbars: bars.map((bar) => {
      const isShared = bars.length === 1;
      if (isShared && !isRow) {
        const y = last.y + last.height + (frame.below + space.underPanel) * em;
        return layoutColorbar(
          { x: first.x, y, width: first.width, height: 0 },
          'horizontal',
          bar.data.counts,
          em,
        );
      }
      const beside = isShared ? last : panels[bar.panels.at(-1)!]!.area;
      return layoutColorbar(
        besideOf(beside, (frame.right + space.beforeBar) * em),
        'vertical',
        bar.data.counts,
        em,
      );
    }),
  };
}

/** Lines of the longest caption: all begin at one height. */
function mostLines(captions: Frame['captions']): number {
  return Math.max(...captions.map(({ length }) => length));
}

function textsOf(
  panel: Panel,
  index: number,
  area: Rect,
  em: number,
  { below, captions }: Frame,
): Pick<PanelLayout, 'title' | 'caption'> {
  const width = area.width;
  const lines = captions[index]!;
  const y = area.y + area.height + below * em - (mostLines(captions) - 1) * space.caption * em - 0.3 * em;
  return {
    title: panel.title ? { x: area.x, y: area.y - space.panelTitleGap * em, width } : null,
    caption: lines.length > 0 ? { x: area.x, y, width, lines } : null,
  };
}

function besideOf(area: Rect, gap: number): Rect {
  return { x: area.x + area.width + gap, y: area.y, width: 0, height: area.height };
}
