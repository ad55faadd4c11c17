import { afterEach, expect, test, vi } from 'vitest';
import { benchCase } from '../../../src/cli/bench-cases.js';
import { timePasses } from '../../../src/cli/bench-passes.js';
import type { Evaluator, Point, Points, SampleRange } from '../../../src/engine/engine.js';
import type { Order } from '../../../src/model/jet.js';

afterEach(() => vi.restoreAllMocks());

test('costs of passes are multiples of the plain one; a centre is paid once and stands apart', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  let known = false;
  const widest: number[] = [];
  const zeros = ({ a }: Points) => new Float64Array(a.length);
  const evaluator = {
    info: { engine: 'wasm', adapter: '' },
    lanes: 1,
    passes: { evaluate: 'float32', derivatives: 'float32', differences: 'float64' },
    differences: async (centre: Point, offsets: Points, samples: SampleRange) => {
      expect([centre, samples.count]).toEqual([{ a: 0.31, b: -0.2 }, 1000]);
      widest.push(Math.max(...offsets.a, ...offsets.b));
      now += (known ? 0 : 100) + 1.5 * offsets.a.length;
      known = true;
      return { delta: zeros(offsets) };
    },
    derivatives: async (points: Points, _: SampleRange, order: Order) => {
      now += (order === 1 ? 5 : 8) * points.a.length;
      return { a: zeros(points), b: zeros(points) };
    },
  } as unknown as Evaluator;
  const results = await timePasses(evaluator, benchCase('e'), 1);
  expect(results.map(({ pass, precision, ratio }) => [pass, precision, ratio])).toEqual([
    ['delta', 'float64', 1.5],
    ['gradient', 'float32', 5],
    ['curvature', 'float32', 8],
  ]);
  expect(results.map(({ centreMilliseconds }) => centreMilliseconds)).toEqual([100, null, null]);
  expect(Math.max(...widest)).toBeLessThanOrEqual(1e-3);
});
