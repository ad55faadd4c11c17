import { describe, expect, test } from 'vitest';
import { AGREEMENT, largestDifference } from '../../../bench/agreement.js';
import { contenders } from '../../../bench/contenders.js';
import { type Measurement, median, timeWay } from '../../../bench/measurement.js';
import { parseOptions } from '../../../bench/options.js';
import { layersOf, transposed } from '../../../bench/page/layers.js';
import { goodPictureSeconds, pointsForGoodPicture } from '../../../bench/picture.js';
import { formatTable, makeRow, secondsUntil } from '../../../bench/table.js';
import { benchCase, caseProblem } from '../../../src/cli/bench-cases.js';
import { parametersAt } from '../../../src/engine/float64.js';
import { allocateValues, forward } from '../../../src/model/forward.js';
import { expectClose } from '../../helpers/compare.js';

describe('options', () => {
  test('without any, everybody on every case, kept', () => {
    const options = parseOptions([])!;
    expect(options.cases).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(options.only).toEqual(contenders.map(({ id }) => id));
    expect(options.keep).toBe(true);
  });

  test('a quick look is not kept', () => {
    expect(parseOptions(['--quick', '--case', 'e,a', '--only', 'torch'])).toMatchObject({
      cases: ['e', 'a'],
      only: ['torch'],
      quick: true,
      keep: false,
    });
  });

  test.each([
    [['--case', 'z'], "--case has 'z', but can have a, b, c, d, e."],
    [['--only', 'onnx'], "--only has 'onnx'"],
    [['--seconds', '0'], "--seconds is '0', but must be a number above 0."],
  ])('%j is refused', (words, sentence) => {
    expect(() => parseOptions(words)).toThrow(sentence);
  });
});

describe('agreement with the reference', () => {
  test('is the largest relative difference', () => {
    expect(largestDifference([1, 2.2], [1, 2])).toBeCloseTo(0.1, 12);
    expect(largestDifference([1, 2], [1, 2])).toBe(0);
  });

  test('is never reached by what is missing or no number', () => {
    for (const actual of [[], [NaN, 2], [1, NaN], [1]]) {
      expect(largestDifference(actual, [1, 2]) <= AGREEMENT).toBe(false);
    }
  });
});

describe('timing', () => {
  test('median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  test('as many points as the time allows, never more than there are', async () => {
    const asked: number[] = [];
    const work = async (points: number): Promise<void> => {
      asked.push(points);
      await new Promise((done) => setTimeout(done, 5 * points));
    };
    const { points, millisecondsPerPoint } = await timeWay(work, 0.1, 12);
    expect(points).toBeLessThanOrEqual(12);
    expect(Math.max(...asked)).toBeLessThanOrEqual(12);
    expect(millisecondsPerPoint).toBeGreaterThan(4);
  });
});

describe('a good picture', () => {
  const side = 33;
  const grid = (value: (x: number, y: number) => number): Float64Array =>
    Float64Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side)));

  test('of a slope needs the coarsest lattice alone, of a bend a finer one', () => {
    const slope = grid((x, y) => 2 * x - y);
    expect(pointsForGoodPicture(slope, side)).toBe(9);
    const bend = grid((x, y) => Math.cos(x / 4) + (y / 16) ** 2);
    expect(pointsForGoodPicture(bend, side)).toBeGreaterThan(9);
    expect(pointsForGoodPicture(bend, side)).toBeLessThan((side * side) / 2);
  });

  test('of noise needs nearly all', () => {
    const noise = grid((x, y) => (Math.sin(12.9898 * x + 78.233 * y) * 43_758.5453) % 1);
    expect(pointsForGoodPicture(noise, side)).toBeGreaterThan(0.95 * side * side);
  });
});

describe('the table', () => {
  const measured: Measurement = {
    adapter: '2 workers',
    check: [],
    millisecondsPerPoint: 2,
    points: 50,
    firstPictureSeconds: 0.1,
    marks: [
      [0.1, 9],
      [0.5, 200],
    ],
    grid: null,
    peakGflops: 100,
    executedPerPoint: 5e7,
  };
  const facts = {
    case: 'e',
    contender: 'wasm-relaxed',
    title: 'Isoloss',
    total: 1200,
    enough: 200,
    multiplyAddsPerPoint: 2e7,
    difference: 1e-7,
  } as const;

  test('takes times from the run as far as it went, and the warm pace beyond', () => {
    expect(secondsUntil(9, measured)).toBe(0.1);
    expect(secondsUntil(150, measured)).toBe(0.5);
    expect(secondsUntil(1200, measured)).toBeCloseTo(0.5 + 2, 9);
    expect(secondsUntil(1200, { ...measured, marks: null })).toBeCloseTo(2.4, 9);
  });

  test('has useful and executed rates, and the share of the peak', () => {
    const row = makeRow(measured, facts);
    expect(row.gflops).toBeCloseTo(20, 9);
    expect(row.executedGflops).toBeCloseTo(50, 9);
    expect(row.shareOfPeak).toBeCloseTo(0.5, 9);
    expect(row.measuredShare).toBeCloseTo(200 / 1200, 9);
    expect(row.goodPictureSeconds).toBe(0.5);
  });

  test('is one line for each row', () => {
    const own = makeRow(measured, facts);
    const other = makeRow(
      { ...measured, millisecondsPerPoint: 9, marks: null, peakGflops: null, executedPerPoint: null },
      { ...facts, contender: 'torch', title: 'PyTorch', enough: null },
    );
    expect(formatTable([own, other])).toMatchInlineSnapshot(`
      "case  who      ms a point  first picture  within 2 %      full grid  useful  executed      of peak  × slower  on what
      e     Isoloss        2.00         100 ms      500 ms  2.50 s (17 %)    20.0      50.0  50 % of 100      1.00  2 workers
      e     PyTorch        9.00         100 ms               10.8 s (4 %)     4.4                             4.50  2 workers"
    `);
  });
});

describe('what the libraries are given', () => {
  test('transposed turns rows into columns', () => {
    expect([...transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test('folding batch norm changes nothing: logits within 1e-4 relative of the reference, at any point', () => {
    const problem = caseProblem(benchCase('d'));
    const { model, data } = problem;
    const [a, b] = [0.3, -0.7];
    const parameters = parametersAt(problem, a, b);
    const values = allocateValues(model, 1);
    values[0]!.set(data.inputs.subarray(0, 64));
    const expected = forward(model, (name) => parameters.get(name)!, values, 1);
    const actual = runLayers(a, b);
    expectClose(actual, expected, { relative: 1e-4, absolute: 1e-4 });
    expect(() => expectClose(runLayers(a, b + 0.01), expected, { relative: 1e-4, absolute: 1e-4 })).toThrow();

    function runLayers(alpha: number, beta: number): Float64Array {
      const known = new Map<number, Float64Array>([[0, Float64Array.from(data.inputs.subarray(0, 64))]]);
      let last = known.get(0)!;
      for (const layer of layersOf(problem)) {
        const x = known.get(layer.inputs[0]!)!;
        if (layer.kind === 'dense') {
          const [w, v1, v2] = layer.weights;
          last = Float64Array.from(layer.bias, (bias, o) =>
            x.reduce((sum, value, k) => {
              const i = o * x.length + k;
              return sum + (w[i]! + alpha * v1[i]! + beta * v2[i]!) * value;
            }, bias),
          );
        } else if (layer.kind === 'add') last = x.map((value, i) => value + known.get(layer.inputs[1]!)![i]!);
        else throw new Error(`case d has no ${layer.kind}`);
        if (layer.relu) last = last.map((value) => Math.max(0, value));
        known.set(layer.output, last);
      }
      return last;
    }
  });

  test('an op that no library is given is refused by name', () => {
    const problem = caseProblem(benchCase('e'));
    const node = { op: 'scale', name: 'half', inputs: [0], factor: 0.5, offset: 0 } as const;
    expect(() => layersOf({ ...problem, model: { ...problem.model, nodes: [node] } })).toThrow(
      "half: the benchmark's peers have no scale",
    );
  });
});

describe('a progressive picture', () => {
  const final = Float64Array.from({ length: 9 }, (_, i) => i);
  const shot = (seconds: number, ...loss: number[]) => ({ seconds, loss: Float32Array.from(loss) });
  const exact = [...final];

  test('is good from when on it stays within 2 % of the range, unknown points shown as their neighbours', () => {
    const rough = shot(1, NaN, NaN, NaN, NaN, 4, NaN, NaN, NaN, NaN);
    const near = exact.map((value) => value + 0.1);
    const off = exact.map((value) => value + 0.3);
    expect(goodPictureSeconds([rough, shot(2, ...near), shot(3, ...exact)], final, 3)).toBe(2);
    expect(goodPictureSeconds([shot(1, ...near), shot(2, ...off), shot(3, ...exact)], final, 3)).toBe(3);
  });

  test('is not good yet when the last one is not', () => {
    expect(goodPictureSeconds([shot(1, ...exact), shot(2, NaN, 1, 2, 3, NaN, 5, 6, 7, 8)], final, 3)).toBe(
      null,
    );
    expect(goodPictureSeconds([], final, 3)).toBe(null);
  });
});
