/**
 * The colour bar: gradient, ticks, arrows where values are cut off, contour levels, and the key of what is
 * no number.
 */
import { colourAt, cssColour, colormapSize, isBright } from './colormaps.js';
import type { ColorbarData, ColorbarLayout } from './colorbar-data.js';
import { barSpace, drawBarKey, drawBracket, keyEntries } from './colorbar-key.js';
import type { Rect } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { widestLabel } from './axes.js';
import type { Norm, ValueCounts } from './scale.js';
import { font, type Style, textSize } from './theme.js';
import { nameWithUnits, normTicks, type Ticks } from './ticks.js';

/** Room along the bar for one label, as a multiple of the text size. */
const labelRoom = { vertical: 2.5, horizontal: 3.6 } as const;

/** Place 0 … 1 on the bar under a position of the picture; outside the bar it goes beyond. */
export function colorbarUnitAt({ orientation, bar }: ColorbarLayout, x: number, y: number): number {
  return orientation === 'vertical' ? 1 - (y - bar.y) / bar.height : (x - bar.x) / bar.width;
}

/** Value on the bar under a position of the picture, for dragging limits. */
export function colorbarValueAt(layout: ColorbarLayout, norm: Norm, x: number, y: number): number {
  return norm.value(colorbarUnitAt(layout, x, y));
}

/** Position of a value along the bar: y of a vertical one, x of a horizontal one. */
export function colorbarPositionOf({ orientation, bar }: ColorbarLayout, norm: Norm, value: number): number {
  const unit = norm.unit(value);
  return orientation === 'vertical' ? bar.y + (1 - unit) * bar.height : bar.x + unit * bar.width;
}

/** Ticks that fit a bar of this length. */
function colorbarTicks(
  { norm, classes }: ColorbarData,
  layout: Pick<ColorbarLayout, 'orientation'>,
  length: number,
  em: number,
): Ticks {
  if (classes) return { ticks: classes.map((label, value) => ({ value, label })), offset: 0, exponent: 0 };
  return normTicks(norm, Math.max(2, Math.floor(length / (labelRoom[layout.orientation] * em))));
}

/** Width a vertical bar `length` long needs, or height a horizontal one does, key and name included. */
export function colorbarBreadth(
  ctx: Context2D,
  data: ColorbarData,
  orientation: ColorbarLayout['orientation'],
  length: number,
  em: number,
): number {
  const ticks = colorbarTicks(data, { orientation }, length, em);
  const beside = (barSpace.thickness + barSpace.tick + barSpace.gap) * em;
  ctx.save();
  ctx.font = font(textSize.tick * em);
  const labels = widestLabel(ctx, ticks);
  const keys = Math.max(
    0,
    ...keyEntries(data, orientation).map(({ text }) => ctx.measureText(text).width + 1.3 * em),
  );
  ctx.font = font(textSize.label * em);
  const name = ctx.measureText(nameWithUnits(data.name, ticks)).width;
  ctx.restore();
  if (orientation === 'vertical') return Math.max(beside + labels, keys, name);
  const key = keys > 0 ? barSpace.key * em : 0;
  return beside + (textSize.tick + barSpace.name + textSize.label + 0.2) * em + key;
}

/**
 * Where the bar goes. Vertical: `room` is as high as the panels; the name stands above the bar, the key
 * below the room. Horizontal: `room` is as wide as the panels; the name stands under the ticks.
 */
export function layoutColorbar(
  room: Rect,
  orientation: ColorbarLayout['orientation'],
  counts: Pick<ValueCounts, 'below' | 'above'>,
  em: number,
): ColorbarLayout {
  const low = counts.below > 0 ? barSpace.tip * em : 0;
  const high = counts.above > 0 ? barSpace.tip * em : 0;
  const thickness = barSpace.thickness * em;
  const bar =
    orientation === 'vertical'
      ? { x: room.x, y: room.y + high, width: thickness, height: room.height - high - low }
      : { x: room.x + low, y: room.y, width: room.width - low - high, height: thickness };
  return { orientation, bar, low, high };
}

/** Draws bar, ticks, name and key. The name of a vertical bar is drawn above its top arrow. */
export function drawColorbar(ctx: Context2D, layout: ColorbarLayout, data: ColorbarData, style: Style): void {
  ctx.save();
  drawGradient(ctx, layout, data, style);
  if (data.isEmpty) drawName(ctx, layout, data.name, style);
  else {
    drawLevels(ctx, layout, data, style);
    drawNoise(ctx, layout, data, style);
    const ticks = drawTicks(ctx, layout, data, style);
    drawName(ctx, layout, nameWithUnits(data.name, ticks), style);
  }
  drawBarKey(ctx, layout, data, style);
  ctx.restore();
}

function drawGradient(ctx: Context2D, layout: ColorbarLayout, { table }: ColorbarData, style: Style): void {
  const { bar, orientation, low, high } = layout;
  const vertical = orientation === 'vertical';
  const line = Math.max(1, Math.round(0.07 * style.em * style.scale)) / style.scale;
  ctx.save();
  ctx.beginPath();
  outline(ctx, layout);
  ctx.save();
  ctx.clip();
  const length = vertical ? bar.height : bar.width;
  for (let i = 0; i < colormapSize; i++) {
    // Each colour reaches to the end: the next one covers the rest, so that no seam shows.
    const from = (i / colormapSize) * length;
    ctx.fillStyle = cssColour(colourAt(table, (i + 0.5) / colormapSize));
    const below = i === 0 ? low : 0;
    if (vertical) ctx.fillRect(bar.x, bar.y - high, bar.width, bar.height - from + high + below);
    else ctx.fillRect(bar.x + from - below, bar.y, bar.width - from + high + below, bar.height);
  }
  ctx.restore();
  ctx.lineJoin = 'miter';
  ctx.strokeStyle = style.theme.frame;
  ctx.lineWidth = line;
  ctx.stroke();
  ctx.restore();
}

/** Path of the bar with an arrow at each end that is cut off; without one it ends square. */
function outline(ctx: Context2D, { bar, orientation, low, high }: ColorbarLayout): void {
  const { x, y, width, height } = bar;
  const [right, bottom] = [x + width, y + height];
  ctx.moveTo(x, y);
  if (orientation === 'vertical') {
    ctx.lineTo(x + width / 2, y - high);
    ctx.lineTo(right, y);
    ctx.lineTo(right, bottom);
    ctx.lineTo(x + width / 2, bottom + low);
    ctx.lineTo(x, bottom);
  } else {
    ctx.lineTo(right, y);
    ctx.lineTo(right + high, y + height / 2);
    ctx.lineTo(right, bottom);
    ctx.lineTo(x, bottom);
    ctx.lineTo(x - low, y + height / 2);
  }
  ctx.closePath();
}

function drawLevels(ctx: Context2D, layout: ColorbarLayout, data: ColorbarData, { em, scale }: Style): void {
  const { bar, orientation } = layout;
  for (const level of data.levels ?? []) {
    const unit = data.norm.unit(level);
    if (!(unit > 0 && unit < 1)) continue;
    const at = colorbarPositionOf(layout, data.norm, level);
    ctx.beginPath();
    if (orientation === 'vertical') {
      ctx.moveTo(bar.x, at);
      ctx.lineTo(bar.x + bar.width, at);
    } else {
      ctx.moveTo(at, bar.y);
      ctx.lineTo(at, bar.y + bar.height);
    }
    ctx.strokeStyle = isBright(colourAt(data.table, unit)) ? 'rgb(0 0 0 / 0.6)' : 'rgb(255 255 255 / 0.75)';
    ctx.lineWidth = Math.max(1 / scale, 0.07 * em);
    ctx.stroke();
  }
}

/** The piece of the bar, from its low end, that is as long as the rounding; a stroke at least. */
function drawNoise(ctx: Context2D, layout: ColorbarLayout, data: ColorbarData, style: Style): void {
  const { norm, noise } = data;
  if (noise === undefined || noise === null || !(noise > 0)) return;
  const { bar, orientation } = layout;
  const share = Math.min(1, Math.max(0, norm.unit(norm.min + noise)));
  ctx.strokeStyle = style.theme.ink;
  if (orientation === 'vertical') {
    const length = share * bar.height;
    drawBracket(ctx, bar.x - 0.35 * style.em, bar.y + bar.height - length, length, style);
  } else {
    const length = share * bar.width;
    drawBracket(ctx, bar.x, bar.y - 0.35 * style.em, length, style, true);
  }
}

function drawTicks(ctx: Context2D, layout: ColorbarLayout, data: ColorbarData, style: Style): Ticks {
  const { bar, orientation } = layout;
  const { em, scale, theme } = style;
  const vertical = orientation === 'vertical';
  const ticks = colorbarTicks(data, layout, vertical ? bar.height : bar.width, em);
  ctx.font = font(textSize.tick * em);
  ctx.fillStyle = theme.muted;
  ctx.strokeStyle = theme.frame;
  ctx.lineWidth = Math.max(1, Math.round(0.07 * em * scale)) / scale;
  ctx.textAlign = vertical ? 'left' : 'center';
  ctx.textBaseline = vertical ? 'middle' : 'top';
  ctx.beginPath();
  for (const { value, label } of ticks.ticks) {
    const at = colorbarPositionOf(layout, data.norm, value);
    const length = (label ? 1 : 0.55) * barSpace.tick * em;
    if (vertical) {
      ctx.moveTo(bar.x + bar.width, at);
      ctx.lineTo(bar.x + bar.width + length, at);
      ctx.fillText(label, bar.x + bar.width + (barSpace.tick + barSpace.gap) * em, at + 0.06 * em);
    } else {
      ctx.moveTo(at, bar.y + bar.height);
      ctx.lineTo(at, bar.y + bar.height + length);
      ctx.fillText(label, at, bar.y + bar.height + (barSpace.tick + barSpace.gap) * em);
    }
  }
  ctx.stroke();
  return ticks;
}

function drawName(
  ctx: Context2D,
  { bar, orientation, high }: ColorbarLayout,
  name: string,
  style: Style,
): void {
  const { em, theme } = style;
  ctx.font = font(textSize.label * em);
  ctx.fillStyle = theme.ink;
  if (orientation === 'vertical') {
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
    ctx.fillText(name, bar.x, bar.y - high - barSpace.name * em);
  } else {
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    const below = (barSpace.tick + barSpace.gap + textSize.tick + barSpace.name) * em;
    ctx.fillText(name, bar.x + bar.width / 2, bar.y + bar.height + below);
  }
}
