import { describe, expect, it } from 'vitest';
import { colormap, colourAt, specialColours } from '../../../src/plot/colormaps.js';
import { type HeatmapGrid, type HeatmapOptions, rasterise } from '../../../src/plot/heatmap.js';
import { nearestKnown } from '../../../src/plot/nearest.js';
import { makeNorm } from '../../../src/plot/scale.js';

const special = specialColours.light;
const options = (extra: Partial<HeatmapOptions> = {}): HeatmapOptions => ({
  norm: makeNorm({ kind: 'linear', min: 0, max: 1 }),
  table: colormap('viridis'),
  special,
  ...extra,
});

const rgb = (pixel: number): number[] => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];

describe('rasterise', () => {
  it('draws row 0 at the bottom and column 0 at the left', () => {
    const grid = { columns: 2, rows: 2, values: [0, 0.25, 0.5, 1] };
    const pixels = rasterise(grid, options({ shading: 'flat' }), 2, 2);
    const expected = [0.5, 1, 0, 0.25].map((unit) => [...colourAt(colormap('viridis'), unit)]);
    expect([...pixels].map(rgb)).toEqual(expected);
    expect([...pixels].every((pixel) => pixel >>> 24 === 255)).toBe(true);
  });

  it('centres cells on their nodes: the outer ones are half as wide', () => {
    const grid = { columns: 3, rows: 2, values: [0, 0.5, 1, 0, 0.5, 1] };
    const pixels = rasterise(grid, options({ shading: 'flat' }), 8, 2);
    const unit = [0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1];
    expect([...pixels.subarray(0, 8)].map(rgb)).toEqual(
      unit.map((u) => [...colourAt(colormap('viridis'), u)]),
    );
  });

  it('interpolates on the measure of the scale when smooth', () => {
    const norm = makeNorm({ kind: 'log', min: 1, max: 100 });
    const grid = { columns: 2, rows: 2, values: [1, 100, 1, 100] };
    const pixels = rasterise(grid, options({ norm, table: colormap('grey') }), 128, 1);
    const expected = Array.from({ length: 128 }, (_, x) => Math.floor((256 * (x + 0.5)) / 128));
    expect([...pixels].map((pixel) => pixel & 255)).toEqual(expected);
  });

  it('is exact at nodes, smooth or flat, within one of 256 colours', () => {
    const [columns, rows, cell] = [9, 7, 20];
    const values = Float64Array.from({ length: columns * rows }, (_, i) => ((i * 37) % 100) / 100);
    for (const shading of ['flat', 'smooth'] as const) {
      const [width, height] = [(columns - 1) * cell, (rows - 1) * cell];
      const pixels = rasterise(
        { columns, rows, values },
        options({ shading, table: colormap('grey') }),
        width,
        height,
      );
      for (let node = 0; node < values.length; node++) {
        const x = Math.min(width - 1, (node % columns) * cell);
        const y = Math.min(height - 1, (rows - 1 - Math.floor(node / columns)) * cell);
        const tolerance = shading === 'flat' ? 0 : (256 * 1.1) / cell;
        const difference = Math.abs((pixels[y * width + x]! & 255) - Math.floor(256 * values[node]!));
        expect(difference, `${shading} node ${node}`).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('keeps NaN and ∞ in colours of their own and lets neither bleed', () => {
    const grid = { columns: 3, rows: 3, values: [0, 0, 0, 0, NaN, 0, 0, 0, Infinity] };
    const pixels = rasterise(grid, options(), 9, 9);
    const low = [...colourAt(colormap('viridis'), 0)];
    const seen = new Set([...pixels].map((pixel) => rgb(pixel).join()));
    expect(seen).toEqual(new Set([low.join(), special.nan.join(), special.infinite.join()]));
    expect(rgb(pixels[4 * 9 + 4]!)).toEqual([...special.nan]);
    expect(rgb(pixels[8]!)).toEqual([...special.infinite]);
  });

  it('gives −∞ its colour, and 0 on a log scale the lowest', () => {
    const norm = makeNorm({ kind: 'log', min: 1, max: 100 });
    const grid = { columns: 2, rows: 2, values: [-Infinity, 0, 1, 1] };
    const pixels = rasterise(grid, options({ norm, shading: 'flat' }), 2, 2);
    expect(rgb(pixels[2]!)).toEqual([...special.infinite]);
    expect(rgb(pixels[3]!)).toEqual([...colourAt(colormap('viridis'), 0)]);
  });

  it('interpolates what is not computed, tinted when asked', () => {
    const grid: HeatmapGrid = { columns: 5, rows: 1, values: [0, 9, 9, 9, 1], computed: [1, 0, 1, 0, 1] };
    const known = { ...grid, values: [0, 9, 0.5, 9, 1] };
    const plain = rasterise(known, options(), 16, 1);
    const whole = rasterise({ ...known, values: [0, 0.25, 0.5, 0.75, 1], computed: null }, options(), 16, 1);
    expect([...plain]).toEqual([...whole]);
    const tinted = rasterise(known, options({ veil: [255, 255, 255] }), 16, 1);
    expect(tinted[0]).toBe(plain[0]);
    expect(tinted[4]! & 255).toBeGreaterThan(plain[4]! & 255);
    // Away from every complete lattice it is the nearest computed point that is shown.
    const ends = rasterise({ ...grid, computed: [1, 0, 0, 0, 1] }, options(), 16, 1);
    expect(rgb(ends[3]!)).toEqual([...colourAt(colormap('viridis'), 0)]);
    expect(rgb(ends[12]!)).toEqual([...colourAt(colormap('viridis'), 1)]);
    const nothing = rasterise({ ...grid, computed: new Uint8Array(5) }, options(), 16, 1);
    expect(new Set(nothing).size).toBe(1);
    expect(rgb(nothing[0]!)).toEqual([...special.pending]);
  });

  it('draws a single point, and refuses a grid of another size', () => {
    expect(new Set(rasterise({ columns: 1, rows: 1, values: [0.5] }, options(), 4, 4)).size).toBe(1);
    expect(() => rasterise({ columns: 2, rows: 2, values: [1] }, options(), 4, 4)).toThrow(
      '1 values for 2 × 2',
    );
  });
});

describe('nearestKnown', () => {
  it('finds sources as near as a search through all of them, within 1 % of points', () => {
    const [columns, rows] = [31, 23];
    const known = Uint8Array.from({ length: columns * rows }, (_, i) => ((i * 2654435761) % 97 < 4 ? 1 : 0));
    const all = [...known.keys()].filter((i) => known[i]);
    const source = nearestKnown(known, columns, rows);
    const distance = (p: number, q: number): number =>
      ((p % columns) - (q % columns)) ** 2 + (Math.floor(p / columns) - Math.floor(q / columns)) ** 2;
    let farther = 0;
    for (let i = 0; i < known.length; i++) {
      const nearest = Math.min(...all.map((j) => distance(i, j)));
      if (distance(i, source[i]!) > nearest) farther++;
      expect(known[source[i]!]).toBe(1);
    }
    expect(farther).toBeLessThanOrEqual(0.01 * known.length);
  });

  it('knows nothing where nothing is known', () => {
    expect([...nearestKnown([0, 0, 0, 0], 2, 2)]).toEqual([-1, -1, -1, -1]);
  });
});
