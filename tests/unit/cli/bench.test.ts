import { describe, expect, test } from 'vitest';
import { benchCase, caseGrid, caseNames, caseProblem } from '../../../src/cli/bench-cases.js';
import {
  benchPoints,
  benchResult,
  callPace,
  evaluateAll,
  timePoints,
} from '../../../src/cli/bench-measure.js';
import { describeBench } from '../../../src/cli/bench.js';
import type { Evaluator } from '../../../src/engine/engine.js';
import { executedMultiplyAdds as wasmMultiplyAdds } from '../../../src/engine/wasm/cost.js';
import { executedMultiplyAdds as webgpuMultiplyAdds } from '../../../src/engine/webgpu/cost.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { multiplyAdds } from '../../../src/model/cost.js';
import { elements } from '../../../src/model/graph.js';
import { lossOnly } from '../../helpers/loss-only.js';

/** `toEqual` takes seconds for a million numbers. */
function sameBytes(left: Float32Array, right: Float32Array): boolean {
  return Buffer.from(left.buffer).equals(Buffer.from(right.buffer));
}

describe('the five cases', () => {
  test.each([
    ['a', 784 * 128 + 128 * 128 + 128 * 10, 1000, 101],
    ['b', 12_928, 1797, 256],
    ['d', 64 * 32 + 40 * (32 * 32 + 32) + 32 * 10, 1400, 51],
    ['e', 2 * 32 + 32 * 32 + 32 * 2, 1000, 256],
  ] as const)(
    '%s takes %i multiply-adds a sample, for %i samples on %i² points',
    (name, cost, samples, side) => {
      const chosen = benchCase(name);
      expect(multiplyAdds(chosen.model)).toBe(cost);
      expect(chosen.samples).toBe(samples);
      const { columns, rows } = caseGrid(chosen);
      expect([columns, rows]).toEqual(Array(2).fill({ from: -1, to: 1, count: side }));
    },
  );

  test('a takes 118,016 multiply-adds a sample', () => {
    expect(multiplyAdds(benchCase('a').model)).toBe(118_016);
  });

  test('c is ResNet-20: 100 samples, 7² points, about 31 million multiply-adds of a 28 × 28 image', () => {
    const { model, samples, side } = benchCase('c');
    expect([model.name, samples, side]).toEqual(['resnet20-fashion', 100, 7]);
    expect(model.shapes[0]).toEqual([1, 28, 28]);
    expect(multiplyAdds(model) / 31e6).toBeCloseTo(1, 1);
  });

  test.each(caseNames)('%s: weights, data and directions are the same every time, and finite', (name) => {
    const [first, second] = [caseProblem(benchCase(name)), caseProblem(benchCase(name))];
    expect(sameBytes(second.data.inputs, first.data.inputs)).toBe(true);
    expect(first.data.inputs.length).toBe(first.data.samples * elements(first.data.shape));
    for (const [key, parameter] of first.model.parameters) {
      expect(sameBytes(second.model.parameters.get(key)!.data, parameter.data), key).toBe(true);
      expect(parameter.data.every(Number.isFinite), key).toBe(true);
      expect(first.d1.has(key), key).toBe(parameter.shape.length > 1);
      if (first.d1.has(key)) expect(sameBytes(first.d1.get(key)!, first.d2.get(key)!), key).toBe(false);
    }
  });

  test.each(['a', 'b', 'd', 'e'] as const)('%s has a finite loss of a sane size everywhere', async (name) => {
    const problem = caseProblem(benchCase(name));
    const evaluator = await referenceEngine.prepare(problem);
    const loss = await evaluateAll(evaluator, { a: Float64Array.of(0, 1), b: Float64Array.of(0, -1) }, 20, 1);
    for (const value of loss) expect(value).toBeGreaterThan(0.1);
    for (const value of loss) expect(value).toBeLessThan(1e4);
  });
});

test('what engines execute: three products instead of a first layer, weights formed once a point', () => {
  const problem = caseProblem(benchCase('b'));
  const formed = 2 * (2 * 64 * 64 + 64 * 10);
  const later = 2 * 64 * 64 + 64 * 10;
  expect(wasmMultiplyAdds(problem)).toBe(1797 * (2 * 64 + later) + formed);
  // One more for each output: every product ends in a scale and a shift.
  expect(webgpuMultiplyAdds(problem)).toBe(1797 * (2 * 64 + later + 3 * 64 + 10) + formed);
});

test('Winograd’s tiles take 16 products in the place of 36, tiles at the border as many as any', () => {
  const problem = caseProblem(benchCase('c'));
  const saved = webgpuMultiplyAdds(problem) - webgpuMultiplyAdds(problem, true);
  // 3×3 on 28², 14² and 7² pixels, of which 7² take 16 tiles; the first layer has products, three have stride 2.
  const layers = [
    [6, 16, 28 ** 2, 14 ** 2],
    [5, 32, 14 ** 2, 7 ** 2],
    [5, 64, 7 ** 2, 4 ** 2],
  ] as const;
  const products = layers.map(([n, c, pixels, tiles]) => n * c * c * (9 * pixels - 16 * tiles));
  const formed = layers.map(([n, c]) => n * c * c * 2 * (16 - 9));
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  expect(saved).toBe(100 * sum(products) - sum(formed));
});

test('points fill the square and do not repeat', () => {
  const { a, b } = benchPoints(500);
  expect(new Set(a).size).toBe(500);
  for (const value of [...a, ...b]) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  for (const axis of [a, b]) expect(axis.reduce((sum, value) => sum + value, 0) / 500).toBeCloseTo(0, 1);
});

/** Takes `milliseconds` a point, one call after the other, and counts what it was asked for. */
function slowEvaluator(milliseconds: number) {
  const asked: number[] = [];
  let queue: Promise<void> = Promise.resolve();
  const evaluator: Evaluator = {
    ...lossOnly,
    info: { engine: 'wasm', adapter: 'test' },
    lanes: 2,
    async evaluate({ a }, { count }) {
      asked.push(a.length);
      const turn = queue.then(() => new Promise<void>((done) => setTimeout(done, milliseconds * a.length)));
      queue = turn;
      await turn;
      return { loss: a.map((x) => x * count), squares: a, correct: a };
    },
    dispose() {},
  };
  return { evaluator, asked };
}

test('exactly the points asked for are timed, after a warm-up', async () => {
  const { evaluator, asked } = slowEvaluator(4);
  const pace = await callPace(evaluator, 1000);
  expect(pace.pace).toBeGreaterThan(3);
  asked.length = 0;
  const seconds = await timePoints(evaluator, 1000, 30, pace);
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(30);
  expect(seconds).toBeGreaterThan(0.1);
  expect(seconds).toBeLessThan(3);
});

test('results come back in the order of the points', async () => {
  const { evaluator } = slowEvaluator(1);
  const points = benchPoints(7);
  expect(await evaluateAll(evaluator, points, 10, 2)).toEqual(points.a);
});

test('the line of JSON', () => {
  const chosen = benchCase('b');
  const result = benchResult(
    chosen,
    caseProblem(chosen),
    { engine: 'reference', adapter: 'float64 TypeScript' },
    { points: 100, seconds: 0.5 },
    20,
  );
  const gflops = (2 * 12_928 * 1797 * 100) / 0.5 / 1e9;
  expect(JSON.parse(JSON.stringify(result))).toEqual({
    case: 'b',
    engine: 'reference',
    adapter: 'float64 TypeScript',
    points: 100,
    samples: 1797,
    seconds: 0.5,
    millisecondsPerPoint: 5,
    gflops,
    executedGflops: gflops,
    peakGflops: 20,
    shareOfPeak: gflops / 20,
  });
  expect(describeBench(result)).toContain('5.00 ms a point, 9.3 GFLOP/s');
});
