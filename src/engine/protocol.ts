/** What a pool and its workers say to each other. Every request but `open`, `cancel` and `release` is answered once, by its id. */
import { ModelError } from '../model/errors.js';
import type { Order } from '../model/jet.js';
import {
  type Derivatives,
  type Differences,
  type EngineInfo,
  EngineLostError,
  EngineMemoryError,
  type EngineName,
  EngineUnsupportedError,
  type Passes,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from './engine.js';

export type Request =
  /** Loads the engine's code, which the first problem then needn't wait for. */
  | { readonly kind: 'open'; readonly engine: EngineName }
  | { readonly kind: 'prepare'; readonly id: number; readonly engine: EngineName; readonly problem: Problem }
  | {
      readonly kind: 'evaluate';
      readonly id: number;
      /** The id of the `prepare` that made the evaluator. */
      readonly evaluator: number;
      readonly points: Points;
      readonly samples: SampleRange;
    }
  | {
      readonly kind: 'derivatives';
      readonly id: number;
      readonly evaluator: number;
      readonly points: Points;
      readonly samples: SampleRange;
      readonly order: Order;
    }
  | {
      readonly kind: 'differences';
      readonly id: number;
      readonly evaluator: number;
      readonly centre: Point;
      readonly offsets: Points;
      readonly samples: SampleRange;
    }
  /** The answer to `id` is no longer wanted; it comes all the same, as an answer or a failure. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'release'; readonly evaluator: number };

/** What is answered. */
export type Question = Exclude<Request, { readonly kind: 'open' | 'cancel' | 'release' }>;

export type Answer =
  | {
      readonly kind: 'prepared';
      readonly id: number;
      readonly info: EngineInfo;
      readonly lanes: number;
      readonly passes: Passes;
    }
  | { readonly kind: 'sums'; readonly id: number; readonly sums: Sums }
  | { readonly kind: 'derivatives'; readonly id: number; readonly derivatives: Derivatives }
  | { readonly kind: 'differences'; readonly id: number; readonly differences: Differences }
  | { readonly kind: 'failed'; readonly id: number; readonly error: Failure };

/** An error on its way between threads, which structured cloning would make a plain `Error`. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** Errors that keep their class; others arrive as `Error` with their name before the message. */
const classes = new Map<string, new (message: string) => Error>(
  Object.entries({
    EngineLostError,
    EngineMemoryError,
    EngineUnsupportedError,
    ModelError,
    RangeError,
    TypeError,
  }),
);

export function describeFailure(error: unknown): Failure {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

export function revive({ name, message }: Failure): Error {
  const known = classes.get(name);
  if (known !== undefined) return new known(message);
  return new Error(name === 'Error' ? message : `${name}: ${message}`);
}
