import { describe, expect, it } from 'vitest';
import { metricOf } from '../../../src/analysis/metric.js';
import type { Slopes } from '../../../src/analysis/slopes.js';
import { arrows, plainMetric, SEPARATION, streamlines } from '../../../src/analysis/streamlines.js';

const count = 41;

/** Derivatives of a function on the square from −r to r around (α, β). */
function slopes(of: (a: number, b: number) => [number, number], r = 1, alpha = 0, beta = 0): Slopes {
  const columns = { from: alpha - r, to: alpha + r, count };
  const rows = { from: beta - r, to: beta + r, count };
  const at = (axis: typeof columns, i: number) => axis.from + ((axis.to - axis.from) * i) / (count - 1);
  const points = Array.from({ length: count ** 2 }, (_, i) =>
    of(at(columns, i % count), at(rows, Math.floor(i / count))),
  );
  return {
    columns,
    rows,
    a: Float64Array.from(points, ([a]) => a),
    b: Float64Array.from(points, ([, b]) => b),
  };
}

const pointsOf = (line: Float64Array) =>
  Array.from({ length: line.length / 2 }, (_, i) => [line[2 * i]!, line[2 * i + 1]!] as const);

describe('streamlines', () => {
  it('of a slope are straight, lead downhill from edge to edge, and are evenly far apart', () => {
    const lines = streamlines(
      slopes(() => [3, 0]),
      plainMetric,
    ).map(pointsOf);
    expect(lines.length).toBe(Math.round(1 / SEPARATION) - 1);
    for (const line of lines) {
      expect(line.at(-1)![0]).toBeLessThan(-1 + 0.01);
      expect(line[0]![0]).toBeGreaterThan(1 - 0.01);
      expect(Math.max(...line.map(([, b]) => Math.abs(b - line[0]![1])))).toBeLessThan(1e-12);
    }
    const heights = lines.map((line) => line[0]![1]).sort((p, q) => p - q);
    // The view is 2 wide.
    for (let i = 1; i < heights.length; i++) {
      expect(heights[i]! - heights[i - 1]!).toBeGreaterThanOrEqual(2 * SEPARATION);
      expect(heights[i]! - heights[i - 1]!).toBeLessThan(2.01 * SEPARATION);
    }
  });

  it('of a valley follow the known curves, L = α² + 2·β²: β is a multiple of α²', () => {
    const lines = streamlines(
      slopes((a, b) => [2 * a, 4 * b]),
      plainMetric,
    ).map(pointsOf);
    expect(lines.length).toBeGreaterThan(20);
    let longest = 0;
    for (const line of lines) {
      const [a0, b0] = line[0]!;
      if (Math.abs(a0) < 0.2) continue;
      for (const [a, b] of line) longest = Math.max(longest, Math.abs(b - b0 * (a / a0) ** 2));
      const loss = line.map(([a, b]) => a * a + 2 * b * b);
      for (let i = 1; i < loss.length; i++) expect(loss[i]!).toBeLessThan(loss[i - 1]!);
    }
    expect(longest).toBeLessThan(1e-3);
  });

  it('never come closer than half their distance, and leave no gap wider than twice it', () => {
    const field = slopes((a, b) => [Math.cos(3 * a) + b, Math.sin(2 * b) - a]);
    const lines = streamlines(field, plainMetric).map(pointsOf);
    let closest = Infinity;
    lines.forEach((line, i) => {
      for (const other of lines.slice(0, i))
        for (const [a, b] of line)
          for (const [p, q] of other) closest = Math.min(closest, Math.hypot(a - p, b - q) / 2);
    });
    expect(closest).toBeGreaterThan(0.49 * SEPARATION);
    const all = lines.flat();
    for (let i = 0; i < 400; i++) {
      const [a, b] = [((i % 20) - 9.5) / 10, (Math.floor(i / 20) - 9.5) / 10];
      const nearest = Math.min(...all.map(([p, q]) => Math.hypot(a - p, b - q) / 2));
      expect(nearest).toBeLessThan(2 * SEPARATION);
    }
  });

  it('go the way of gradient descent on the weights where the directions are skewed', () => {
    const metric = metricOf(
      new Map([['w', Float32Array.of(1, 0)]]),
      new Map([['w', Float32Array.of(1, 1)]]),
    )!;
    // L = w1: the derivative by α and by β is 1, and descent leaves w2 = β alone.
    const [line] = streamlines(
      slopes(() => [1, 1]),
      metric,
    ).map(pointsOf);
    expect(line!.at(-1)![1]).toBeCloseTo(line![0]![1], 12);
    expect(line!.at(-1)![0]).toBeLessThan(line![0]![0]);
  });

  it('are the same in a view a billion times as small, beside a place that is not 0', () => {
    const large = streamlines(
      slopes((a, b) => [2 * a, 4 * b]),
      plainMetric,
    );
    const small = streamlines(
      slopes((a, b) => [2 * (a - 0.5), 4 * (b + 0.25)], 2 ** -30, 0.5, -0.25),
      plainMetric,
    );
    expect(small.length).toBe(large.length);
    expect((small[3]![0]! - 0.5) * 2 ** 30).toBeCloseTo(large[3]![0]!, 5);
  });

  it('go nowhere where nothing is known, or nothing slopes', () => {
    expect(
      streamlines(
        slopes(() => [NaN, NaN]),
        plainMetric,
      ),
    ).toEqual([]);
    expect(
      streamlines(
        slopes(() => [0, 0]),
        plainMetric,
      ),
    ).toEqual([]);
    const half = streamlines(
      slopes((a) => (a < 0 ? [NaN, NaN] : [1, 0])),
      plainMetric,
    ).map(pointsOf);
    expect(half.length).toBeGreaterThan(20);
    expect(Math.min(...half.flat().map(([a]) => a))).toBeGreaterThanOrEqual(0);
  });
});

describe('arrows', () => {
  it('point downhill, longer where it is steeper', () => {
    const list = arrows(
      slopes((a, b) => [2 * a, 2 * b]),
      plainMetric,
    );
    expect(list.length).toBe(256);
    const lengths = list.map(({ from, to }) => Math.hypot(to.a - from.a, to.b - from.b));
    // They are a sixteenth of a view that is 2 wide apart.
    expect(Math.max(...lengths)).toBeCloseTo(0.86 / 8, 12);
    expect(Math.min(...lengths)).toBeCloseTo((0.35 * 0.86) / 8, 12);
    for (const { from, to } of list) {
      expect(from.a * to.b).toBeCloseTo(from.b * to.a, 12);
      expect(Math.hypot(to.a, to.b)).toBeLessThan(Math.hypot(from.a, from.b));
    }
    expect(
      arrows(
        slopes(() => [0, 0]),
        plainMetric,
      ),
    ).toEqual([]);
    expect(
      arrows(
        slopes(() => [0, -1]),
        plainMetric,
      ).every(({ from, to }) => to.b > from.b && to.a === from.a),
    ).toBe(true);
  });
});
