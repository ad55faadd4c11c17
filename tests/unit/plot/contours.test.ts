import { describe, expect, it } from 'vitest';
import { type ContourLine, contourSteps, traceContours } from '../../../src/plot/contours.js';
import { finestLattice } from '../../../src/plot/lattice.js';
import type { HeatmapGrid } from '../../../src/plot/heatmap.js';
import { makeNorm } from '../../../src/plot/scale.js';

const count = 51;
const half = (count - 1) / 2;

/** A grid of f(x, y) with x and y in nodes from the middle. */
function grid(f: (x: number, y: number) => number): HeatmapGrid & { values: Float64Array } {
  const values = Float64Array.from({ length: count * count }, (_, i) =>
    f((i % count) - half, Math.floor(i / count) - half),
  );
  return { columns: count, rows: count, values };
}

function* pointsOf(lines: readonly ContourLine[]): Generator<[x: number, y: number]> {
  for (const { points } of lines) {
    for (let i = 0; i < points.length; i += 2) yield [points[i]! - half, points[i + 1]! - half];
  }
}

const linear = makeNorm({ kind: 'linear', min: 0, max: 1000 });

/** Largest distance of the lines from the circle of this radius, in cells. */
const offCircle = (lines: readonly ContourLine[], radius: number): number =>
  Math.max(...[...pointsOf(lines)].map(([x, y]) => Math.abs(Math.hypot(x, y) - radius)));

/** Error of linear interpolation of x² + y², h² f″ / 8 = ¼, over the slope 2·radius. */
const bound = (radius: number): number => 0.125 / radius;

describe('traceContours', () => {
  it('can be taken a level at a time, with the same lines', () => {
    const values = Float64Array.from({ length: 121 }, (_, i) => 1 + (i % 11) + Math.floor(i / 11));
    const grid = { values, columns: 11, rows: 11 };
    const norm = makeNorm({ kind: 'log', min: 1, max: 21 });
    const levels = [2, 5, 9];
    const steps = contourSteps(grid, norm, levels);
    for (const _ of levels) expect(steps.next().done).toBe(false);
    const last = steps.next();
    expect(last.done).toBe(true);
    expect(last.value).toEqual(traceContours(grid, norm, levels));
    expect(last.value).toHaveLength(3);
  });

  it('puts the level of a paraboloid on its circle within ⅛ / radius cells', () => {
    const lines = traceContours(
      grid((x, y) => x * x + y * y),
      linear,
      [400],
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]!.closed).toBe(true);
    expect(offCircle(lines, 20)).toBeLessThan(bound(20));
    const perturbed = traceContours(
      grid((x, y) => x * x + y * y),
      linear,
      [402],
    );
    expect(offCircle(perturbed, 20)).toBeGreaterThan(bound(20));
  });

  it('interpolates logarithms on a log scale: a cone of exponentials is exact within 1e-3 cells', () => {
    const norm = makeNorm({ kind: 'log', min: 1e-3, max: 1e12 });
    const lines = traceContours(
      grid((x) => Math.exp(x)),
      norm,
      [Math.exp(7.3)],
    );
    for (const [x] of pointsOf(lines)) expect(Math.abs(x - 7.3)).toBeLessThan(1e-3);
    const onLinear = traceContours(
      grid((x) => Math.exp(x)),
      linear,
      [Math.exp(6.3)],
    );
    expect([...pointsOf(onLinear)].some(([x]) => Math.abs(x - 6.3) > 0.05)).toBe(true);
  });

  it('ends lines at the outermost nodes and draws none along the frame', () => {
    const lines = traceContours(
      grid((x, y) => x + 0.5 * y),
      linear,
      [3],
    );
    expect(lines).toHaveLength(1);
    const ends = [...pointsOf(lines)];
    for (const [x, y] of ends) expect(Math.abs(x + 0.5 * y - 3)).toBeLessThan(1e-9);
    expect(Math.min(...ends.map(([, y]) => y))).toBe(-half);
    expect(Math.max(...ends.map(([, y]) => y))).toBe(half);
  });

  it('draws no shore around NaN, ∞ or −∞: lines stop where a node is missing', () => {
    for (const hole of [NaN, Infinity, -Infinity]) {
      const holed = grid((x, y) => (Math.hypot(x - 20, y) < 5 ? hole : x * x + y * y));
      const lines = traceContours(holed, linear, [100, 400]);
      for (const line of lines) {
        const radius = Math.sqrt(line.level);
        expect(offCircle([line], radius), String(hole)).toBeLessThan(bound(radius));
      }
      const broken = lines.filter(({ level }) => level === 400);
      expect(broken.length).toBeGreaterThanOrEqual(1);
      expect(broken.every(({ closed }) => !closed)).toBe(true);
      for (const [x, y] of pointsOf(broken)) expect(Math.hypot(x - 20, y)).toBeGreaterThan(4);
      expect(lines.filter(({ level }) => level === 100).map(({ closed }) => closed)).toEqual([true]);
    }
  });

  it('draws nothing on a grid without numbers, a constant one, or a single row', () => {
    expect(
      traceContours(
        grid(() => NaN),
        linear,
        [1],
      ),
    ).toEqual([]);
    expect(
      traceContours(
        grid(() => 3),
        linear,
        [1, 5],
      ),
    ).toEqual([]);
    expect(traceContours({ columns: 3, rows: 1, values: [0, 1, 2] }, linear, [1])).toEqual([]);
  });

  it('is transposed by swapping the axes', () => {
    const f = (x: number, y: number): number => Math.sin(x / 5) * Math.cos(y / 7) + x / 30;
    const norm = makeNorm({ kind: 'linear', min: -2, max: 2 });
    const key = (p: number, q: number): string => `${p.toFixed(9)},${q.toFixed(9)}`;
    const straight = [...pointsOf(traceContours(grid(f), norm, [0.25]))].map(([x, y]) => key(x, y));
    const swapped = [
      ...pointsOf(
        traceContours(
          grid((x, y) => f(y, x)),
          norm,
          [0.25],
        ),
      ),
    ].map(([x, y]) => key(y, x));
    expect(new Set(swapped)).toEqual(new Set(straight));
  });

  it('follows the finest complete sub-grid while points are missing', () => {
    const whole = grid((x, y) => x * x + y * y);
    const computed = whole.values.map((_, i) =>
      ((i % count) - half) % 4 === 0 && (Math.floor(i / count) - half) % 4 === 0 ? 1 : 0,
    );
    expect(finestLattice(computed, count, count)).toMatchObject({ stride: 4, firstColumn: 1, columns: 13 });
    const lines = traceContours({ ...whole, computed }, linear, [400]);
    expect(offCircle(lines, 20)).toBeLessThan(0.2);
    expect(lines.length).toBe(1);
    expect(traceContours({ ...whole, computed: new Uint8Array(count * count) }, linear, [400])).toEqual([]);
  });
});
