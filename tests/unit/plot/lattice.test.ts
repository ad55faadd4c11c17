import { describe, expect, it } from 'vitest';
import { coarseToFine } from '../../../src/landscape/order.js';
import { interpolate } from '../../../src/plot/lattice.js';

const plane = (column: number, row: number): number => 3 * column - 2 * row + 1;

/** Values and flags of a grid of which the first `levels` levels are computed, and `more` points of the next. */
function partly(columns: number, rows: number, levels: number, more: number) {
  const all = coarseToFine(columns, rows);
  const points = [
    ...all.slice(0, levels).flatMap((level) => [...level.points]),
    ...(all[levels]?.points.subarray(0, more) ?? []),
  ];
  const computed = new Uint8Array(columns * rows);
  const values = new Float64Array(columns * rows).fill(1e6);
  for (const point of points) {
    computed[point] = 1;
    values[point] = plane(point % columns, Math.floor(point / columns));
  }
  return { computed, values };
}

describe('interpolate', () => {
  it.each([
    [17, 17, 2, 0],
    [33, 17, 3, 40],
    [65, 65, 3, 0],
    [65, 65, 5, 700],
  ])('%i × %i points, %i levels and %i points known: a plane is exact', (columns, rows, levels, more) => {
    const { computed, values } = partly(columns, rows, levels, more);
    expect(computed).toContain(0);
    interpolate(values, computed, columns, rows);
    values.forEach((value, i) => expect(value).toBeCloseTo(plane(i % columns, Math.floor(i / columns)), 9));
  });

  it('continues flat outside of the lattice', () => {
    // The middle of 6 is node 2; every second one is 0, 2 and 4, and 5 lies beyond.
    const values = Float64Array.of(1, 0, 3, 0, 7, 0);
    interpolate(values, [1, 0, 1, 0, 1, 0], 6, 1);
    expect([...values]).toEqual([1, 2, 3, 5, 7, 7]);
  });

  it('leaves what is computed, what is beside no number, and a grid without a lattice', () => {
    const values = Float64Array.of(1, 5, 3, -1, NaN);
    interpolate(values, [1, 1, 1, 0, 1], 5, 1);
    expect([...values]).toEqual([1, 5, 3, -1, NaN]);
    const none = Float64Array.of(1, -1, -1, -1, 9);
    interpolate(none, [1, 0, 0, 0, 0], 5, 1);
    expect([...none]).toEqual([1, -1, -1, -1, 9]);
  });
});
