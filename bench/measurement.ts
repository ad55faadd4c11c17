/** What one contender's measurement of one case consists of, wherever it runs. */
import type { CaseName } from '../src/cli/bench-cases.js';
import type { PassResult } from '../src/cli/bench-passes.js';

export interface Request {
  readonly contender: string;
  readonly case: CaseName;
  /** Points at which losses are compared before any time counts. */
  readonly check: { readonly a: number[]; readonly b: number[] };
  /** Seconds that each of the timed repetitions may take. */
  readonly seconds: number;
  /** Seconds that a run of the whole grid may take; null for as long as it needs, 0 for none. */
  readonly gridSeconds: number | null;
  /** For those who let it be chosen; one for each core otherwise. */
  readonly threads?: number;
  /** Seconds for each of the other passes; none without. */
  readonly passSeconds?: number;
}

/** How far a run of the whole grid was at a moment: seconds since the problem was handed over, points complete. */
export type Mark = readonly [seconds: number, points: number];

export interface Measurement {
  /** What it ran on, e.g. `2 workers, relaxed SIMD`. */
  readonly adapter: string;
  /** Mean losses at the points of the check. */
  readonly check: number[];
  /** Median of several repetitions, warm. */
  readonly millisecondsPerPoint: number;
  readonly points: number;
  /** From the problem's arrival, everything loaded, to the coarsest lattice of the grid. */
  readonly firstPictureSeconds: number;
  /** Of a progressive run of the whole grid: when its picture came within 2 % of the final one. */
  readonly goodPictureSeconds?: number | null;
  /** Of a progressive run, for those that have one. */
  readonly marks: readonly Mark[] | null;
  /** Mean losses of the grid when it was completed. */
  readonly grid: number[] | null;
  /** GFLOP/s of multiply-adds on registers alone, in the same process. */
  readonly peakGflops: number | null;
  /** Multiply-adds that its kernels do for one point over all samples. */
  readonly executedPerPoint: number | null;
  /** Differences and derivatives beside the loss, where they were asked for. */
  readonly passes?: readonly PassResult[];
}

/** One of several ways to compute the same: the fastest is taken. */
export interface Way {
  readonly name: string;
  /** Mean losses at these points. */
  evaluate(a: Float64Array, b: Float64Array): Promise<ArrayLike<number>>;
}

/** What takes too long to be measured; a sentence for the table. */
export class TooSlow extends Error {}

/** The promise's result, or `TooSlow` after so many seconds. */
export async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new TooSlow(`it takes more than ${seconds} s`);
    timer = setTimeout(() => reject(error), 1000 * seconds);
  });
  // The loser of the race may fail later, when nobody listens.
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const REPETITIONS = 3;
/** Seconds of one timing while looking for a fitting number of points. */
const SETTLED = 0.05;

/** Median milliseconds a point over several repetitions of as many points as `seconds` allow, warm. */
export async function timeWay(
  evaluate: (points: number) => Promise<unknown>,
  seconds: number,
  most: number,
  repetitions = REPETITIONS,
): Promise<{ millisecondsPerPoint: number; points: number }> {
  const time = async (points: number): Promise<number> => {
    const start = performance.now();
    await evaluate(points);
    return (performance.now() - start) / 1000;
  };
  let points = 1;
  await time(points);
  let last = await time(points);
  while (last < Math.min(SETTLED, seconds) && points < most) {
    points = Math.min(most, 2 * points);
    last = await time(points);
  }
  points = Math.max(1, Math.min(most, Math.round((points * seconds) / last)));
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) times.push((1000 * (await time(points))) / points);
  return { millisecondsPerPoint: median(times), points };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
