/** The parts around a figure's panels and how much room they take, in multiples of the text size. */
import { axisSpace, axisTicks, widestLabel } from './axes.js';
import { colorbarBreadth } from './colorbar.js';
import type { ColorbarLayout } from './colorbar-data.js';
import type { Context2D } from './heatmap.js';
import { type KeyRows, rowsOfKey, widthOfKey } from './key.js';
import type { ResolvedFigure } from './resolve.js';
import type { Figure } from './spec.js';
import { wrapText } from './text.js';
import { font, textSize } from './theme.js';
import { nameWithUnits } from './ticks.js';

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
export interface Frame {
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

/** Of a whole figure whose panels have this side. */
export function extent(
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

/** Measures the parts around panels of this side. */
export function frameOf(
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

/** Lines of the longest caption: all begin at one height. */
export function mostLines(captions: Frame['captions']): number {
  return Math.max(...captions.map(({ length }) => length));
}
