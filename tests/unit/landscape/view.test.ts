import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coordinates } from '../../../src/landscape/grid.js';
import {
  centreOf,
  fitted,
  gridOf,
  halfWidth,
  MOST_ZOOM,
  panned,
  viewAt,
  wholeView,
  zoomed,
  type Base,
} from '../../../src/landscape/view.js';

const base: Base = { range: 1, size: 51 };
const axis = (view = wholeView, of = base) => coordinates(gridOf(of, view).columns);

const bases = fc.record({
  range: fc.double({ min: 1e-6, max: 1000, noNaN: true }),
  size: fc.integer({ min: 1, max: 200 }).map((n) => 2 * n + 1),
});
const places = fc.record({
  a: fc.double({ min: -2, max: 2, noNaN: true }),
  b: fc.double({ min: -2, max: 2, noNaN: true }),
});

describe('views', () => {
  it('begin with the whole range, its ends and its middle exact', () => {
    fc.assert(
      fc.property(bases, (any) => {
        const nodes = axis(wholeView, any);
        expect([nodes[0], nodes[(any.size - 1) / 2], nodes.at(-1)]).toEqual([-any.range, 0, any.range]);
      }),
    );
  });

  it('have the same numbers at the same nodes at every depth, to the bit', () => {
    let view = wholeView;
    for (let depth = 0; depth < MOST_ZOOM; depth++) {
      const coarse = new Set(axis(view));
      const next = zoomed(base, view, 1, 7, -3);
      const { columns } = gridOf(base, next);
      const fine = axis(next);
      for (let i = 0; i < fine.length; i++) {
        const node = columns.lattice!.first + i;
        if (node % 2 === 0) expect(coarse.has(fine[i]!)).toBe(true);
      }
      view = next;
    }
    expect(halfWidth(base, view.zoom)).toBeLessThan(1e-12);
  });

  it('come back from the coordinates of their centre down to 2^−40 of the range', () => {
    fc.assert(
      fc.property(bases, fc.integer({ min: -6, max: 40 }), places, (any, zoom, { a, b }) => {
        const view = viewAt(any, zoom, { a: a * any.range, b: b * any.range });
        expect(viewAt(any, view.zoom, centreOf(any, view))).toEqual(view);
      }),
    );
  });

  it('keep what is under the pointer in its place when they zoom, to within half a node', () => {
    const nodes = fc.integer({ min: -25, max: 25 });
    fc.assert(
      fc.property(nodes, nodes, fc.integer({ min: -3, max: 3 }), (right, up, steps) => {
        const from = viewAt(base, 5, { a: 0.3, b: -0.2 });
        const to = zoomed(base, from, steps, right, up);
        const spacing = (zoom: number) => halfWidth(base, zoom) / 25;
        const before = centreOf(base, from);
        const after = centreOf(base, to);
        const moved = (c: number, d: number, off: number) =>
          Math.abs(c + off * spacing(from.zoom) - (d + off * spacing(to.zoom))) / spacing(to.zoom);
        expect(moved(before.a, after.a, right)).toBeLessThanOrEqual(0.5 + 1e-6);
        expect(moved(before.b, after.b, up)).toBeLessThanOrEqual(0.5 + 1e-6);
      }),
    );
  });

  it('zoom about their own middle to the same middle', () => {
    const view = viewAt(base, 3, { a: 0.31, b: -0.2 });
    expect(centreOf(base, zoomed(base, view, 4))).toEqual(centreOf(base, view));
    expect(zoomed(base, zoomed(base, view, 4), -4)).toEqual(view);
  });

  it('stop where coordinates would not be exact any more', () => {
    const far = panned({ range: 1, size: 401 }, { zoom: MOST_ZOOM, column: 0, row: 0 }, Infinity, -Infinity);
    expect(Number.isSafeInteger(far.column)).toBe(true);
    expect(centreOf({ range: 1, size: 401 }, far)).toEqual({ a: 32, b: -32 });
    expect(zoomed(base, wholeView, 99).zoom).toBe(MOST_ZOOM);
  });

  it('hold a rectangle and are at most twice as wide', () => {
    const edge = fc.double({ min: -25, max: 25, noNaN: true });
    fc.assert(
      fc.property(edge, edge, edge, edge, (p, q, r, s) => {
        const box = {
          left: Math.min(p, q),
          right: Math.max(p, q),
          bottom: Math.min(r, s),
          top: Math.max(r, s),
        };
        const width = Math.max(box.right - box.left, box.top - box.bottom);
        fc.pre(width > 1e-6);
        const view = fitted(base, wholeView, box);
        const half = 25 * 2 ** -view.zoom;
        expect(2 * half).toBeGreaterThanOrEqual(width * (1 - 1e-8));
        expect(half).toBeLessThan(width);
        const middle = view.column * 2 ** -view.zoom;
        expect(middle - half).toBeLessThanOrEqual(box.left + 2 ** -view.zoom);
        expect(middle + half).toBeGreaterThanOrEqual(box.right - 2 ** -view.zoom);
      }),
    );
  });
});
