/** What stands at a colour bar besides its numbers: the key of what is no number, of the rounding, and of the scale's kind. */
import { cssColour } from './colormaps.js';
import type { ColorbarData, ColorbarLayout } from './colorbar-data.js';
import { formatNumber } from './format.js';
import type { Context2D } from './heatmap.js';
import { font, type Style, textSize } from './theme.js';

/** Multiples of the text size. */
export const barSpace = {
  thickness: 1.15,
  tip: 0.95,
  tick: 0.3,
  gap: 0.3,
  name: 0.5,
  key: 1.5,
  aboveKey: 0.9,
} as const;

interface KeyEntry {
  readonly sign: 'nan' | 'infinite' | 'noise' | 'scale';
  readonly text: string;
}

/** In the order in which they stand. */
export function keyEntries(
  { counts: { nan, infinite }, norm, noise }: ColorbarData,
  orientation: ColorbarLayout['orientation'],
): KeyEntry[] {
  const entries: KeyEntry[] = [];
  // Its ticks alone do not tell this scale from the others.
  if (norm.kind === 'symlog') entries.push({ sign: 'scale', text: 'symlog' });
  if (nan > 0) entries.push({ sign: 'nan', text: `NaN: ${nan}` });
  if (infinite > 0) entries.push({ sign: 'infinite', text: `∞: ${infinite}` });
  if (noise === undefined) return entries;
  const size = noise === null ? '…' : formatNumber(noise, 2);
  if (orientation === 'horizontal') return [...entries, { sign: 'noise', text: `noise ${size}` }];
  return [...entries, { sign: 'noise', text: 'noise' }, { sign: 'scale', text: size }];
}

/** Below a vertical bar, and below the name of a horizontal one. */
export function drawBarKey(ctx: Context2D, layout: ColorbarLayout, data: ColorbarData, style: Style): void {
  const { bar, orientation, low } = layout;
  const { em, scale, theme } = style;
  const side = 0.85 * em;
  const vertical = orientation === 'vertical';
  const below = (barSpace.tick + barSpace.gap + textSize.tick + barSpace.name + textSize.label + 0.9) * em;
  let x = bar.x;
  let y = bar.y + bar.height + (vertical ? low + barSpace.aboveKey * em : below);
  ctx.font = font(textSize.tick * em);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 1 / scale;
  for (const { sign, text } of keyEntries(data, orientation)) {
    ctx.strokeStyle = theme.frame;
    if (sign === 'noise') drawBracket(ctx, x + side / 2, y - side / 2, side, style);
    else if (sign !== 'scale') {
      ctx.fillStyle = cssColour(theme.special[sign]);
      ctx.fillRect(x, y - side / 2, side, side);
      ctx.strokeRect(x, y - side / 2, side, side);
    }
    ctx.fillStyle = theme.muted;
    ctx.fillText(text, sign === 'scale' ? x : x + side + 0.45 * em, y + 0.06 * em);
    if (vertical) y += 1.4 * em;
    else x += side + 1.6 * em + ctx.measureText(text).width;
  }
}

/** A line with a stroke across at both ends: down from (x, y), or to the right of it. */
export function drawBracket(
  ctx: Context2D,
  x: number,
  y: number,
  length: number,
  { em, scale }: Style,
  isFlat = false,
): void {
  const half = 0.25 * em;
  const point = (along: number, across: number): [number, number] =>
    isFlat ? [x + along, y + across] : [x + across, y + along];
  ctx.beginPath();
  ctx.moveTo(...point(0, 0));
  ctx.lineTo(...point(length, 0));
  for (const end of [0, length]) {
    ctx.moveTo(...point(end, -half));
    ctx.lineTo(...point(end, half));
  }
  ctx.lineWidth = Math.max(1 / scale, 0.1 * em);
  ctx.stroke();
}
