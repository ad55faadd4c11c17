/** Isoloss's engines as a page runs them: in workers, the CPU's on every core. */
import { type BenchCase, caseGrid, caseProblem } from '../../src/cli/bench-cases.js';
import {
  evaluateAll,
  executedPerPoint,
  callPace,
  pointsWithin,
  timePoints,
} from '../../src/cli/bench-measure.js';
import { timePasses } from '../../src/cli/bench-passes.js';
import type { PeakRequest } from '../../src/cli/bench-peak.js';
import type { EngineName, Points, Problem } from '../../src/engine/engine.js';
import { createPool, type Pool } from '../../src/engine/pool.js';
import { goesAsTiles } from '../../src/engine/webgpu/cost.js';
import { measurePeak } from '../../src/engine/webgpu/peak.js';
import { emptySums, meanLoss } from '../../src/landscape/grid.js';
import { coarseToFine } from '../../src/landscape/order.js';
import { lossJob } from '../../src/landscape/passes.js';
import { type Progress, runLandscapes } from '../../src/landscape/run.js';
import { goodPictureSeconds, type Shot } from '../picture.js';
import { type Mark, type Measurement, median, type Request } from '../measurement.js';

const REPETITIONS = 3;
/** A picture is looked at when this many times the time of the one before has passed. */
const SHOTS = 1.04;

/** An engine and, for WASM, its build. */
export interface Own {
  readonly engine: EngineName;
  readonly relaxed: boolean | 'auto';
}

export const own: ReadonlyMap<string, Own> = new Map<string, Own>([
  ['wasm-relaxed', { engine: 'wasm', relaxed: 'auto' }],
  ['wasm-plain', { engine: 'wasm', relaxed: false }],
  ['webgpu', { engine: 'webgpu', relaxed: 'auto' }],
  ['reference', { engine: 'reference', relaxed: 'auto' }],
]);

const cores = (): number => navigator.hardwareConcurrency || 2;

/** The engine on as many workers as Isoloss's own page would give it. */
export function openPool({ engine, relaxed }: Own): Pool {
  const name = relaxed === false ? 'plain' : '';
  // As on Isoloss's own page: one device is one queue.
  const count = engine === 'webgpu' ? 1 : cores();
  return createPool(
    engine,
    () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name }),
    count,
  );
}

/** Everything about one engine on one case. */
export async function measureOwn(what: Own, chosen: BenchCase, request: Request): Promise<Measurement> {
  const problem = caseProblem(chosen);
  const peakGflops = await peak(what);
  const progressive = await runGrid(what, chosen, problem, request.gridSeconds);
  const pool = openPool(what);
  try {
    const evaluator = await pool.prepare(problem);
    const points: Points = { a: Float64Array.from(request.check.a), b: Float64Array.from(request.check.b) };
    const check = await evaluateAll(evaluator, points, chosen.samples, 1);
    const pace = await callPace(evaluator, chosen.samples);
    const count = pointsWithin(1000 * request.seconds, pace, evaluator, chosen);
    const times: number[] = [];
    const spent = (): number => times.reduce((sum, each) => sum + each * count, 0) / 1000;
    while (times.length < REPETITIONS && spent() < 2 * REPETITIONS * request.seconds) {
      times.push((1000 * (await timePoints(evaluator, chosen.samples, count, pace))) / count);
    }
    const { adapter } = evaluator.info;
    const { passSeconds } = request;
    const passes =
      passSeconds === undefined
        ? {}
        : { passes: await timePasses(evaluator, chosen, median(times), 1000 * passSeconds) };
    evaluator.dispose();
    const winograd = what.engine === 'webgpu' && (await goesAsTiles(problem, adapter));
    return {
      adapter,
      check: [...check],
      millisecondsPerPoint: median(times),
      points: count,
      ...progressive,
      peakGflops,
      executedPerPoint: executedPerPoint(what.engine, problem, winograd),
      ...passes,
    };
  } finally {
    pool.dispose();
  }
}

/** The page's own way from a problem to a picture, on workers that are running but know nothing yet. */
async function runGrid(
  what: Own,
  chosen: BenchCase,
  problem: Problem,
  seconds: number | null,
): Promise<Pick<Measurement, 'marks' | 'grid' | 'firstPictureSeconds' | 'goodPictureSeconds'>> {
  const grid = caseGrid(chosen);
  const coarsest = coarseToFine(chosen.side, chosen.side)[0]!.points.length;
  const sums = emptySums(grid);
  const pool = openPool(what);
  const controller = new AbortController();
  const marks: Mark[] = [];
  const shots: Shot[] = [];
  let firstPictureSeconds: number | undefined;
  try {
    await warmUp(pool);
    const start = performance.now();
    const elapsed = (): number => (performance.now() - start) / 1000;
    const evaluator = await pool.prepare(problem);
    const onProgress = ({ pointsDone, pointsKnown, pointsTotal, share }: Progress): void => {
      if (pointsKnown >= coarsest) firstPictureSeconds ??= elapsed();
      // Where the rest is extrapolated, subsets of the samples count as the work that they are.
      marks.push([elapsed(), seconds === null ? pointsDone : Math.floor(share * pointsTotal)]);
      if (seconds === null && elapsed() >= SHOTS * (shots.at(-1)?.seconds ?? 0)) {
        const loss = Float32Array.from(sums.loss, (sum, i) => sum / sums.samples[i]!);
        shots.push({ seconds: elapsed(), loss });
      }
      if (seconds !== null && pointsKnown >= coarsest && elapsed() > seconds) controller.abort();
    };
    const { samples } = chosen;
    const job = lossJob(evaluator, sums, samples, chosen.model);
    await runLandscapes([job], { signal: controller.signal, onProgress });
    const final = meanLoss(sums);
    const good = seconds === null ? goodPictureSeconds(shots, final, chosen.side) : null;
    return {
      firstPictureSeconds: firstPictureSeconds ?? NaN,
      goodPictureSeconds: good,
      marks,
      grid: [...final],
    };
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    return { firstPictureSeconds: firstPictureSeconds ?? NaN, marks, grid: null };
  } finally {
    pool.dispose();
  }
}

/** Workers started and kernels compiled, as on a page that has been loaded. */
async function warmUp(pool: Pool): Promise<void> {
  const { buildModel } = await import('../../src/model/build.js');
  const parameter = { name: 'w', shape: [2, 2], data: new Float32Array(4).fill(1), kind: 'weight' } as const;
  const node = { op: 'dense', name: 'fc', inputs: [0], weight: 'w', bias: null } as const;
  const inputs = new Float32Array(16).fill(1);
  const data = { name: 'tiny', samples: 8, shape: [2], inputs, labels: new Int32Array(8), targets: null };
  const direction = new Map([['w', Float32Array.of(1, 2, 3, 4)]]);
  const model = buildModel('tiny', [2], [node], [parameter]);
  const evaluator = await pool.prepare({ model, d1: direction, d2: direction, data, loss: 'ce' });
  const one = Float64Array.of(1);
  await Promise.all(
    Array.from({ length: evaluator.lanes }, () =>
      evaluator.evaluate({ a: one, b: one }, { first: 0, count: 8 }),
    ),
  );
  evaluator.dispose();
}

/** On every core at once, or on the GPU. */
async function peak({ engine, relaxed }: Own): Promise<number> {
  if (engine === 'webgpu') return measurePeak(navigator.gpu);
  const request: PeakRequest = { engine, relaxed };
  const threads = Array.from({ length: cores() }, async () => {
    const worker = new Worker(new URL('./peak-worker.ts', import.meta.url), { type: 'module' });
    try {
      return await new Promise<number>((resolve, reject) => {
        worker.addEventListener('message', ({ data }: MessageEvent<number>) => resolve(data));
        worker.addEventListener('error', ({ message }) => reject(new Error(message || 'no peak worker')));
        worker.postMessage(request);
      });
    } finally {
      worker.terminate();
    }
  });
  return (await Promise.all(threads)).reduce((sum, gflops) => sum + gflops, 0);
}
