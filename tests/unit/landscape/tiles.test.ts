import { describe, expect, it } from 'vitest';
import { backdrop } from '../../../src/landscape/backdrop.js';
import { coordinates, emptySums, type GridSums } from '../../../src/landscape/grid.js';
import { Tiles } from '../../../src/landscape/tiles.js';
import { gridOf, panned, viewAt, type View, wholeView, zoomed } from '../../../src/landscape/view.js';

const base = { range: 0.7, size: 51 };

/** A value that no two points share by chance. */
const value = (a: number, b: number) => Math.sin(91 * a) + Math.cos(57 * b) / 3;

/** Two engines took turns. */
const maker = (a: number, b: number) => (value(a, b) > 0 ? 1 : 2);

function fill(sums: GridSums): void {
  const a = coordinates(sums.grid.columns);
  const b = coordinates(sums.grid.rows);
  sums.samples.forEach((_, i) => {
    sums.samples[i] = 10;
    sums.loss[i] = 10 * value(a[i % 51]!, b[Math.floor(i / 51)]!);
    sums.correct[i] = i % 11;
    sums.squares[i] = sums.loss[i]! ** 2;
    sums.makers[i] = maker(a[i % 51]!, b[Math.floor(i / 51)]!);
  });
}

/** How many points were there, each the very number that would be computed there. */
function reused(sums: GridSums): number {
  const a = coordinates(sums.grid.columns);
  const b = coordinates(sums.grid.rows);
  let count = 0;
  sums.samples.forEach((samples, i) => {
    if (samples === 0) return;
    count++;
    const [x, y] = [a[i % 51]!, b[Math.floor(i / 51)]!];
    expect([sums.loss[i], sums.makers[i]]).toEqual([10 * value(x, y), maker(x, y)]);
  });
  return count;
}

function filled(tiles: Tiles<GridSums>, view: View, of = base): GridSums {
  const sums = tiles.take('family', gridOf(of, view));
  fill(sums);
  return sums;
}

describe('kept grids', () => {
  it('are left alone while a run adds to them, and get what others know at the next beginning', () => {
    const tiles = new Tiles(emptySums);
    const close = gridOf(base, zoomed(base, wholeView, 1));
    const own = tiles.take('family', close);
    filled(tiles, wholeView);
    expect(tiles.take('family', close, true)).toBe(own);
    expect(reused(own)).toBe(0);
    // A new one is in no run yet.
    expect(reused(tiles.take('family', gridOf(base, zoomed(base, wholeView, 2)), true))).toBeGreaterThan(100);
    expect(reused(tiles.take('family', close))).toBe(25 ** 2);
  });

  it('give a view twice as close a quarter of its points, to the bit', () => {
    const tiles = new Tiles(emptySums);
    filled(tiles, wholeView);
    // 25 of 51 nodes in each direction lie on the coarser lattice.
    expect(reused(tiles.take('family', gridOf(base, zoomed(base, wholeView, 1))))).toBe(25 ** 2);
  });

  it('give it about a quarter around any pointer, at any depth', () => {
    const tiles = new Tiles(emptySums);
    let view = viewAt(base, 20, { a: 0.123, b: -0.3 });
    filled(tiles, view);
    for (let step = 0; step < 6; step++) {
      view = zoomed(base, view, 1, 11 * (step % 2), -7);
      const sums = tiles.take('family', gridOf(base, view));
      const count = reused(sums);
      expect(count).toBeGreaterThanOrEqual(25 ** 2);
      expect(count).toBeLessThanOrEqual(26 ** 2);
      fill(sums);
    }
  });

  it('give a view that has moved all that is still in it', () => {
    const tiles = new Tiles(emptySums);
    filled(tiles, wholeView);
    expect(reused(tiles.take('family', gridOf(base, panned(base, wholeView, 10, -3))))).toBe(41 * 48);
  });

  it('give the same grid again when a view comes back', () => {
    const tiles = new Tiles(emptySums);
    const whole = filled(tiles, wholeView);
    filled(tiles, zoomed(base, wholeView, 3));
    expect(tiles.take('family', gridOf(base, wholeView))).toBe(whole);
  });

  it('serve twice as many points per side, and half as many', () => {
    const tiles = new Tiles(emptySums);
    filled(tiles, wholeView);
    const fine = tiles.take('family', gridOf({ ...base, size: 101 }, wholeView));
    expect(fine.samples.filter(Boolean)).toHaveLength(51 ** 2);
    const other = new Tiles(emptySums);
    filled(other, zoomed(base, wholeView, 1));
    expect(reused(other.take('family', gridOf(base, wholeView)))).toBe(25 ** 2);
  });

  it('share nothing between families or ranges', () => {
    const tiles = new Tiles(emptySums);
    filled(tiles, wholeView);
    expect(reused(tiles.take('another', gridOf(base, wholeView)))).toBe(0);
    expect(reused(tiles.take('family', gridOf({ ...base, range: 0.5 }, wholeView)))).toBe(0);
  });

  it('are bounded, the least recently used forgotten first', () => {
    const tiles = new Tiles(emptySums, 3 * 51 ** 2);
    const views = [0, 1, 2].map((step) => panned(base, wholeView, 200 * step, 0));
    const grids = views.map((view) => filled(tiles, view));
    tiles.take('family', gridOf(base, views[0]!));
    filled(tiles, panned(base, wholeView, 0, 900));
    expect(tiles.of('family')).toHaveLength(3);
    expect(tiles.take('family', gridOf(base, views[0]!))).toBe(grids[0]);
    expect(tiles.take('family', gridOf(base, views[1]!))).not.toBe(grids[1]);
  });
});

describe('the backdrop of a view', () => {
  const lossAt = (sums: GridSums, i: number) => sums.loss[i]! / sums.samples[i]!;

  it('is the coarser picture, linear between its nodes, and nothing outside of it', () => {
    const tiles = new Tiles(emptySums);
    const whole = tiles.take('family', gridOf(base, wholeView));
    const a = coordinates(whole.grid.columns);
    whole.samples.fill(1);
    whole.loss.forEach((_, i) => (whole.loss[i] = 3 * a[i % 51]! - 2 * a[Math.floor(i / 51)]!));
    const grid = gridOf(base, viewAt(base, 1, { a: 0.5, b: 0.1 }));
    const [x, y] = [coordinates(grid.columns), coordinates(grid.rows)];
    const values = backdrop(grid, new Uint8Array(51 ** 2), [whole], lossAt);
    values.forEach((shown, i) => {
      const [alpha, beta] = [x[i % 51]!, y[Math.floor(i / 51)]!];
      if (alpha > 0.7 + 1e-9) expect(shown).toBeNaN();
      else expect(shown).toBeCloseTo(3 * alpha - 2 * beta, 12);
    });
    expect(values.some(Number.isNaN)).toBe(true);
  });

  it('leaves computed points alone and takes the finest complete lattice of an unfinished window', () => {
    const tiles = new Tiles(emptySums);
    const whole = tiles.take('family', gridOf(base, wholeView));
    // Every eighth node from the middle.
    whole.samples.forEach((_, i) => {
      const [column, row] = [i % 51, Math.floor(i / 51)];
      if ((column - 25) % 8 !== 0 || (row - 25) % 8 !== 0) return;
      whole.samples[i] = 1;
      whole.loss[i] = 5;
    });
    const skip = new Uint8Array(51 ** 2);
    skip[0] = 1;
    const values = backdrop(gridOf(base, zoomed(base, wholeView, 1)), skip, [whole], lossAt);
    expect(values[0]).toBeNaN();
    expect(new Set(values.slice(1))).toEqual(new Set([5]));
  });
});
