/**
 * `isoloss bench`: how fast one engine is on one case.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { goesAsTiles } from '../engine/webgpu/cost.js';
import { measurePeak as measureGpuPeak } from '../engine/webgpu/peak.js';
import { benchCase, caseProblem } from './bench-cases.js';
import { benchResult, type BenchResult, callPace, pointsWithin, timePoints } from './bench-measure.js';
import { type PassResult, timePasses } from './bench-passes.js';
import type { PeakRequest } from './bench-peak.js';
import { createEngine, findGpu } from './engines.js';
import type { Places } from './eval.js';
import type { BenchOptions } from './options.js';

/** Milliseconds of a measurement when nobody says how many points. */
const AUTOMATIC = 1500;

/** Measures one case; the engine's peak as well, on every core at once, just before. */
export async function bench(
  options: BenchOptions,
  { worker, peakWorker }: Pick<Places, 'worker' | 'peakWorker'>,
): Promise<BenchResult & { readonly passes?: readonly PassResult[] }> {
  const chosen = benchCase(options.case);
  const problem = caseProblem(chosen);
  const relaxed = options.simd === 'auto' ? 'auto' : options.simd === 'relaxed';
  const engine = await createEngine(options.engine, worker, relaxed);
  try {
    const peak =
      options.engine === 'webgpu'
        ? await measureGpuPeak(await findGpu())
        : await cpuPeak({ engine: options.engine, relaxed }, peakWorker);
    const evaluator = await engine.prepare(problem);
    const pace = await callPace(evaluator, chosen.samples);
    const points = options.points ?? pointsWithin(AUTOMATIC, pace, evaluator, chosen);
    const seconds = await timePoints(evaluator, chosen.samples, points, pace);
    const { info } = evaluator;
    const passes = options.passes
      ? { passes: await timePasses(evaluator, chosen, (1000 * seconds) / points) }
      : {};
    evaluator.dispose();
    const winograd = info.engine === 'webgpu' && (await goesAsTiles(problem, info.adapter));
    return { ...benchResult(chosen, problem, info, { points, seconds }, peak, winograd), ...passes };
  } finally {
    engine.dispose();
  }
}

/** For people: case and engine in one line, figures in the next, and a line for each other pass. */
export function describeBench(result: BenchResult & { readonly passes?: readonly PassResult[] }): string {
  const { engine, adapter, points, samples, seconds, gflops, executedGflops, peakGflops } = result;
  const figures = [
    `${result.millisecondsPerPoint.toPrecision(3)} ms a point`,
    `${gflops.toFixed(1)} GFLOP/s`,
    `executed ${executedGflops.toFixed(1)} GFLOP/s`,
    ...(peakGflops === null
      ? []
      : [`${Math.round((100 * executedGflops) / peakGflops)} % of a peak of ${peakGflops.toFixed(1)}`]),
  ];
  const { title } = benchCase(result.case);
  return (
    `${title}: ${engine} (${adapter})\n` +
    `  ${points} points × ${samples} samples in ${seconds.toFixed(3)} s, ${figures.join(', ')}\n` +
    (result.passes ?? []).map(describePass).join('')
  );
}

function describePass(result: PassResult): string {
  const { pass, precision, millisecondsPerPoint, ratio, centreMilliseconds } = result;
  const centre =
    centreMilliseconds === null ? '' : `, a new centre ${centreMilliseconds.toPrecision(3)} ms once`;
  return `  ${pass} (${precision}): ${millisecondsPerPoint.toPrecision(3)} ms a point, ${ratio.toFixed(2)} × the plain pass${centre}\n`;
}

/** Sum over all cores. */
async function cpuPeak(request: PeakRequest, file: string): Promise<number> {
  const threads = Array.from(
    { length: availableParallelism() },
    () =>
      new Promise<number>((resolve, reject) => {
        new Worker(file, { workerData: request }).once('message', resolve).once('error', reject);
      }),
  );
  return (await Promise.all(threads)).reduce((sum, gflops) => sum + gflops, 0);
}
