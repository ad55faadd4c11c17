import { describe, expect, it } from 'vitest';
import type { Evaluator, Points, SampleRange } from '../../../src/engine/engine.js';
import { measurePace, runCost, secondsFor, smallerRuns } from '../../../src/landscape/estimate.js';
import { randomPlane } from '../../../src/landscape/plane.js';
import { loadDigits, loadNetwork } from '../../helpers/fixtures.js';
import { lossOnly } from '../../helpers/loss-only.js';

/** An engine on a clock of its own: every call takes `latency` and `perUnit` for each point and sample. */
function timed({ latency = 0, perUnit = 0, lanes = 1, warmUp = 0 }) {
  const clock = { time: 0, calls: 0 };
  const evaluator: Evaluator = {
    ...lossOnly,
    info: { engine: 'wasm', adapter: 'clock' },
    lanes,
    async evaluate(points: Points, { count }: SampleRange) {
      // Lanes work side by side: the calls of one round share its latency.
      if (clock.calls % lanes === 0) clock.time += latency + (clock.calls === 0 ? warmUp : 0);
      clock.calls++;
      clock.time += perUnit * points.a.length * count;
      const sums = new Float64Array(points.a.length);
      return { loss: sums, squares: sums, correct: sums };
    },
    dispose() {},
  };
  return { evaluator, clock, now: () => clock.time };
}

describe('measurePace', () => {
  const run = { size: 51, samples: 1400 };

  it.each([
    { latency: 0, perUnit: 0.001, lanes: 1 },
    { latency: 0, perUnit: 0.02, lanes: 4 },
    // A browser that tells of a finished queue every 100 ms.
    { latency: 100, perUnit: 0.0005, lanes: 2 },
    { latency: 5, perUnit: 3, lanes: 4, warmUp: 300 },
  ])('finds the pace under latency and warm-up: $latency ms, $perUnit ms each', async (options) => {
    const { evaluator, now, clock } = timed(options);
    expect(await measurePace(evaluator, run, undefined, now)).toBeCloseTo(options.perUnit / 1000, 12);
    expect(clock.time).toBeLessThan(2500);
  });

  it('is short on a very slow engine', async () => {
    const { evaluator, now, clock } = timed({ perUnit: 500 });
    expect(await measurePace(evaluator, run, undefined, now)).toBeCloseTo(0.5, 12);
    expect(clock.calls).toBe(1);
  });

  it('never carries more than the run itself', async () => {
    const { evaluator, now, clock } = timed({ latency: 1 });
    expect(await measurePace(evaluator, { size: 3, samples: 5 }, undefined, now)).toBeGreaterThan(0);
    expect(clock.calls).toBeLessThan(10);
  });
});

describe('a run’s cost', () => {
  const model = loadNetwork('mlp-tanh');
  const data = loadDigits(100);
  const recipe = { seed: 1, normalise: 'filter', bias: 'ignore', states: false, orthogonal: false } as const;
  const { d1, d2 } = randomPlane(model, recipe);
  const problem = { model, d1, d2, data, loss: 'ce' } as const;

  it('counts two FLOP per weight of a dense network, point and sample', () => {
    const matrices = [...model.parameters.values()].filter(({ shape }) => shape.length === 2);
    const weights = matrices.reduce((sum, parameter) => sum + parameter.data.length, 0);
    expect(runCost([problem], { size: 5, samples: 100 }).flop).toBe(2 * weights * 25 * 100);
    expect(runCost([problem, problem], { size: 5, samples: 100 }).flop).toBe(4 * weights * 25 * 100);
  });

  it('holds data and weights once per worker, grids once', () => {
    const [one, three] = [1, 3].map((copies) => runCost([problem], { size: 5, samples: 100 }, copies).bytes);
    const grid = 25 * 30;
    expect(three! - grid).toBe(3 * (one! - grid));
    expect(one!).toBeGreaterThan(4 * 100 * 64);
  });

  it('adds up the landscapes of a run', () => {
    const works = [
      { pace: 0.001, left: 1000 },
      { pace: 0.5, left: 4 },
    ];
    expect(secondsFor(works)).toBeCloseTo(3, 12);
  });
});

describe('smallerRuns', () => {
  const offers = (size: number, samples: number, seconds: number) =>
    smallerRuns({ size, samples }, seconds, 60).map((offer) => [offer.size, offer.samples]);

  it('offers the largest grid and the most samples that are done in time', () => {
    expect(offers(51, 1400, 100)).toEqual([
      [31, 1400],
      [51, 500],
    ]);
    expect(offers(51, 1400, 600)).toEqual([
      [11, 1400],
      [51, 100],
    ]);
  });

  it('offers both together where one is not enough', () => {
    expect(offers(25, 100, 1140)).toEqual([[11, 20]]);
  });

  it('offers a tiny grid at the worst, and nothing where nothing helps', () => {
    expect(offers(25, 100, 5000)).toEqual([[5, 20]]);
    expect(offers(3, 20, 1e6)).toEqual([]);
  });

  it('keeps what it offers below the limit and below what was asked for', () => {
    for (const seconds of [61, 100, 1000, 1e5]) {
      for (const offer of smallerRuns({ size: 101, samples: 10_000 }, seconds, 60)) {
        expect(offer.seconds).toBeLessThan(60);
        expect(offer.size ** 2 * offer.samples).toBeLessThan(101 ** 2 * 10_000);
        const share = (offer.size / 101) ** 2 * (offer.samples / 10_000);
        expect(offer.seconds).toBeCloseTo(seconds * share, 9);
      }
    }
  });
});
