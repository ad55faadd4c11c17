/** How much a run asks of an engine in one call. */
import { describe, expect, test } from 'vitest';
import { emptySums } from '../../../src/landscape/grid.js';
import { runLandscapes } from '../../../src/landscape/run.js';
import {
  expectComplete,
  gridOf,
  inVirtualTime,
  type MockCall,
  MockEvaluator,
  type MockOptions,
} from '../../helpers/mock-evaluator.js';

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

  test('starts with what the engine is known to do soon, and with no less than otherwise', async () => {
    const firstOf = async (soon: number) => {
      const evaluator = new MockEvaluator();
      await runLandscapes([{ evaluator, sums: emptySums(gridOf(21, 21)), samples: 1000, soon }]);
      return evaluator.calls[0]!.work;
    };
    expect(await firstOf(300)).toBe(256);
    expect(await firstOf(5000)).toBe(9 * 128); // the coarsest lattice with its subset
    expect(await firstOf(1)).toBe(32);
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
    const late = work.slice(Math.floor(work.length / 2), -6).sort((a, b) => a - b);
    expect(late[Math.floor(late.length / 4)]).toBeGreaterThan(1000);
    expect(Math.max(...work)).toBeLessThanOrEqual(20_000);
  });

  test('one slow call does not make the following ones small', async () => {
    let calls = 0;
    const work = await workOf({ latency: (w) => (++calls === 15 ? 900 : 1 + w / 1000) }, 41, 500);
    expect(Math.min(...work.slice(15, -4))).toBeGreaterThan(8000);
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

  test('while somebody interacts calls compute for 10 ms, before and after for 25 to 50 ms', async () => {
    const times: number[] = [];
    const interacting = () => performance.now() > 2000 && performance.now() < 4000;
    const evaluator = new MockEvaluator({
      latency: (work) => {
        times.push(interacting() ? work / 1000 : -work / 1000);
        return work / 1000;
      },
    });
    const job = { evaluator, sums: emptySums(gridOf(51, 51)), samples: 4000 };
    await inVirtualTime(() => runLandscapes([job], { interacting }));
    const during = times.filter((time) => time > 0);
    const otherwise = times.filter((time) => time < 0).map((time) => -time);
    expect(during.length).toBeGreaterThan(100);
    expect(Math.max(...during.slice(1))).toBeLessThanOrEqual(15);
    expect(otherwise.sort((a, b) => a - b)[otherwise.length >> 1]).toBeGreaterThan(20);
    expect(Math.max(...otherwise)).toBeLessThan(100);
  });
});

describe('cost', () => {
  /** Milliseconds of a whole run, and the work of its largest call, in points × samples. */
  const costOf = async (side: number, samples: number) => {
    let largest = 0;
    let milliseconds = 0;
    let work = 0;
    const evaluator = new MockEvaluator({
      latency: (w) => {
        largest = Math.max(largest, w);
        work += w;
        return 0.2 + w / 1000;
      },
    });
    await inVirtualTime(async () => {
      const begin = performance.now();
      await runLandscapes([{ evaluator, sums: emptySums(gridOf(side, side)), samples }]);
      milliseconds = performance.now() - begin;
    });
    expect(work).toBe(side * side * samples);
    return { each: milliseconds / work, largest };
  };

  test('is the same within 10 % for each point from 25² to 401², and for each sample from 64 to 1,024', async () => {
    const base = await costOf(101, 128);
    const others = [
      await costOf(25, 128),
      await costOf(401, 128),
      await costOf(51, 64),
      await costOf(51, 1024),
    ];
    for (const { each } of others) expect(Math.abs(each / base.each - 1)).toBeLessThan(0.1);
  });

  test('in memory of an engine does not grow with the grid: calls hold as much at 401² as at 101²', async () => {
    const [small, large] = [await costOf(101, 64), await costOf(401, 64)];
    expect(small.largest).toBeGreaterThan(20_000);
    expect(large.largest).toBeLessThan(1.5 * small.largest);
  });
});
