/**
 * Where everything of a figure goes. Distances are multiples of the text size, so that a figure looks the
 * same at every size and a slide's text is never tiny.
 */
import { layoutColorbar } from './colorbar.js';
import type { ColorbarLayout } from './colorbar-data.js';
import { extent, type Frame, frameOf, mostLines, space } from './frame.js';
import { type PlaneArea, type Rect, snapRect } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { type KeyRows, widthOfKey } from './key.js';
import { resolveFigure, type ResolvedFigure } from './resolve.js';
import type { Figure, Panel } from './spec.js';

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
