/** What the other passes cost beside the plain one: differences from a centre, first and second derivatives. */
import type { Evaluator, Point, Points, Precision, SampleRange } from '../engine/engine.js';
import type { BenchCase } from './bench-cases.js';
import { callPace, pointsWithin, timePoints } from './bench-measure.js';

/** What is printed of one pass. */
export interface PassResult {
  readonly pass: 'delta' | 'gradient' | 'curvature';
  readonly precision: Precision;
  readonly points: number;
  readonly seconds: number;
  readonly millisecondsPerPoint: number;
  /** Time of a point ÷ that of a point of the plain pass, all lanes at work in both. */
  readonly ratio: number;
  /** Before the first point of a new centre, once a window: milliseconds; null for a pass without one. */
  readonly centreMilliseconds: number | null;
}

const CENTRE: Point = { a: 0.31, b: -0.2 };
const HALF_WIDTH = 1e-3;

/** `plain` is milliseconds a point of the plain pass, `long` milliseconds of one measurement. */
export async function timePasses(
  evaluator: Evaluator,
  chosen: BenchCase,
  plain: number,
  long = 1000,
): Promise<PassResult[]> {
  const { passes } = evaluator;
  const offsets = ({ a, b }: Points): Points => {
    return { a: a.map((x) => HALF_WIDTH * x), b: b.map((x) => HALF_WIDTH * x) };
  };
  const delta = as(
    evaluator,
    async (points, samples) => (await evaluator.differences(CENTRE, offsets(points), samples)).delta,
  );
  const gradient = as(
    evaluator,
    async (points, samples) => (await evaluator.derivatives(points, samples, 1)).a,
  );
  const curvature = as(
    evaluator,
    async (points, samples) => (await evaluator.derivatives(points, samples, 2)).a,
  );

  const start = performance.now();
  await timePoints(delta, chosen.samples, delta.lanes, { size: 1, pace: 0 });
  const first = performance.now() - start;
  const differences = await timed(delta, chosen, plain, long);
  const centreMilliseconds = Math.max(0, first - differences.millisecondsPerPoint * delta.lanes);
  return [
    { pass: 'delta', precision: passes.differences, ...differences, centreMilliseconds },
    {
      pass: 'gradient',
      precision: passes.derivatives,
      ...(await timed(gradient, chosen, plain, long)),
      centreMilliseconds: null,
    },
    {
      pass: 'curvature',
      precision: passes.derivatives,
      ...(await timed(curvature, chosen, plain, long)),
      centreMilliseconds: null,
    },
  ];
}

/** The evaluator with this pass in the place of the plain one. */
function as(
  evaluator: Evaluator,
  pass: (points: Points, samples: SampleRange) => Promise<Float64Array>,
): Evaluator {
  const evaluate = async (points: Points, samples: SampleRange) => ({ loss: await pass(points, samples) });
  return Object.create(evaluator, { evaluate: { value: evaluate } }) as Evaluator;
}

async function timed(
  evaluator: Evaluator,
  chosen: BenchCase,
  plain: number,
  long: number,
): Promise<Pick<PassResult, 'points' | 'seconds' | 'millisecondsPerPoint' | 'ratio'>> {
  const pace = await callPace(evaluator, chosen.samples);
  const points = pointsWithin(long, pace, evaluator, chosen);
  const seconds = await timePoints(evaluator, chosen.samples, points, pace);
  const millisecondsPerPoint = (1000 * seconds) / points;
  return { points, seconds, millisecondsPerPoint, ratio: millisecondsPerPoint / plain };
}
