import { describe, expect, test } from 'vitest';
import { EngineLostError, EngineMemoryError } from '../../../src/engine/engine.js';
import { emptySums } from '../../../src/landscape/grid.js';
import { emptyDifferences } from '../../../src/landscape/passes.js';
import { wantsFiner } from '../../../src/landscape/refine.js';
import { coarseToFine } from '../../../src/landscape/order.js';
import { type Progress, runLandscapes } from '../../../src/landscape/run.js';
import { subsetSizes } from '../../../src/landscape/subsets.js';
import {
  expectComplete,
  gridOf,
  inVirtualTime,
  MockEvaluator,
  rugged,
} from '../../helpers/mock-evaluator.js';

describe('runLandscapes', () => {
  test.each([
    [7, 5, 10],
    [1, 1, 1],
    [9, 9, 1400],
    [21, 1, 300],
    [4, 6, 33],
  ])('%i × %i points × %i samples: every point once, with all samples', async (columns, rows, samples) => {
    for (const lanes of [1, 3]) {
      const sums = emptySums(gridOf(columns, rows));
      const evaluator = new MockEvaluator({ lanes });
      await runLandscapes([{ evaluator, sums, samples }]);
      expectComplete(sums, samples);
      expect(evaluator.calls.reduce((sum, { work }) => sum + work, 0)).toBe(columns * rows * samples);
    }
  });

  test('adds only what is missing: more samples on top of fewer, nothing when all is there', async () => {
    const sums = emptySums(gridOf(9, 9));
    const evaluator = new MockEvaluator();
    await runLandscapes([{ evaluator, sums, samples: 100 }]);
    evaluator.calls.length = 0;
    await runLandscapes([{ evaluator, sums, samples: 130 }]);
    expectComplete(sums, 130);
    expect(evaluator.calls.reduce((sum, { work }) => sum + work, 0)).toBe(81 * 30);
    evaluator.calls.length = 0;
    const reports: Progress[] = [];
    await runLandscapes([{ evaluator, sums, samples: 130 }], {
      onProgress: (progress) => reports.push(progress),
    });
    expect(evaluator.calls).toEqual([]);
    expect(reports).toMatchObject([{ pointsDone: 81, pointsTotal: 81, secondsLeft: 0 }]);
    expect(() => runLandscapes([{ evaluator, sums, samples: 0 }])).toThrow(RangeError);
  });

  test('goes level by level, in all jobs together', async () => {
    const order: [job: number, points: number][] = [];
    const jobs = [0, 1].map((job) => ({
      evaluator: new MockEvaluator({ before: ({ points }) => void order.push([job, points]) }),
      sums: emptySums(gridOf(33, 33)),
      samples: 8,
    }));
    const reports: Progress[] = [];
    await runLandscapes(jobs, { onProgress: (progress) => reports.push(progress) });
    let before = 0;
    for (const { points } of coarseToFine(33, 33)) {
      before += points.length;
      // Both jobs complete the level before either goes on: the first calls that reach it sum up to it exactly.
      const counts = [0, 0];
      for (const [job, points] of order) if (counts[0]! + counts[1]! < 2 * before) counts[job]! += points;
      expect(counts).toEqual([before, before]);
      expect(reports.map(({ pointsDone }) => pointsDone)).toContain(2 * before);
    }
    for (const { sums } of jobs) expectComplete(sums, 8);
  });

  test('gives every point of a rugged loss an eighth of the samples, then a quarter, a half and all', async () => {
    const ends: number[] = [];
    const sums = emptySums(gridOf(17, 17));
    const evaluator = new MockEvaluator({
      loss: rugged,
      before: ({ first, count }) => void ends.push(first + count),
    });
    const known: number[][] = [];
    await runLandscapes([{ evaluator, sums, samples: 1400 }], {
      onProgress: ({ pointsKnown, pointsDone, share }) => known.push([pointsKnown, pointsDone, share]),
    });
    expectComplete(sums, 1400, rugged);
    expect(subsetSizes(1400)).toEqual([192, 352, 704, 1400]);
    const last = (limit: number) => ends.findLastIndex((end) => end <= limit);
    const first = (limit: number) => ends.findIndex((end) => end > limit);
    for (const size of [192, 352, 704]) expect(last(size)).toBeLessThan(first(size));
    // The whole picture is there when an eighth of the work is done.
    const whole = known.find(([points]) => points === 289)!;
    expect(whole[1]).toBe(0);
    expect(whole[2]).toBeLessThan(0.15);
    expect(known.at(-1)).toEqual([289, 289, 1]);
  });

  test.each([1, 4])(
    'gives the points of a smooth loss all samples before there are more of them, with %i lanes',
    async (lanes) => {
      const samples = 1400;
      const smooth = (a: number, b: number, sample: number) =>
        Math.round(1e4 * (a * a + 2 * b * b)) + 1000 * (sample % 7);
      const sums = emptySums(gridOf(33, 33));
      const state: number[][] = [];
      const before = ({ first }: { readonly first: number }) => {
        const known = sums.samples.filter((count) => count > 0);
        if (first === 0) state.push([known.length, Math.min(...known)]);
      };
      const evaluator = new MockEvaluator({ lanes, loss: smooth, before, latency: (work) => work / 200 });
      await inVirtualTime(() => runLandscapes([{ evaluator, sums, samples }]));
      expectComplete(sums, samples, smooth);
      // Of 33 × 33 points 17 × 17 or fewer are enough to interpolate between; a few are on their way.
      const beforeFinest = state.filter(([points]) => points! >= 17 * 17);
      expect(beforeFinest.length).toBeGreaterThan(10);
      for (const [, least] of beforeFinest) expect(least).toBeGreaterThanOrEqual(704);
      const whole = state.filter(([points, least]) => points! <= 9 * 9 && least! < 704);
      expect(whole.length).toBeGreaterThan(0);
    },
  );

  test('judges by the points that are there: where interpolation errs more than the samples, finer comes first', () => {
    const sums = emptySums(gridOf(9, 9));
    const [, middle] = coarseToFine(9, 9);
    const set = (bend: number, spread: number) =>
      sums.samples.forEach((_, i) => {
        sums.samples[i] = 100;
        sums.loss[i] = 100 * bend * (i % 9) ** 2;
        sums.squares[i] = sums.loss[i]! ** 2 / 100 + 99 * spread ** 2;
      });
    // Standard error √(1/100 · 3/4) of the spread; the middle of two neighbours 4 apart errs by 4 for a square.
    const never = () => false;
    set(1, 1);
    expect(wantsFiner(sums, middle!, 400, never)).toBe(true);
    set(1, 40);
    expect(wantsFiner(sums, middle!, 400, never)).toBe(false);
    expect(wantsFiner(sums, middle!, 400, () => true)).toBe(true);
    expect(wantsFiner(sums, middle!, 100, never)).toBe(true);
    expect(wantsFiner(emptySums(gridOf(9, 9)), middle!, 400, never)).toBe(true);
    expect(wantsFiner(emptyDifferences(gridOf(9, 9)), middle!, 400, never)).toBe(true);
  });

  test('points that can wait get the rest of their samples after all others', async () => {
    const sums = emptySums(gridOf(9, 9));
    const upper = () => sums.samples.subarray(36).reduce((least, n) => Math.min(least, n), 800);
    const leasts: number[] = [];
    const evaluator = new MockEvaluator({
      loss: rugged,
      // Of 800 samples the subsets are 128, 224, 416 and all: only a point that waited goes beyond 416 from 128.
      before: ({ first, count }) => void (first < 416 && first + count > 416 && leasts.push(upper())),
    });
    // All of the lower half.
    await runLandscapes([{ evaluator, sums, samples: 800 }], { waits: (_, index) => index < 36 });
    expectComplete(sums, 800, rugged);
    expect(leasts.length).toBeGreaterThan(0);
    expect(new Set(leasts)).toEqual(new Set([800]));
  });

  test('keeps the lanes of the evaluator busy and never more', async () => {
    const alone = new MockEvaluator({ lanes: 4, latency: () => 2 });
    await inVirtualTime(() =>
      runLandscapes([{ evaluator: alone, sums: emptySums(gridOf(17, 17)), samples: 64 }]),
    );
    expect(alone.mostInFlight).toBe(4);

    let most = 0;
    const before = () => void (most = Math.max(most, wide.inFlight + narrow.inFlight));
    const wide = new MockEvaluator({ lanes: 4, latency: () => 2, before });
    const narrow = new MockEvaluator({ lanes: 1, latency: () => 2, before });
    const jobs = [wide, narrow].map((evaluator) => ({
      evaluator,
      sums: emptySums(gridOf(17, 17)),
      samples: 64,
    }));
    await inVirtualTime(() => runLandscapes(jobs));
    expect(narrow.mostInFlight).toBe(1);
    expect(most).toBe(4);
    for (const { sums } of jobs) expectComplete(sums, 64);
  });

  test('reports first when the coarsest lattice of every grid is there, which is worth a picture', async () => {
    const jobs = [gridOf(21, 21), gridOf(21, 21)].map((grid) => ({
      evaluator: new MockEvaluator({ latency: () => 2 }),
      sums: emptySums(grid),
      samples: 64,
    }));
    const known: number[] = [];
    const controller = new AbortController();
    const onProgress = ({ pointsKnown }: Progress) => {
      known.push(pointsKnown);
      controller.abort();
    };
    await runLandscapes(jobs, { onProgress, signal: controller.signal }).catch(() => undefined);
    expect(known).toHaveLength(1);
    const coarsest = coarseToFine(21, 21)[0]!.points;
    expect(known[0]).toBeGreaterThanOrEqual(2 * coarsest.length);
    for (const { sums } of jobs) for (const point of coarsest) expect(sums.samples[point]).toBeGreaterThan(0);
  });

  test('reports at most every 50 ms besides the ends of levels; time left comes from the rate', async () => {
    const sums = emptySums(gridOf(21, 21));
    const evaluator = new MockEvaluator({ latency: (work) => work / 40 });
    const reports: Progress[] = [];
    await runLandscapes([{ evaluator, sums, samples: 100 }], {
      onProgress: (progress) => reports.push(progress),
    });
    const levels = coarseToFine(21, 21).length;
    const seconds = reports.at(-1)!.secondsElapsed;
    expect(reports.length).toBeLessThanOrEqual(seconds / 0.05 + levels + 1);
    expect(reports.every((r, i) => i === 0 || r.pointsDone >= reports[i - 1]!.pointsDone)).toBe(true);
    expect(reports.at(-1)).toMatchObject({ pointsDone: 441, pointsTotal: 441, secondsLeft: 0 });
    const early = reports.find(
      ({ secondsLeft, secondsElapsed }) => secondsLeft !== null && secondsElapsed > 0.35,
    )!;
    const truth = seconds - early.secondsElapsed;
    expect(early.secondsLeft).toBeGreaterThan(truth / 3);
    expect(early.secondsLeft).toBeLessThan(truth * 3);
  });
});

describe('when something goes wrong', () => {
  test('abort rejects at once with the reason, although a call is pending, and drops its result', async () => {
    const controller = new AbortController();
    const sums = emptySums(gridOf(9, 9));
    const evaluator = new MockEvaluator({ lanes: 2, latency: () => 300 });
    const run = runLandscapes([{ evaluator, sums, samples: 10 }], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stop')), 20);
    const begin = performance.now();
    await expect(run).rejects.toThrow('stop');
    expect(performance.now() - begin).toBeLessThan(200);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sums.samples.every((n) => n === 0)).toBe(true);
    expect(evaluator.calls).toHaveLength(2);
  });

  test('an engine that never leaves the thread can still be aborted', async () => {
    const busy = () => {
      const end = performance.now() + 5;
      while (performance.now() < end);
    };
    const sums = emptySums(gridOf(101, 101));
    const evaluator = new MockEvaluator({ before: busy });
    const signal = AbortSignal.timeout(100);
    const error: unknown = await runLandscapes([{ evaluator, sums, samples: 32 }], { signal }).catch(
      (reason) => reason,
    );
    expect(error).toBe(signal.reason);
    expect(evaluator.calls.length).toBeLessThan(200);
  });

  test('an aborted signal starts nothing', async () => {
    const evaluator = new MockEvaluator();
    const signal = AbortSignal.abort('no');
    await expect(
      runLandscapes([{ evaluator, sums: emptySums(gridOf(3, 3)), samples: 1 }], { signal }),
    ).rejects.toBe('no');
    expect(evaluator.calls).toEqual([]);
  });

  test('out of memory halves the call and the run completes', async () => {
    const sums = emptySums(gridOf(21, 21));
    const evaluator = new MockEvaluator({
      before: ({ work }) => {
        if (work > 600) throw new EngineMemoryError('too large');
      },
    });
    await runLandscapes([{ evaluator, sums, samples: 64 }]);
    expectComplete(sums, 64);
    expect(evaluator.calls.filter(({ work }) => work > 600).length).toBeLessThanOrEqual(2);
  });

  test('out of memory for one sample of one point ends the run', async () => {
    const evaluator = new MockEvaluator({
      before: () => {
        throw new EngineMemoryError('hopeless');
      },
    });
    const sums = emptySums(gridOf(5, 5));
    await expect(runLandscapes([{ evaluator, sums, samples: 64 }])).rejects.toThrow('hopeless');
    expect(evaluator.calls.length).toBeLessThan(20);
  });

  test('after an error calls in flight are kept, and another evaluator goes on from there', async () => {
    const sums = emptySums(gridOf(21, 21));
    const failing = new MockEvaluator({
      lanes: 3,
      latency: (work) => 1 + work / 100,
      before: (_, number) => {
        if (number === 12) throw new EngineLostError('device lost');
      },
    });
    await expect(runLandscapes([{ evaluator: failing, sums, samples: 100 }])).rejects.toThrow(
      EngineLostError,
    );
    expect(failing.inFlight).toBe(0);
    const done = sums.samples.filter((n) => n > 0).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(441);
    const evaluator = new MockEvaluator();
    await runLandscapes([{ evaluator, sums, samples: 100 }]);
    expectComplete(sums, 100);
    expect(evaluator.calls.reduce((sum, { work }) => sum + work, 0)).toBeLessThan(44_100);
  });

  test('an error in the progress callback ends the run and no point is counted twice', async () => {
    const sums = emptySums(gridOf(9, 9));
    const evaluator = new MockEvaluator();
    const onProgress = () => {
      throw new Error('page gone');
    };
    await expect(runLandscapes([{ evaluator, sums, samples: 5 }], { onProgress })).rejects.toThrow(
      'page gone',
    );
    await runLandscapes([{ evaluator, sums, samples: 5 }]);
    expectComplete(sums, 5);
  });
});
