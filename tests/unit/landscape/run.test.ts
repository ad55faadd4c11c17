import { describe, expect, test, vi } from 'vitest';
import {
  EngineLostError,
  EngineMemoryError,
  type Evaluator,
  type Points,
  type SampleRange,
  type Sums,
} from '../../../src/engine/engine.js';
import { coordinates, emptySums, type Grid, type GridSums } from '../../../src/landscape/grid.js';
import { coarseToFine } from '../../../src/landscape/order.js';
import { type Progress, runLandscapes } from '../../../src/landscape/run.js';
import { lossOnly } from '../../helpers/loss-only.js';

interface MockOptions {
  readonly lanes?: number;
  /** Milliseconds that a call of this work takes; none by default. */
  readonly latency?: (work: number) => number;
  /** Called before a call's work; throws to make it fail. */
  readonly before?: (call: MockCall, number: number) => void;
}

interface MockCall {
  readonly points: number;
  readonly first: number;
  readonly count: number;
  readonly work: number;
}

/** Loss of sample s at (a, b): integers, so that every sum is exact in whatever order. */
const lossOf = (a: number, b: number, sample: number) =>
  Math.round(a * 8) + 3 * Math.round(b * 8) + (sample % 7);

class MockEvaluator implements Evaluator {
  readonly info = { engine: 'reference', adapter: 'mock' } as const;
  readonly passes = lossOnly.passes;
  readonly derivatives = lossOnly.derivatives;
  readonly differences = lossOnly.differences;
  readonly lanes: number;
  readonly calls: MockCall[] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(private readonly options: MockOptions = {}) {
    this.lanes = options.lanes ?? 1;
  }

  async evaluate({ a, b }: Points, { first, count }: SampleRange): Promise<Sums> {
    const call = { points: a.length, first, count, work: a.length * count };
    this.calls.push(call);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      const milliseconds = this.options.latency?.(call.work) ?? 0;
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      this.options.before?.(call, this.calls.length);
    } finally {
      this.inFlight--;
    }
    const sums = {
      loss: new Float64Array(a.length),
      squares: new Float64Array(a.length),
      correct: new Float64Array(a.length),
    };
    for (let i = 0; i < a.length; i++) {
      for (let sample = first; sample < first + count; sample++) {
        const loss = lossOf(a[i]!, b[i]!, sample);
        sums.loss[i]! += loss;
        sums.squares[i]! += loss * loss;
        sums.correct[i]! += loss > 0 ? 1 : 0;
      }
    }
    return sums;
  }

  dispose(): void {
    this.calls.length = 0;
  }
}

/** Runs with a clock that jumps to the next timer, so that latencies are exact and cost nothing. */
async function inVirtualTime<T>(start: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    let settled = false;
    const running = start().finally(() => (settled = true));
    running.catch(() => undefined);
    while (!settled) await vi.advanceTimersToNextTimerAsync();
    return await running;
  } finally {
    vi.useRealTimers();
  }
}

const gridOf = (columns: number, rows: number): Grid => ({
  columns: { from: -1, to: 1, count: columns },
  rows: { from: -0.5, to: 1, count: rows },
});

/** Compares with sums over all samples at every point, so a point computed twice or not at all is found. */
function expectComplete({ grid, loss, squares, correct, samples }: GridSums, count: number): void {
  const [a, b] = [coordinates(grid.columns), coordinates(grid.rows)];
  for (let i = 0; i < loss.length; i++) {
    const losses = Array.from({ length: count }, (_, s) =>
      lossOf(a[i % a.length]!, b[Math.floor(i / a.length)]!, s),
    );
    expect(samples[i]).toBe(count);
    expect(loss[i]).toBe(losses.reduce((x, y) => x + y, 0));
    expect(squares[i]).toBe(losses.reduce((x, y) => x + y * y, 0));
    expect(correct[i]).toBe(losses.filter((l) => l > 0).length);
  }
}

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

describe('call size', () => {
  const workOf = async (options: MockOptions, points: number, samples: number) => {
    const evaluator = new MockEvaluator(options);
    await inVirtualTime(() =>
      runLandscapes([{ evaluator, sums: emptySums(gridOf(points, points)), samples }]),
    );
    return evaluator.calls.map(({ work }) => work);
  };

  test('starts small, at most doubles (and rounds up by a half), and settles between 25 and 75 ms', async () => {
    const work = await workOf({ latency: (w) => 1 + w / 1000 }, 41, 500);
    expect(work[0]).toBeLessThanOrEqual(48);
    let largest = work[0]!;
    for (const w of work) {
      expect(w).toBeLessThanOrEqual(Math.max(3 * largest, 48));
      largest = Math.max(largest, w);
    }
    const late = work.slice(-20, -4).sort((a, b) => a - b);
    expect(late[8]).toBeGreaterThan(25_000);
    expect(late[8]).toBeLessThan(75_000);
  });

  test('an engine that reports completion only every 100 ms: neither collapses nor explodes', async () => {
    // Computing takes 1 ms per 100 points × samples; the report comes with the next tick.
    let free = 0;
    const latency = (w: number) => {
      const now = performance.now();
      free = Math.max(free, now) + w / 100;
      return Math.ceil(free / 100) * 100 - now;
    };
    const work = await workOf({ latency, lanes: 2 }, 31, 400);
    const late = work.slice(Math.floor(work.length / 2), -6);
    expect(Math.min(...late)).toBeGreaterThan(1000);
    expect(Math.max(...work)).toBeLessThanOrEqual(20_000);
  });

  test('one slow call does not make the following ones small', async () => {
    let calls = 0;
    const work = await workOf({ latency: (w) => (++calls === 15 ? 900 : 1 + w / 1000) }, 41, 500);
    expect(Math.min(...work.slice(15, -4))).toBeGreaterThan(10_000);
  });

  test('a point that takes too long is split by samples, in order', async () => {
    const calls: MockCall[] = [];
    const sums = emptySums(gridOf(3, 1));
    // 1 ms per sample: a point of 700 would take 700 ms.
    const evaluator = new MockEvaluator({ latency: (w) => w, before: (call) => void calls.push(call) });
    await inVirtualTime(() => runLandscapes([{ evaluator, sums, samples: 700 }]));
    expectComplete(sums, 700);
    expect(Math.max(...calls.map(({ work }) => work))).toBeLessThan(130);
    expect(calls.length).toBeGreaterThan(20);
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
    const done = sums.samples.filter((n) => n === 100).length;
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
