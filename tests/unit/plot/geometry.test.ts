import { expect, it } from 'vitest';
import { colorbarPositionOf, colorbarValueAt, layoutColorbar } from '../../../src/plot/colorbar.js';
import { nearestNode, planePointAt, positionOf, snapRect } from '../../../src/plot/geometry.js';
import { makeNorm } from '../../../src/plot/scale.js';

const axis = { from: -1, to: 3, count: 5 };
const plane = { area: { x: 10, y: 20, width: 100, height: 50 }, columns: axis, rows: axis };

it('puts the ends of the range on the frame, β upward', () => {
  expect(positionOf(plane, { a: -1, b: -1 })).toEqual({ x: 10, y: 70 });
  expect(positionOf(plane, { a: 3, b: 3 })).toEqual({ x: 110, y: 20 });
  expect(planePointAt(plane, 60, 45)).toEqual({ a: 1, b: 1 });
  expect(planePointAt(plane, 9, 45)).toBeNull();
  expect(planePointAt(plane, 60, 71)).toBeNull();
});

it('finds the nearest node', () => {
  expect(nearestNode(axis, axis, { a: 0.4, b: 2.6 })).toEqual({ column: 1, row: 4, index: 21 });
  expect(nearestNode(axis, axis, { a: -9, b: 9 })).toEqual({ column: 0, row: 4, index: 20 });
});

it('snaps edges to device pixels', () => {
  expect(snapRect({ x: 0.4, y: 0.6, width: 10.2, height: 9 }, 2)).toEqual({
    x: 0.5,
    y: 0.5,
    width: 10,
    height: 9,
  });
});

it('maps a colour bar there and back, arrows or not', () => {
  const norm = makeNorm({ kind: 'log', min: 0.01, max: 100 });
  for (const orientation of ['vertical', 'horizontal'] as const) {
    for (const below of [0, 3]) {
      const layout = layoutColorbar(
        { x: 5, y: 7, width: 200, height: 300 },
        orientation,
        { below, above: 0 },
        16,
      );
      const at = colorbarPositionOf(layout, norm, 1);
      const [x, y] = orientation === 'vertical' ? [6, at] : [at, 8];
      expect(colorbarValueAt(layout, norm, x, y)).toBeCloseTo(1, 12);
      const end = colorbarPositionOf(layout, norm, 100);
      expect(end).toBe(orientation === 'vertical' ? 7 : 205 - 0);
      expect(layout.low > 0).toBe(below > 0);
    }
  }
});
