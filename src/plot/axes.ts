/**
 * The frame of a panel with its ticks and the axes' names.
 */
import { axisUnit, type PlaneArea } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { font, type Style, textSize } from './theme.js';
import { linearTicks, nameWithUnits, type Ticks } from './ticks.js';

export interface AxisNames {
  readonly a: string;
  readonly b: string;
}

/** Distances as multiples of the text size. */
export const axisSpace = { tick: 0.38, gap: 0.28, name: 0.35 } as const;

/** Room for one horizontal label, as a multiple of the text size: decides how many ticks there are. */
const labelRoom = 5.2;

/** Ticks that fit an axis drawn `length` long at text size `em`. */
export function axisTicks(
  axis: { readonly from: number; readonly to: number },
  length: number,
  em: number,
): Ticks {
  const count = Math.min(8, Math.max(2, Math.round(length / (labelRoom * em))));
  return linearTicks(axis.from, axis.to, count);
}

/** Width of the widest label at the current font. */
export function widestLabel(ctx: Context2D, { ticks }: Ticks): number {
  return Math.max(0, ...ticks.map(({ label }) => ctx.measureText(label).width));
}

/** Draws frame, ticks outside of it, labels and names: α below, β turned at the left. */
export function drawAxes(ctx: Context2D, plane: PlaneArea, names: AxisNames, style: Style): void {
  const { area, columns, rows } = plane;
  const { em, scale, theme } = style;
  const line = Math.max(1, Math.round(0.07 * em * scale)) / scale;
  const [bottom, right] = [area.y + area.height, area.x + area.width];
  ctx.save();
  ctx.strokeStyle = theme.frame;
  ctx.lineWidth = line;
  ctx.strokeRect(area.x - line / 2, area.y - line / 2, area.width + line, area.height + line);

  const across = axisTicks(columns, area.width, em);
  const up = axisTicks(rows, area.height, em);
  const length = axisSpace.tick * em;
  ctx.font = font(textSize.tick * em);
  ctx.fillStyle = theme.muted;
  ctx.beginPath();
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const { value, label } of across.ticks) {
    const x = sharp(area.x + axisUnit(columns, value) * area.width, area.x, right, line, scale);
    ctx.moveTo(x, bottom + line);
    ctx.lineTo(x, bottom + line + length);
    ctx.fillText(label, x, bottom + line + length + axisSpace.gap * em);
  }
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (const { value, label } of up.ticks) {
    const y = sharp(bottom - axisUnit(rows, value) * area.height, area.y, bottom, line, scale);
    ctx.moveTo(area.x - line, y);
    ctx.lineTo(area.x - line - length, y);
    // Figures have no descenders, so their middle lies above the line's.
    ctx.fillText(label, area.x - line - length - axisSpace.gap * em, y + 0.06 * em);
  }
  ctx.stroke();

  const labelWidth = widestLabel(ctx, up);
  ctx.font = font(textSize.label * em);
  ctx.fillStyle = theme.ink;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  const below = length + (axisSpace.gap + axisSpace.name + textSize.tick) * em;
  ctx.fillText(nameWithUnits(names.a, across), area.x + area.width / 2, bottom + below);
  ctx.textBaseline = 'bottom';
  const aside = length + axisSpace.gap * em + labelWidth + axisSpace.name * em;
  ctx.translate(area.x - aside, area.y + area.height / 2);
  // A lone letter is read upright; only a longer name is turned.
  const name = nameWithUnits(names.b, up);
  if (name.length > 1) ctx.rotate(-Math.PI / 2);
  else {
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
  }
  ctx.fillText(name, 0, 0);
  ctx.restore();
}

/** A tick's place in the middle of device pixels; those at the ends in line with the frame. */
function sharp(at: number, first: number, last: number, line: number, scale: number): number {
  if (Math.abs(at - first) < line) return first - line / 2;
  if (Math.abs(at - last) < line) return last + line / 2;
  return Math.floor((at - line / 2) * scale + 0.5) / scale + line / 2;
}
