/**
 * The contract of every engine: the loss of this model on this data at these points of this plane.
 * An engine knows nothing of grids, directions' origin or pictures.
 */
import type { Dataset, LossName } from '../model/data.js';
import type { Model } from '../model/graph.js';

export type EngineName = 'reference' | 'wasm' | 'webgpu';

/** A direction by parameter name, each of its parameter's length; a missing name means zero. */
export type Direction = ReadonlyMap<string, Float32Array>;

/** What is evaluated: L(θ* + α·d1 + β·d2) for this model on this data. Structured-cloneable. */
export interface Problem {
  readonly model: Model;
  readonly d1: Direction;
  readonly d2: Direction;
  readonly data: Dataset;
  readonly loss: LossName;
}

/** Coordinates of points, α in `a` and β in `b`, of equal length. */
export interface Points {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** Samples `first … first + count − 1` of the data set. */
export interface SampleRange {
  readonly first: number;
  readonly count: number;
}

/** Per point, over the samples of the range: Σℓ, Σℓ², and how many were classified correctly (NaN with real targets). */
export interface Sums {
  readonly loss: Float64Array;
  readonly squares: Float64Array;
  readonly correct: Float64Array;
}

/** What does the work, for the page, the command line and the provenance of a picture. */
export interface EngineInfo {
  readonly engine: EngineName;
  /** e.g. `google swiftshader`, `2 workers, relaxed SIMD`, `float64 TypeScript`. */
  readonly adapter: string;
}

/**
 * A problem made ready on an engine. Calls may overlap; `lanes` says how many at once keep it busy.
 * Rejects with the signal's reason when aborted, with `EngineLostError` when the device is gone (the
 * evaluator is then useless), with `EngineMemoryError` when the call did not fit (a smaller one may).
 */
export interface Evaluator {
  readonly info: EngineInfo;
  readonly lanes: number;
  evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums>;
  /** Frees everything; pending calls reject. */
  dispose(): void;
}

/** Throws `EngineUnsupportedError` when the model has an op or a size that this engine cannot run. */
export interface Engine {
  readonly name: EngineName;
  prepare(problem: Problem, signal?: AbortSignal): Promise<Evaluator>;
}

/** The engine cannot run here, or not this model: say why and use another. */
export class EngineUnsupportedError extends Error {
  override readonly name = 'EngineUnsupportedError';
}

/** The device or worker died; the run may go on elsewhere from the points it has. */
export class EngineLostError extends Error {
  override readonly name = 'EngineLostError';
}

/** Out of memory: halve the call and try again. */
export class EngineMemoryError extends Error {
  override readonly name = 'EngineMemoryError';
}
