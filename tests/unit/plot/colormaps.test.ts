import { describe, expect, it } from 'vitest';
import { scaleLinear } from 'd3-scale';
import {
  colormap,
  colormapIndex,
  colormaps,
  colormapSize,
  colourAt,
  luminance,
  type Rgb,
  specialColours,
} from '../../../src/plot/colormaps.js';

/** CIE L*a*b* (D65) of an sRGB colour. */
function lab(rgb: Rgb): [number, number, number] {
  const [r, g, b] = rgb.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const difference = (p: Rgb, q: Rgb): number => {
  const [a, b] = [lab(p), lab(q)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
};

const entries = (table: Uint8Array): Rgb[] =>
  Array.from({ length: colormapSize }, (_, i) => [table[3 * i]!, table[3 * i + 1]!, table[3 * i + 2]!]);

describe('colour maps', () => {
  it('have the published end and middle colours', () => {
    const known: [Parameters<typeof colormap>[0], Rgb, Rgb, Rgb][] = [
      ['viridis', [68, 1, 84], [33, 145, 140], [253, 231, 37]],
      ['cividis', [0, 34, 78], [125, 124, 120], [254, 232, 56]],
      ['magma', [0, 0, 4], [183, 55, 121], [252, 253, 191]],
      ['grey', [0, 0, 0], [128, 128, 128], [255, 255, 255]],
    ];
    for (const [name, low, middle, high] of known) {
      const colours = entries(colormap(name));
      expect(colours[0], name).toEqual(low);
      expect(difference(colours[128]!, middle), name).toBeLessThan(1);
      expect(colours[255], name).toEqual(high);
    }
  });

  it('grow lighter all along, the diverging one up to its middle and down again', () => {
    for (const { name, diverging } of colormaps) {
      const light = entries(colormap(name)).map((colour) => lab(colour)[0]);
      const lowest = Math.min(
        ...light.slice(1).map((value, i) => (diverging && i >= 127 ? light[i]! - value : value - light[i]!)),
      );
      expect(lowest, name).toBeGreaterThan(-0.35);
    }
  });

  it('reverse', () => {
    const [there, back] = [entries(colormap('magma')), entries(colormap('magma', true))];
    expect(back).toEqual(there.reverse());
    expect(entries(colormap('magma'))[0]).toEqual([0, 0, 4]);
  });

  it('keep NaN, ∞ (30) and pending (10 CIE76 units) away from every entry and from each other', () => {
    for (const special of Object.values(specialColours)) {
      for (const { name } of colormaps) {
        for (const colour of entries(colormap(name))) {
          expect(difference(special.nan, colour), `NaN, ${name}`).toBeGreaterThan(30);
          expect(difference(special.infinite, colour), `∞, ${name}`).toBeGreaterThan(30);
          expect(difference(special.pending, colour), `pending, ${name}`).toBeGreaterThan(10);
        }
      }
      expect(difference(special.nan, special.infinite)).toBeGreaterThan(30);
      expect(difference(special.nan, special.pending)).toBeGreaterThan(30);
      expect(difference(special.infinite, special.pending)).toBeGreaterThan(30);
    }
  });

  it('place 0 … 1 in 256 equal bins, and beyond them the end colours', () => {
    expect([0, 1 / 256, 0.999, 1, -3, 7].map(colormapIndex)).toEqual([0, 1, 255, 255, 0, 255]);
    expect(colourAt(colormap('grey'), 0.5)).toEqual([128, 128, 128]);
  });

  it('have a relative luminance of 0 for black and 1 for white', () => {
    const grey = scaleLinear().domain([0, 1]).range([0, 255]);
    expect(luminance([grey(0), 0, 0])).toBe(0);
    expect(luminance([255, 255, 255])).toBeCloseTo(1, 12);
  });
});
