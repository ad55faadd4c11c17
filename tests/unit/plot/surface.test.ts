import { describe, expect, it } from 'vitest';
import { boxHeight, defaultAngles, makeCamera } from '../../../src/plot/camera.js';
import type { Context2D } from '../../../src/plot/heatmap.js';
import { resolveFigure } from '../../../src/plot/resolve.js';
import type { Figure } from '../../../src/plot/spec.js';
import { finish } from '../../../src/plot/steps.js';
import { surfacePainter } from '../../../src/plot/surface.js';
import { isHidden } from '../../../src/plot/surface-sight.js';
import { themes } from '../../../src/plot/theme.js';

const area = { x: 10, y: 20, width: 400, height: 300 };

describe('camera', () => {
  it('shows the middle of the box in the middle of the area, at every angle', () => {
    for (const azimuth of [-3, -0.65, 0, 1, 2.5]) {
      for (const elevation of [0.08, 0.6, Math.PI / 2]) {
        const [x, y] = makeCamera({ azimuth, elevation }, area, 5).project(0, 0, boxHeight / 2);
        expect(x).toBeCloseTo(210, 9);
        expect(y).toBeCloseTo(170, 9);
      }
    }
  });

  it('keeps every corner inside the area less its margin, at every angle', () => {
    for (let azimuth = -3; azimuth < 3; azimuth += 0.37) {
      for (let elevation = 0.08; elevation < 1.57; elevation += 0.21) {
        const camera = makeCamera({ azimuth, elevation }, area, 5);
        for (const x of [-1, 1]) {
          for (const y of [-1, 1]) {
            for (const z of [0, boxHeight]) {
              const [px, py] = camera.project(x, y, z);
              expect(Math.abs(px - 210)).toBeLessThan(195);
              expect(Math.abs(py - 170)).toBeLessThan(145.01);
            }
          }
        }
      }
    }
  });

  it('sees α to the right, β away and the value upward from the front', () => {
    const camera = makeCamera({ azimuth: 0, elevation: 0.5 }, area, 0);
    const [x0, y0, depth0] = camera.project(0, 0, 0);
    const [x1, y1] = camera.project(1, 0, 0);
    const [, , depth1] = camera.project(0, 1, 0);
    const [, y2] = camera.project(0, 0, 1);
    expect(x1).toBeGreaterThan(x0);
    expect(y1).toBeCloseTo(y0, 9);
    expect(depth1).toBeGreaterThan(depth0);
    expect(y2).toBeLessThan(y0);
  });
});

describe('what is in sight', () => {
  const ridge = (_u: number, v: number): number => (Math.abs(v - 0.5) < 0.06 ? 0.8 : 0.1);
  const low = { azimuth: 0, elevation: 0.3 };
  const seen = (angles: typeof low, unit: number, v: number, height = ridge): boolean =>
    !isHidden(makeCamera(angles, area, 5), height, 50, [0.4, v, unit]);

  it('ends behind a ridge, at a height that the slope of the view gives', () => {
    expect(seen(low, 0.1, 0.4)).toBe(true);
    expect(seen(low, 0.1, 0.7)).toBe(false);
    expect(seen(low, 0.8, 0.5)).toBe(true);
    // From v to the ridge's rear edge at 0.56 the ray climbs 2·tan(0.3)/1.1 = 0.562 for each unit of v.
    expect(seen(low, 0.7, 0.7)).toBe(false);
    expect(seen(low, 0.75, 0.7)).toBe(true);
    expect(seen({ ...low, azimuth: Math.PI }, 0.1, 0.7)).toBe(true);
    expect(seen({ ...low, elevation: Math.PI / 2 }, 0.1, 0.7)).toBe(true);
    expect(seen(low, 0.1, 0.7, (u, v) => (v > 0.65 ? ridge(u, v) : NaN))).toBe(true);
  });
});

/** Polygons that were filled, in order, as lists of points. */
function cellsOf(figure: Figure, angles = defaultAngles): [number, number][][] {
  const cells: [number, number][][] = [];
  let path: [number, number][] = [];
  const known: Record<string, unknown> = {
    beginPath: () => (path = []),
    lineTo: (x: number, y: number) => path.push([x, y]),
    fill: () => cells.push(path),
    measureText: (text: string) => ({ width: 7 * text.length }),
  };
  const ctx = new Proxy(known, {
    get: (target, name) => target[name as string] ?? (() => undefined),
    set: () => true,
  }) as unknown as Context2D;
  const panel = figure.panels[0]!;
  const plane = { area, columns: panel.columns, rows: panel.rows };
  const style = { theme: themes.light, em: 12, scale: 1 };
  finish(surfacePainter(angles, 'value')(ctx, plane, panel, resolveFigure(figure).views[0]!, style));
  return cells;
}

function figureOf(count: number, value: (column: number, row: number) => number): Figure {
  const axis = { from: -1, to: 1, count };
  const values = Float64Array.from({ length: count * count }, (_, i) =>
    value(i % count, Math.floor(i / count)),
  );
  return {
    scale: { name: 'value', map: 'viridis', norm: 'linear', limits: { min: 0, max: 1 } },
    contours: null,
    panels: [{ columns: axis, rows: axis, values }],
  };
}

describe('surface', () => {
  it('paints every cell once', () => {
    expect(cellsOf(figureOf(9, () => 0.5))).toHaveLength(64);
  });

  it('leaves the four cells around a NaN open', () => {
    const cells = cellsOf(figureOf(9, (column, row) => (column === 4 && row === 4 ? NaN : 0.5)));
    expect(cells).toHaveLength(60);
  });

  it('paints from back to front at every quarter turn', () => {
    for (const azimuth of [-2.5, -0.65, 0.8, 2.2]) {
      const angles = { azimuth, elevation: 0.5 };
      // On a level surface farther away is higher up in the picture.
      const heights = cellsOf(
        figureOf(5, () => 0.5),
        angles,
      ).map((cell) => Math.min(...cell.map(([, y]) => y)));
      const [first, last] = [heights[0]!, heights.at(-1)!];
      expect(Math.min(...heights)).toBeCloseTo(first, 9);
      expect(Math.max(...heights)).toBeCloseTo(last, 9);
    }
  });

  it('cuts heights at the limits, as colours are', () => {
    const top = (value: number) =>
      Math.min(
        ...cellsOf(figureOf(3, () => value))
          .flat()
          .map(([, y]) => y),
      );
    expect(top(5)).toBeCloseTo(top(1), 9);
    expect(top(0.5)).toBeGreaterThan(top(1));
  });
});
