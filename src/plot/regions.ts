/** A grid of regions as colours: which one each node belongs to, and how strongly. */
import type { PlaneArea } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { drawPanel, type PanelPainter } from './panel.js';

export interface Regions {
  /** Nodes per side; index row · size + column, row 0 at the bottom, the first and last on the frame. */
  readonly size: number;
  /** A CSS colour for each node. */
  readonly colours: readonly string[];
}

/** Paints panels with the regions in place of the map, under contours, marks and axes. */
export function regionPainter(regions: Regions): PanelPainter {
  return function* (ctx, plane, panel, view, style) {
    fillRegions(ctx, plane, regions);
    // No paper: it would cover the regions.
    const theme = { ...style.theme, paper: null };
    yield* drawPanel(ctx, plane, panel, { ...view, heatmap: false }, { ...style, theme });
  };
}

function fillRegions(ctx: Context2D, { area }: PlaneArea, { size, colours }: Regions): void {
  const [width, height] = [area.width / (size - 1), area.height / (size - 1)];
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  colours.forEach((colour, i) => {
    const [column, row] = [i % size, Math.floor(i / size)];
    ctx.fillStyle = colour;
    const [x, y] = [area.x + (column - 0.5) * width, area.y + area.height - (row + 0.5) * height];
    // Whole units, overlapping: no seams of half-covered pixels.
    const [left, top] = [Math.floor(x), Math.floor(y)];
    ctx.fillRect(left, top, Math.ceil(x + width) - left, Math.ceil(y + height) - top);
  });
  ctx.restore();
}
