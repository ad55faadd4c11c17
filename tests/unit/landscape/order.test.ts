import { describe, expect, test } from 'vitest';
import { coarseToFine, middle } from '../../../src/landscape/order.js';

const sizes: [number, number][] = [
  [51, 51],
  [21, 21],
  [7, 5],
  [1, 1],
  [2, 2],
  [401, 1],
  [1, 30],
  [50, 13],
  [64, 64],
];

describe('coarseToFine', () => {
  test.each(sizes)('%i × %i: every point once', (columns, rows) => {
    const all = coarseToFine(columns, rows).flatMap(({ points }) => [...points]);
    expect(all.length).toBe(columns * rows);
    expect(new Set(all).size).toBe(columns * rows);
    expect(Math.max(...all)).toBe(columns * rows - 1);
  });

  test.each(sizes)(
    '%i × %i: each level completes the lattice of its step around the middle',
    (columns, rows) => {
      const done = new Set<number>();
      let previous = Infinity;
      for (const { step, points } of coarseToFine(columns, rows)) {
        expect(step).toBeLessThan(previous);
        previous = step;
        for (const point of points) done.add(point);
        let wrong = 0;
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const onLattice = (row - middle(rows)) % step === 0 && (column - middle(columns)) % step === 0;
            if (done.has(row * columns + column) !== onLattice) wrong++;
          }
        }
        expect(wrong).toBe(0);
      }
      expect(previous).toBe(1);
    },
  );

  test.each(sizes)('%i × %i: the middle is first, and each level goes outwards', (columns, rows) => {
    const levels = coarseToFine(columns, rows);
    expect(levels[0]!.points[0]).toBe(middle(rows) * columns + middle(columns));
    for (const { points } of levels) {
      const distances = Array.from(
        points,
        (point) =>
          (Math.floor(point / columns) - middle(rows)) ** 2 + ((point % columns) - middle(columns)) ** 2,
      );
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    }
  });

  test('51 × 51 begins with 3 × 3 points, 16 apart', () => {
    const [first] = coarseToFine(51, 51);
    expect(first!.step).toBe(16);
    expect([...first!.points].sort((a, b) => a - b)).toEqual(
      [9, 25, 41].flatMap((row) => [9, 25, 41].map((column) => row * 51 + column)),
    );
  });
});
