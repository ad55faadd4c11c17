/**
 * The contract of every engine: the loss of this model on this data at these points of this plane.
 * An engine knows nothing of grids, directions' origin or pictures.
 */
import type { Dataset, LossName } from '../model/data.js';
import type { Model } from '../model/graph.js';
import type { Order } from '../model/jet.js';

export type EngineName = 'reference' | 'wasm' | 'webgpu';
/** What is asked for: an engine, or the one that suits best. */
export type AskedEngine = EngineName | 'auto';

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

/** One point (α, β) of the plane, exact in float64. */
export interface Point {
  readonly a: number;
  readonly b: number;
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

/**
 * Per point, over the samples of the range: Σ ∂ℓ/∂α, Σ ∂ℓ/∂β and, with the second order, Σ ∂²ℓ/∂α², Σ ∂²ℓ/∂α∂β,
 * Σ ∂²ℓ/∂β² (null with the first). At a kink they are those that PyTorch's autograd gives.
 */
export interface Derivatives {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly aa: Float64Array | null;
  readonly ab: Float64Array | null;
  readonly bb: Float64Array | null;
}

/** Per offset, over the samples of the range: Σ ℓ(centre + offset) − ℓ(centre). */
export interface Differences {
  readonly delta: Float64Array;
}

export type Precision = 'float32' | 'float64';

/** In what arithmetic an evaluator computes each kind of result for its problem; sums over samples are always float64. */
export interface Passes {
  readonly evaluate: Precision;
  readonly derivatives: Precision;
  readonly differences: Precision;
  /** What stands against float32 where losses are in it and a pass is not, e.g. `gate multiplies two values`. */
  readonly obstacles?: { readonly derivatives?: string; readonly differences?: string };
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
  /** What depends on the problem: a network that float32 cannot serve goes to float64, slower and exact. */
  readonly passes: Passes;
  evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums>;
  /** Forward-mode derivatives at each point, first (`order` 1) or first and second (2). */
  derivatives(points: Points, samples: SampleRange, order: Order, signal?: AbortSignal): Promise<Derivatives>;
  /**
   * Differences from the loss at `centre`, propagated through the network instead of subtracted, so that they keep
   * their digits at any distance. `offsets` are relative to the centre and exact: they may be far smaller than its
   * coordinates' rounding. The centre's values are computed once a call: send a tile's offsets together.
   */
  differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences>;
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
