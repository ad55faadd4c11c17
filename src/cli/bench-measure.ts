/** Times one case on one engine, in Node and in pages alike. */
import type { EngineInfo, EngineName, Evaluator, Points, Problem, Sums } from '../engine/engine.js';
import { executedMultiplyAdds as wasmMultiplyAdds } from '../engine/wasm/cost.js';
import { executedMultiplyAdds as webgpuMultiplyAdds } from '../engine/webgpu/cost.js';
import { multiplyAdds } from '../model/cost.js';
import type { BenchCase, CaseName } from './bench-cases.js';

/** What is printed as one line of JSON. */
export interface BenchResult extends EngineInfo {
  readonly case: CaseName;
  readonly points: number;
  readonly samples: number;
  /** Of the evaluation alone, warm. */
  readonly seconds: number;
  readonly millisecondsPerPoint: number;
  /** Two per multiply-add of the network as it stands, over points and samples. */
  readonly gflops: number;
  /** Two per multiply-add that the engine's kernels really do. */
  readonly executedGflops: number;
  /** Multiply-adds on registers alone, by the same engine in the same run; null when not asked for. */
  readonly peakGflops: number | null;
  /** executedGflops ÷ peakGflops. */
  readonly shareOfPeak: number | null;
}

/** Milliseconds that a call should take, so that what surrounds it does not count. */
const CALL = 60;
/** A first call of so many milliseconds needs no second one to be believed. */
const SLOW = 2000;

/**
 * Multiply-adds that the engine executes for one point over all samples; the reference does what the network says.
 *
 * @param winograd whether WebGPU's convolutions go as Winograd's tiles; WASM's always do where they gain
 */
export function executedPerPoint(engine: EngineName, problem: Problem, winograd = false): number {
  if (engine === 'wasm') return wasmMultiplyAdds(problem);
  if (engine === 'webgpu') return webgpuMultiplyAdds(problem, winograd);
  return multiplyAdds(problem.model) * problem.data.samples;
}

/** Points 0 … count − 1 of a sequence that fills the square from −1 to 1 evenly (Roberts' R₂), none on an axis. */
export function benchPoints(count: number): Points {
  const plastic = 1.324717957244746;
  const at = (step: number) =>
    Float64Array.from({ length: count }, (_, i) => 2 * ((0.5 + (i + 1) * step) % 1) - 1);
  return { a: at(1 / plastic), b: at(1 / plastic ** 2) };
}

/** Evaluates all points with every lane busy, `size` points a call. */
export async function evaluateAll(
  evaluator: Evaluator,
  { a, b }: Points,
  samples: number,
  size: number,
): Promise<Float64Array> {
  const loss = new Float64Array(a.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < a.length) {
      const first = next;
      next += size;
      const part: Points = { a: a.slice(first, next), b: b.slice(first, next) };
      const sums: Sums = await evaluator.evaluate(part, { first: 0, count: samples });
      loss.set(
        sums.loss.map((sum) => sum / samples),
        first,
      );
    }
  };
  await Promise.all(Array.from({ length: evaluator.lanes }, lane));
  return loss;
}

/** How an engine takes a case: points of a call that is long enough, milliseconds a point. */
export interface CallPace {
  readonly size: number;
  readonly pace: number;
}

/** Found with every lane at work, which warms all of them up; costs little more than one call. */
export async function callPace(evaluator: Evaluator, samples: number): Promise<CallPace> {
  const { lanes } = evaluator;
  const time = async (size: number): Promise<number> => {
    const start = performance.now();
    await evaluateAll(evaluator, benchPoints(lanes * size), samples, size);
    return performance.now() - start;
  };
  let cold = await time(1);
  // A driver may compile shaders when they first run, which says nothing about the next time.
  if (cold > SLOW && evaluator.info.engine === 'webgpu') cold = await time(1);
  if (cold > SLOW) return { size: 1, pace: cold / lanes };
  for (let size = 1; ; size *= 2) {
    const milliseconds = await time(size);
    if (milliseconds >= CALL) return { size, pace: milliseconds / (lanes * size) };
  }
}

/** Seconds for `points` points on an evaluator that is warm. */
export async function timePoints(
  evaluator: Evaluator,
  samples: number,
  points: number,
  { size }: CallPace,
): Promise<number> {
  const wanted = benchPoints(points);
  // No lane should be left alone with a long call at the end.
  const each = Math.max(1, Math.min(size, Math.ceil(points / (2 * evaluator.lanes))));
  const start = performance.now();
  await evaluateAll(evaluator, wanted, samples, each);
  return (performance.now() - start) / 1000;
}

/** As many points as these milliseconds allow: at least one for each lane, at most the case's grid. */
export function pointsWithin(
  milliseconds: number,
  { pace }: CallPace,
  { lanes }: Evaluator,
  { side }: BenchCase,
): number {
  return Math.min(side * side, Math.max(lanes, Math.ceil(milliseconds / pace)));
}

/** The figures of a measurement. */
export function benchResult(
  { name, model, samples }: BenchCase,
  problem: Problem,
  { engine, adapter }: EngineInfo,
  { points, seconds }: { readonly points: number; readonly seconds: number },
  peakGflops: number | null,
  winograd = false,
): BenchResult {
  const rate = (multiplyAddsPerPoint: number): number => (2 * multiplyAddsPerPoint * points) / seconds / 1e9;
  const executedGflops = rate(executedPerPoint(engine, problem, winograd));
  return {
    case: name,
    engine,
    adapter,
    points,
    samples,
    seconds,
    millisecondsPerPoint: (1000 * seconds) / points,
    gflops: rate(multiplyAdds(model) * samples),
    executedGflops,
    peakGflops,
    shareOfPeak: peakGflops === null ? null : executedGflops / peakGflops,
  };
}
