/**
 * The contract of training: loss and gradient of a model on batches of its data, the numbers living where the engine
 * has them. It knows nothing of optimizers or batches' order: whoever trains applies a step to `weights` itself.
 */
import type { Dataset, LossName } from '../model/data.js';
import { type Model, type Shape } from '../model/graph.js';
import type { EngineInfo, EngineName } from './engine.js';

/** A flat vector: float64 where numbers are to be PyTorch's float64 ones, float32 for speed. */
export type Vector = Float32Array | Float64Array;

/** What is trained: weights and running statistics start as the model's. Structured-cloneable. */
export interface TrainingProblem {
  readonly model: Model;
  readonly data: Dataset;
  readonly loss: LossName;
}

/** Where a parameter lies: weights in `weights` and `gradient`, statistics in `statistics`. */
export interface Place {
  readonly name: string;
  readonly shape: Shape;
  readonly kind: 'weight' | 'statistic';
  readonly offset: number;
  readonly length: number;
}

/** Of one batch. */
export interface BatchResult {
  /** Mean over the batch's samples. */
  readonly loss: number;
  /** How many were classified correctly; NaN with real targets. */
  readonly correct: number;
}

/**
 * A model made ready for training on an engine. The three vectors are the engine's own and stay the same objects:
 * `weights` and `statistics` may be read and written between calls, `gradient` is that of the last `learn`. Calls must not
 * overlap. They reject with `EngineMemoryError` for a batch that does not fit, where a smaller one may, and with
 * `EngineLostError` when the device is gone.
 */
export interface TrainingSession {
  readonly info: EngineInfo;
  /** In the order of the model's parameters. */
  readonly places: readonly Place[];
  readonly weights: Vector;
  readonly gradient: Vector;
  readonly statistics: Vector;
  /**
   * Loss of a batch in training mode, its gradient by the weights, and running statistics moved along. `samples`
   * are indices of the data set, in any order, repeated or not. Throws `RangeError` for one outside it.
   */
  learn(samples: Int32Array): Promise<BatchResult>;
  /** Loss in evaluation mode; nothing changes. */
  measure(samples: Int32Array): Promise<BatchResult>;
  /** Frees everything. */
  dispose(): void;
}

/** Throws `ModelError` when data and model do not fit, `EngineUnsupportedError` for what the engine cannot train. */
export interface TrainingEngine {
  readonly name: EngineName;
  prepareTraining(problem: TrainingProblem): Promise<TrainingSession>;
}

/** Where each parameter lies in the flat vectors, and how long those are. */
export function layOut({ parameters }: Model): {
  readonly places: readonly Place[];
  readonly weights: number;
  readonly statistics: number;
} {
  const lengths = { weight: 0, statistic: 0 };
  const places = [...parameters.values()].map(({ name, shape, kind, data: { length } }): Place => {
    const offset = lengths[kind];
    lengths[kind] += length;
    return { name, shape, kind, offset, length };
  });
  return { places, weights: lengths.weight, statistics: lengths.statistic };
}

/** The model's numbers into the flat vectors, as they are before the first step. */
export function loadParameters(
  { parameters }: Model,
  { places, weights, statistics }: Pick<TrainingSession, 'places' | 'weights' | 'statistics'>,
): void {
  for (const { name, kind, offset } of places) {
    (kind === 'weight' ? weights : statistics).set(parameters.get(name)!.data, offset);
  }
}

/** A view of one parameter in a session's vectors. */
export function viewOf(
  { weights, statistics }: Pick<TrainingSession, 'weights' | 'statistics'>,
  { kind, offset, length }: Place,
): Vector {
  return (kind === 'weight' ? weights : statistics).subarray(offset, offset + length);
}

/** Throws `RangeError` for an empty batch or an index that is no sample. */
export function checkBatch({ data }: TrainingProblem, samples: Int32Array): void {
  if (samples.length === 0) throw new RangeError('a batch has at least one sample');
  const bad = samples.find((sample) => sample < 0 || sample >= data.samples);
  if (bad !== undefined) {
    throw new RangeError(`sample ${bad} is not one of the ${data.samples} of ${data.name}`);
  }
}
