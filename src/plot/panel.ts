/**
 * One panel: map, contours, marks, frame and axes.
 */
import { type AxisNames, drawAxes } from './axes.js';
import { drawContours } from './contour-lines.js';
import { contourSteps } from './contours.js';
import { type PlaneArea, type PlanePoint, positionOf } from './geometry.js';
import { type Context2D, drawHeatmap, type HeatmapGrid } from './heatmap.js';
import { drawCrosshair, drawMarks } from './marks.js';
import type { Norm } from './scale.js';
import { cssColour } from './colormaps.js';
import type { Panel } from './spec.js';
import type { Steps } from './steps.js';
import type { Style } from './theme.js';

/** How a panel's values are shown; made by `resolveFigure`. */
export interface PanelView {
  readonly norm: Norm;
  readonly table: Uint8Array;
  readonly levels: readonly number[];
  /** Text of each level; null for unlabelled lines. */
  readonly labels: ReadonlyMap<number, string> | null;
  readonly heatmap: boolean;
  readonly shading: 'flat' | 'smooth';
  readonly veil: boolean;
  readonly crosshair: PlanePoint | null;
  readonly names: AxisNames;
}

/** Draws one panel into its place, in steps between which the context stays as it is. */
export type PanelPainter = (
  ctx: Context2D,
  plane: PlaneArea,
  panel: Panel,
  view: PanelView,
  style: Style,
) => Steps<void>;

/** The panel's values as a grid for maps and contours. */
export function gridOf({ values, computed, borrowed, columns, rows }: Panel): HeatmapGrid {
  const size = { columns: columns.count, rows: rows.count };
  return { values, computed: computed ?? null, borrowed: borrowed ?? null, ...size };
}

/** Draws a panel into its place; the frame encloses `plane.area`, ticks and names lie outside of it. */
export function* drawPanel(
  ctx: Context2D,
  plane: PlaneArea,
  panel: Panel,
  view: PanelView,
  style: Style,
): Steps<void> {
  const { area } = plane;
  const grid = gridOf(panel);
  if (view.heatmap) {
    drawHeatmap(ctx, area, grid, {
      norm: view.norm,
      table: view.table,
      special: style.theme.special,
      shading: view.shading,
      veil: view.veil ? style.theme.ground : null,
    });
  } else if (style.theme.paper) {
    ctx.fillStyle = style.theme.paper;
    ctx.fillRect(area.x, area.y, area.width, area.height);
  }
  if (!view.heatmap) drawHoles(ctx, plane, grid, style);
  yield;
  const { marks = [], overlays = [] } = panel;
  const lines = panel.contourLines ?? (yield* contourSteps(grid, view.norm, view.levels));
  yield;
  const drawLabels = drawContours(
    ctx,
    area,
    lines,
    {
      ...view,
      onMap: view.heatmap,
      marks: marks.map((mark) => positionOf(plane, mark)),
      columns: grid.columns,
      rows: grid.rows,
    },
    style,
  );
  if (overlays.length > 0) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.x, area.y, area.width, area.height);
    ctx.clip();
    for (const overlay of overlays) overlay(ctx, (point) => positionOf(plane, point), style);
    ctx.restore();
  }
  drawLabels();
  drawMarks(ctx, plane, marks, style, view.heatmap ? 'map' : 'paper');
  if (view.crosshair) drawCrosshair(ctx, plane, view.crosshair, style);
  drawAxes(ctx, plane, view.names, style);
}

/** Without a map, cells that are NaN or infinite are still coloured: a missing line needs its reason. */
function drawHoles(ctx: Context2D, { area }: PlaneArea, grid: HeatmapGrid, { theme }: Style): void {
  const { columns, rows, values, computed } = grid;
  const [width, height] = [area.width / Math.max(1, columns - 1), area.height / Math.max(1, rows - 1)];
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value) || (computed && !computed[i])) continue;
    ctx.fillStyle = cssColour(Number.isNaN(value) ? theme.special.nan : theme.special.infinite);
    const [column, row] = [i % columns, Math.floor(i / columns)];
    ctx.fillRect(area.x + (column - 0.5) * width, area.y + area.height - (row + 0.5) * height, width, height);
  }
  ctx.restore();
}
