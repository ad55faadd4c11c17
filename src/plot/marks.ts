/**
 * What stands on top of a map: marks and the crosshair, legible over any colour.
 */
import { positionOf, type PlaneArea, type PlanePoint } from './geometry.js';
import type { Context2D } from './heatmap.js';
import type { Style } from './theme.js';

/** `centre` is a cross, `minimum` a ring, `point` a dot, `run` a piece of a path and `downhill` an arrow (in the key alone). */
export type MarkKind = 'centre' | 'minimum' | 'point' | 'run' | 'downhill';

export interface Mark extends PlanePoint {
  readonly kind: MarkKind;
}

/** Names in the key below a figure. */
export const markTitles: Readonly<Record<MarkKind, string>> = {
  centre: 'trained network',
  minimum: 'lowest point',
  point: 'point',
  run: 'run, thin and grey off the plane',
  downhill: 'gradient descent',
};

const lightLine = '#ffffff';
const darkLine = 'rgb(0 0 0 / 0.75)';

/** Radius of a mark and width of its line, as multiples of the text size. */
const markRadius = 0.5;
const markLine = 0.13;
const haloLine = 0.3;

/** A path on the plane and off it, as run-path.ts draws it: from, to, width, colour. */
const runKey = [
  [-1, 0.2, 0.32, 'rgb(255 150 40)'],
  [0.4, 1.2, 0.12, 'rgb(150 150 150)'],
] as const;

/** Draws one mark with its middle at (x, y): white with a dark rim on a map, in plain ink in the key. */
export function drawMark(
  ctx: Context2D,
  kind: MarkKind,
  x: number,
  y: number,
  { em, theme }: Style,
  ground: 'map' | 'paper' = 'map',
): void {
  const r = markRadius * em;
  ctx.save();
  ctx.lineCap = 'round';
  if (kind === 'run') {
    for (const [x0, x1, width, colour] of runKey) {
      ctx.beginPath();
      ctx.moveTo(x + x0 * r, y);
      ctx.lineTo(x + x1 * r, y);
      ctx.lineWidth = width * em;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
    ctx.restore();
    return;
  }
  ctx.beginPath();
  if (kind === 'centre') {
    ctx.moveTo(x - r, y);
    ctx.lineTo(x + r, y);
    ctx.moveTo(x, y - r);
    ctx.lineTo(x, y + r);
  } else if (kind === 'downhill') {
    ctx.moveTo(x - r, y);
    ctx.lineTo(x + r, y);
    ctx.moveTo(x + 0.4 * r, y - 0.5 * r);
    ctx.lineTo(x + r, y);
    ctx.lineTo(x + 0.4 * r, y + 0.5 * r);
  } else {
    ctx.arc(x, y, kind === 'minimum' ? 0.8 * r : 0.45 * r, 0, 2 * Math.PI);
  }
  if (ground === 'map') {
    ctx.strokeStyle = darkLine;
    ctx.lineWidth = haloLine * em;
    ctx.stroke();
  }
  ctx.strokeStyle = ctx.fillStyle = ground === 'map' ? lightLine : theme.ink;
  ctx.lineWidth = markLine * em;
  if (kind === 'point') ctx.fill();
  else ctx.stroke();
  ctx.restore();
}

/** Draws marks that lie inside the frame. */
export function drawMarks(
  ctx: Context2D,
  plane: PlaneArea,
  marks: readonly Mark[],
  style: Style,
  ground: 'map' | 'paper' = 'map',
): void {
  const { area } = plane;
  for (const mark of marks) {
    const { x, y } = positionOf(plane, mark);
    const inside = x >= area.x && x <= area.x + area.width && y >= area.y && y <= area.y + area.height;
    if (inside) drawMark(ctx, mark.kind, x, y, style, ground);
  }
}

/** Two thin lines through (α, β), light on a dark shade; nothing outside the frame. */
export function drawCrosshair(
  ctx: Context2D,
  plane: PlaneArea,
  point: PlanePoint,
  { scale, em }: Style,
): void {
  const { area } = plane;
  const { x, y } = positionOf(plane, point);
  const gap = 0.7 * em;
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  ctx.beginPath();
  ctx.moveTo(area.x, y);
  ctx.lineTo(x - gap, y);
  ctx.moveTo(x + gap, y);
  ctx.lineTo(area.x + area.width, y);
  ctx.moveTo(x, area.y);
  ctx.lineTo(x, y - gap);
  ctx.moveTo(x, y + gap);
  ctx.lineTo(x, area.y + area.height);
  const pixel = Math.max(1 / scale, 0.07 * em);
  ctx.strokeStyle = 'rgb(0 0 0 / 0.4)';
  ctx.lineWidth = 3 * pixel;
  ctx.stroke();
  ctx.strokeStyle = lightLine;
  ctx.lineWidth = pixel;
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, y, gap, 0, 2 * Math.PI);
  ctx.strokeStyle = 'rgb(0 0 0 / 0.4)';
  ctx.lineWidth = 3 * pixel;
  ctx.stroke();
  ctx.strokeStyle = lightLine;
  ctx.lineWidth = pixel;
  ctx.stroke();
  ctx.restore();
}
