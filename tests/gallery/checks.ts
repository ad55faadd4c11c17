/**
 * What must stand where in a picture. It runs in the gallery page and gives numbers for the test to
 * compare; the expected ones are worked out from the data here, not by the code under test.
 */
import { colormap } from '../../src/plot/colormaps.js';
import { drawFigure } from '../../src/plot/figure.js';
import type { FigureLayout } from '../../src/plot/layout.js';
import { resolveFigure } from '../../src/plot/resolve.js';
import type { Panel } from '../../src/plot/spec.js';
import { themes } from '../../src/plot/theme.js';
import type { Picture } from './picture.js';

export interface Check {
  readonly what: string;
  /** Red, green, blue, alpha of one pixel after another. */
  readonly actual: number[];
  readonly expected: number[];
}

interface Drawn {
  readonly layout: FigureLayout;
  pixel(x: number, y: number): number[];
}

function draw({ figure, width, height, theme }: Picture): Drawn {
  const ctx = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  const layout = drawFigure(ctx, figure, width, height, 1, theme);
  const { data } = ctx.getImageData(0, 0, width, height);
  return {
    layout,
    pixel: (x, y) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)],
  };
}

/** All checks of one picture; a perturbed one is drawn from values that belong to the neighbouring node. */
export function checkPicture(picture: Picture, isPerturbed: boolean): Check[] {
  return [checkEdge(picture), ...checkNodes(picture, isPerturbed)];
}

/** Nothing may reach the picture's edge: text there would be cut. */
function checkEdge(picture: Picture): Check {
  const { width, height, theme } = picture;
  const { pixel } = draw(picture);
  const paper = themes[theme].paper;
  const colour = paper ? [1, 3, 5].map((at) => Number.parseInt(paper.slice(at, at + 2), 16)) : [0, 0, 0];
  const actual: number[] = [];
  for (let x = 0; x < width; x++) actual.push(...pixel(x, 1), ...pixel(x, height - 2));
  for (let y = 0; y < height; y++) actual.push(...pixel(1, y), ...pixel(width - 2, y));
  const expected = actual.map((_, i) => (i % 4 < 3 ? colour[i % 4]! : paper ? 255 : 0));
  return { what: 'edge', actual, expected };
}

/** With flat cells and nothing on top, every node's pixel has the colour of its value. */
function checkNodes(picture: Picture, isPerturbed: boolean): Check[] {
  const { figure, theme } = picture;
  const bare = {
    ...figure,
    heatmap: true,
    shading: 'flat' as const,
    veil: false,
    contours: null,
    crosshair: null,
    panels: figure.panels.map((panel) => ({ ...panel, marks: [] })),
  };
  const { views } = resolveFigure(bare);
  const drawn = draw({
    ...picture,
    figure: isPerturbed ? { ...bare, panels: bare.panels.map((panel) => perturbed(panel)) } : bare,
  });
  return bare.panels.map((panel, i) => {
    const { area } = drawn.layout.panels[i]!;
    const { norm } = views[i]!;
    const scale = panel.scale ?? figure.scale;
    const table = colormap(scale.map, scale.reversed);
    const { special } = themes[theme];
    const actual: number[] = [];
    const expected: number[] = [];
    const [columns, rows] = [panel.columns.count, panel.rows.count];
    for (let node = 0; node < columns * rows; node++) {
      if (panel.computed && !panel.computed[node]) continue;
      const [column, row] = [node % columns, Math.floor(node / columns)];
      const x = area.x + Math.min(area.width - 1, Math.floor((column / (columns - 1)) * area.width));
      const y = area.y + Math.min(area.height - 1, Math.floor((1 - row / (rows - 1)) * area.height));
      actual.push(...drawn.pixel(x, y));
      const value = panel.values[node]!;
      if (Number.isNaN(value)) expected.push(...special.nan, 255);
      else if (!Number.isFinite(value)) expected.push(...special.infinite, 255);
      else {
        const index = Math.min(255, Math.max(0, Math.floor(256 * unitOf(value, norm))));
        expected.push(...table.subarray(3 * index, 3 * index + 3), 255);
      }
    }
    return { what: `nodes of panel ${i}`, actual, expected };
  });
}

function perturbed(panel: Panel): Panel {
  return { ...panel, values: panel.values.map((_, i, all) => all[(i + 1) % all.length]!) };
}

function unitOf(
  value: number,
  { kind, min, max, constant }: { kind: string; min: number; max: number; constant: number },
): number {
  if (kind === 'linear') return (value - min) / (max - min);
  const f = (v: number): number =>
    kind === 'log' ? Math.log(v) : Math.sign(v) * Math.log1p(Math.abs(v) / constant);
  return (f(value) - f(min)) / (f(max) - f(min));
}
