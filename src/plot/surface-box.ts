/**
 * The box around a 3-D surface: floor, the two walls behind it, ticks on the edges in front.
 */
import { widestLabel } from './axes.js';
import { boxHeight, type Camera } from './camera.js';
import { axisUnit, type PlaneArea } from './geometry.js';
import type { Context2D } from './heatmap.js';
import type { Norm } from './scale.js';
import { font, type Style, textSize } from './theme.js';
import { linearTicks, nameWithUnits, normTicks, type Ticks } from './ticks.js';

type Corner = readonly [x: number, y: number];

/** Ends, in the floor's coordinates, of what lies in front. */
function nearSides({ forward }: Camera): Corner {
  return [forward[0] > 0 ? -1 : 1, forward[1] > 0 ? -1 : 1];
}

/** Draws what lies behind the surface: floor and back walls with the scale's lines. */
export function drawBoxBack(ctx: Context2D, camera: Camera, norm: Norm, { theme, em }: Style): void {
  const [nearX, nearY] = nearSides(camera);
  const walls: readonly (readonly [Corner, Corner])[] = [
    [
      [-nearX, -1],
      [-nearX, 1],
    ],
    [
      [-1, -nearY],
      [1, -nearY],
    ],
  ];
  ctx.save();
  ctx.strokeStyle = theme.frame;
  ctx.lineWidth = 0.05 * em;
  ctx.globalAlpha = 0.55;
  polygon(ctx, camera, [
    [-1, -1, 0],
    [1, -1, 0],
    [1, 1, 0],
    [-1, 1, 0],
  ]);
  ctx.stroke();
  for (const [[x0, y0], [x1, y1]] of walls) {
    polygon(ctx, camera, [
      [x0, y0, 0],
      [x1, y1, 0],
      [x1, y1, boxHeight],
      [x0, y0, boxHeight],
    ]);
    ctx.stroke();
  }
  ctx.globalAlpha = 0.22;
  for (const { value, label } of normTicks(norm, 5).ticks) {
    if (!label) continue;
    const z = norm.unit(value) * boxHeight;
    for (const [[x0, y0], [x1, y1]] of walls) {
      polygon(ctx, camera, [
        [x0, y0, z],
        [x1, y1, z],
      ]);
      ctx.stroke();
    }
  }
  ctx.restore();
}

export interface BoxNames {
  readonly a: string;
  readonly b: string;
  readonly value: string;
}

/** Draws ticks and names: α and β along the floor's front edges, the scale at the left. */
export function drawBoxFront(
  ctx: Context2D,
  camera: Camera,
  { columns, rows }: PlaneArea,
  norm: Norm,
  names: BoxNames,
  style: Style,
): void {
  const [nearX, nearY] = nearSides(camera);
  const place = (axis: { from: number; to: number; count: number }, value: number): number =>
    2 * axisUnit(axis, value) - 1;
  drawEdge(ctx, camera, linearTicks(columns.from, columns.to, 4), names.a, style, (value) => [
    value === null ? 0 : place(columns, value),
    nearY,
    0,
  ]);
  drawEdge(ctx, camera, linearTicks(rows.from, rows.to, 4), names.b, style, (value) => [
    nearX,
    value === null ? 0 : place(rows, value),
    0,
  ]);
  const corners: readonly Corner[] = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ];
  const leftmost = corners.reduce((best, corner) =>
    camera.project(...corner, 0)[0] < camera.project(...best, 0)[0] ? corner : best,
  );
  drawEdge(ctx, camera, normTicks(norm, 5), names.value, style, (value) => [
    ...leftmost,
    boxHeight * (value === null ? 0.5 : norm.unit(value)),
  ]);
}

/** Ticks along an edge, pointing away from the box's middle; `at(null)` is where the name stands. */
function drawEdge(
  ctx: Context2D,
  camera: Camera,
  ticks: Ticks,
  name: string,
  { theme, em }: Style,
  at: (value: number | null) => readonly [number, number, number],
): void {
  const [middleX] = camera.project(0, 0, boxHeight / 2);
  const [nameX, nameY] = camera.project(...at(null));
  // Floor edges carry their labels below, the upright one at its left.
  const upright = at(null)[2] > 0;
  const away = upright ? [-1, 0] : [Math.sign(nameX - middleX) * 0.7, 0.7];
  const align: CanvasTextAlign = upright || nameX < middleX - 0.5 * em ? 'right' : 'left';
  ctx.save();
  ctx.strokeStyle = theme.frame;
  ctx.lineWidth = 0.07 * em;
  ctx.fillStyle = theme.muted;
  ctx.font = font(textSize.tick * em);
  ctx.textAlign = align;
  ctx.textBaseline = upright ? 'middle' : 'top';
  ctx.beginPath();
  for (const { value, label } of ticks.ticks) {
    if (!label) continue;
    const [x, y] = camera.project(...at(value));
    const [dx, dy] = [away[0]! * 0.45 * em, away[1]! * 0.45 * em];
    ctx.moveTo(x, y);
    ctx.lineTo(x + dx, y + dy);
    ctx.fillText(label, x + 1.5 * dx, y + 1.5 * dy);
  }
  ctx.stroke();
  const room = widestLabel(ctx, ticks) + 1.4 * em;
  ctx.fillStyle = theme.ink;
  ctx.font = font(textSize.label * em);
  const [x, y] = upright ? [nameX - room, nameY] : [nameX + away[0]! * (room + em), nameY + 1.7 * em];
  ctx.translate(x, y);
  if (upright) ctx.rotate(-Math.PI / 2);
  ctx.textAlign = upright ? 'center' : align;
  ctx.textBaseline = upright ? 'bottom' : 'top';
  ctx.fillText(nameWithUnits(name, ticks), 0, 0);
  ctx.restore();
}

function polygon(
  ctx: Context2D,
  camera: Camera,
  corners: readonly (readonly [number, number, number])[],
): void {
  ctx.beginPath();
  for (const corner of corners) {
    const [x, y] = camera.project(...corner);
    ctx.lineTo(x, y);
  }
  ctx.closePath();
}
