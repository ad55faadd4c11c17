/**
 * What must stand where in a picture. It runs in the gallery page and gives numbers for the test to
 * compare; the expected ones are worked out from the data here, not by the code under test.
 */
import { colormap } from '../../src/plot/colormaps.js';
import { drawFigure } from '../../src/plot/figure.js';
import { planePointAt, type PlanePoint, positionOf } from '../../src/plot/geometry.js';
import type { FigureLayout } from '../../src/plot/layout.js';
import { resolveFigure } from '../../src/plot/resolve.js';
import type { Panel } from '../../src/plot/spec.js';
import { themes } from '../../src/plot/theme.js';
import type { Picture } from './picture.js';

export interface Check {
  readonly what: string;
  /** Channels of one pixel after another, or 1 and 0 for what is and isn't so. */
  readonly actual: number[];
  readonly expected: number[];
}

interface Drawn {
  readonly layout: FigureLayout;
  pixel(x: number, y: number): number[];
}

function draw({ figure, width, height, theme, paint }: Picture): Drawn {
  const ctx = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  const layout = drawFigure(ctx, figure, width, height, 1, theme, paint);
  const { data } = ctx.getImageData(0, 0, width, height);
  return {
    layout,
    pixel: (x, y) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)],
  };
}

/** All checks of one picture; a perturbed one is drawn from values that belong to the neighbouring node. */
export function checkPicture(picture: Picture, isPerturbed: boolean): Check[] {
  const drawn = draw(picture);
  return [
    checkEdge(picture, drawn),
    checkLayout(picture, drawn),
    ...(picture.paint ? [] : [...checkNodes(picture, isPerturbed), ...checkLines(picture, isPerturbed)]),
    ...checkPaths(picture, isPerturbed),
  ];
}

/** Overlays draw where they must and nowhere else; of a perturbed picture they are left out. */
function checkPaths(picture: Picture, isPerturbed: boolean): Check[] {
  const { paths, figure } = picture;
  if (!paths) return [];
  // The key would take room from one of them alone.
  const own = { ...figure, key: false };
  const without = { ...own, panels: figure.panels.map((panel) => ({ ...panel, overlays: [] })) };
  const bare = draw({ ...picture, figure: without });
  const drawn = isPerturbed ? bare : draw({ ...picture, figure: own });
  const plane = drawn.layout.panels[0]!;
  const isPath = (point: PlanePoint): number => {
    const { x, y } = positionOf(plane, point);
    const [p, q] = [drawn, bare].map(({ pixel }) => pixel(Math.floor(x), Math.floor(y)));
    return p!.some((channel, i) => Math.abs(channel - q![i]!) > 12) ? 1 : 0;
  };
  return [
    { what: 'path', actual: paths.on.map(isPath), expected: paths.on.map(() => 1) },
    { what: 'no path', actual: paths.off.map(isPath), expected: paths.off.map(() => 0) },
  ];
}

/** Nothing may reach the picture's edge: text there would be cut. */
function checkEdge(picture: Picture, { pixel }: Drawn): Check {
  const { width, height, theme } = picture;
  const paper = themes[theme].paper;
  const colour = paper ? [1, 3, 5].map((at) => Number.parseInt(paper.slice(at, at + 2), 16)) : [0, 0, 0];
  const expected = [...colour, paper ? 255 : 0];
  const isOther = (x: number, y: number): boolean =>
    pixel(x, y).some((channel, i) => channel !== expected[i]);
  let other = 0;
  for (let x = 0; x < width; x++) other += Number(isOther(x, 1)) + Number(isOther(x, height - 2));
  for (let y = 0; y < height; y++) other += Number(isOther(1, y)) + Number(isOther(width - 2, y));
  return { what: 'pixels at the edge that are not paper', actual: [other], expected: [0] };
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
    panels: figure.panels.map((panel) => ({ ...panel, marks: [], overlays: [] })),
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

/** Contour lines are where they must be, and nowhere else; a perturbed picture has other levels. */
function checkLines(picture: Picture, isPerturbed: boolean): Check[] {
  const { lines, figure } = picture;
  if (!lines) return [];
  const levels = figure.contours?.levels?.map((level) => (isPerturbed ? 0.8 * level : level)) ?? [];
  const drawn = draw({ ...picture, figure: { ...figure, contours: { ...figure.contours, levels } } });
  const bare = draw({ ...picture, figure: { ...figure, contours: null } });
  const plane = drawn.layout.panels[0]!;
  const isLine = (point: PlanePoint): number => {
    const { x, y } = positionOf(plane, point);
    const [p, q] = [drawn, bare].map(({ pixel }) => pixel(Math.floor(x), Math.floor(y)));
    return p!.some((channel, i) => Math.abs(channel - q![i]!) > 12) ? 1 : 0;
  };
  return [
    { what: 'contours', actual: lines.on.map(isLine), expected: lines.on.map(() => 1) },
    { what: 'no contours', actual: lines.off.map(isLine), expected: lines.off.map(() => 0) },
  ];
}

/** Panels, bars and texts lie inside the picture, are square, of one size, and do not overlap. */
function checkLayout(picture: Picture, { layout }: Drawn): Check {
  const { width, height, figure } = picture;
  const areas = layout.panels.map(({ area }) => area);
  const boxes = [...areas, ...layout.colorbars.map(({ bar }) => bar)];
  const facts: boolean[] = [
    ...boxes.map((b) => b.x >= 0 && b.y >= 0 && b.x + b.width <= width && b.y + b.height <= height),
    ...areas.map((area) => Math.abs(area.width - area.height) <= 1 && area.width > 0),
    ...areas.map((area) => Math.abs(area.width - areas[0]!.width) <= 1),
    ...boxes.flatMap((p, i) =>
      boxes
        .slice(i + 1)
        .map(
          (q) => p.x + p.width < q.x || q.x + q.width < p.x || p.y + p.height < q.y || q.y + q.height < p.y,
        ),
    ),
    // Text of a slide is at least 24 pixels high, anything else at least 10.
    layout.em >= (height === 1080 && width === 1920 ? 24 : 10),
    ...layout.panels.map((plane, i) => {
      const { columns, rows } = figure.panels[i]!;
      const point = { a: 0.75 * columns.from + 0.25 * columns.to, b: 0.1 * rows.from + 0.9 * rows.to };
      const { x, y } = positionOf(plane, point);
      const back = planePointAt(plane, x, y)!;
      const [da, db] = [columns.to - columns.from, rows.to - rows.from];
      return Math.abs(back.a - point.a) < 1e-9 * da && Math.abs(back.b - point.b) < 1e-9 * db;
    }),
  ];
  return { what: 'layout', actual: facts.map(Number), expected: facts.map(() => 1) };
}
