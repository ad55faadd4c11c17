/** The key of marks below a figure: what each of them means, in as many lines as there have to be. */
import type { Context2D } from './heatmap.js';
import { drawMark, type MarkKind, markTitles } from './marks.js';
import { font, type Style, textSize } from './theme.js';

/** Kinds of marks, line by line. */
export type KeyRows = readonly (readonly MarkKind[])[];

/** Multiples of the text size. */
const keySpace = { mark: 0.5, lift: 0.3, words: 1.4, next: 2.6, between: 1.2 } as const;

/** As many in a line as `room`, in multiples of the text size, has place for. */
export function rowsOfKey(ctx: Context2D, kinds: readonly MarkKind[], room: number): KeyRows {
  const em = 100;
  const rows: MarkKind[][] = [];
  for (const kind of kinds) {
    const row = rows.at(-1);
    if (row !== undefined && widthOfKey(ctx, [...row, kind], em) <= room * em) row.push(kind);
    else rows.push([kind]);
  }
  return rows;
}

/** Of one line, in picture units. */
export function widthOfKey(ctx: Context2D, kinds: readonly MarkKind[], em: number): number {
  ctx.save();
  ctx.font = font(textSize.note * em);
  const width = kinds.reduce((sum, kind) => sum + widthOf(ctx, kind, em), 0);
  ctx.restore();
  return width - keySpace.between * em;
}

/** Draws the key from the first line's start; lines are `lineHeight` apart. */
export function drawKey(
  ctx: Context2D,
  { x: start, y: first, rows }: { readonly x: number; readonly y: number; readonly rows: KeyRows },
  lineHeight: number,
  style: Style,
): void {
  const { em, theme } = style;
  ctx.font = font(textSize.note * em);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  rows.forEach((row, line) => {
    let x = start;
    const y = first + line * lineHeight;
    for (const kind of row) {
      drawMark(ctx, kind, x + keySpace.mark * em, y - keySpace.lift * em, style, 'paper');
      ctx.fillStyle = theme.muted;
      ctx.fillText(markTitles[kind], x + keySpace.words * em, y);
      x += widthOf(ctx, kind, em);
    }
  });
}

/** Of a mark with its words and the space after them, at the context's font. */
function widthOf(ctx: Context2D, kind: MarkKind, em: number): number {
  return ctx.measureText(markTitles[kind]).width + keySpace.next * em;
}
