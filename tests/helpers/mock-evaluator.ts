/** An evaluator whose sums are known exactly, with a latency of its own, and a clock that it can be timed by. */
import { expect, vi } from 'vitest';
import type { Evaluator, Points, SampleRange, Sums } from '../../src/engine/engine.js';
import { coordinates, type Grid, type GridSums } from '../../src/landscape/grid.js';
import { lossOnly } from './loss-only.js';

export interface MockOptions {
  readonly lanes?: number;
  /** Loss of a sample at a point: an integer, so that every sum is exact in whatever order. By default a plane. */
  readonly loss?: (a: number, b: number, sample: number) => number;
  /** Milliseconds that a call of this work takes; none by default. */
  readonly latency?: (work: number) => number;
  /** Called before a call's work; throws to make it fail. */
  readonly before?: (call: MockCall, number: number) => void;
}

export interface MockCall {
  readonly points: number;
  readonly first: number;
  readonly count: number;
  readonly work: number;
}

const slope = (a: number, b: number, sample: number): number =>
  Math.round(a * 8) + 3 * Math.round(b * 8) + (sample % 7);

/** A loss so uneven that no spread among the samples is above what interpolation misses. */
export const rugged = (a: number, b: number, sample: number): number =>
  1000 * Math.round(8 * Math.sin(1e4 * a + 3e4 * b)) + (sample % 7);

export class MockEvaluator implements Evaluator {
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
    const lossOf = this.options.loss ?? slope;
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
export async function inVirtualTime<T>(start: () => Promise<T>): Promise<T> {
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

export const gridOf = (columns: number, rows: number): Grid => ({
  columns: { from: -1, to: 1, count: columns },
  rows: { from: -0.5, to: 1, count: rows },
});

/** Compares with sums over all samples at every point, so a point computed twice or not at all is found. */
export function expectComplete(
  { grid, loss, squares, correct, samples }: GridSums,
  count: number,
  lossOf = slope,
): void {
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
