/** What a page and the worker that trains say to each other. */
import type { AskedEngine, EngineInfo } from '../engine/engine.js';
import type { Failure } from '../engine/protocol.js';
import type { Place, TrainingProblem } from '../engine/training.js';
import type { Curves, CurveState } from './curves.js';
import type { Sharpness } from './sharpness.js';
import type { Resumption, Snapshot, TrainingPlan } from './trainer.js';

/** A run as it is kept: its snapshots, the latest one included, and what it needs to go on exactly. */
export interface Kept {
  readonly snapshots: readonly Snapshot[];
  readonly resumption: Resumption;
  readonly curves: CurveState;
}

/** What is trained and how. */
export interface Assignment {
  /** With all samples there are. */
  readonly problem: TrainingProblem;
  /** The first so many are learned from; the others only measure. */
  readonly samples: number;
  readonly plan: TrainingPlan;
  readonly engine: AskedEngine;
  /** A run to go on with; null to begin. */
  readonly kept: Kept | null;
}

/** What is asked of the worker, in this order; answered once each, by its id. */
export type Question =
  | { readonly kind: 'begin'; readonly assignment: Assignment }
  /** The weights now. */
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'sharpness' };

export type Command =
  /** Trains until so many steps are taken, at most so many of them per second. */
  | { readonly kind: 'go'; readonly until: number; readonly perSecond: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'reset' }
  /** Another plan from the next step on. */
  | { readonly kind: 'replan'; readonly plan: TrainingPlan };

export type Request = Command | { readonly kind: 'ask'; readonly id: number; readonly question: Question };

/** How a prepared network is trained. */
export interface Ready {
  readonly info: EngineInfo;
  readonly reason: string;
  readonly places: readonly Place[];
  readonly perEpoch: number;
}

/** Where a run is. */
export interface Standing {
  readonly step: number;
  readonly running: boolean;
  /** Over the last second or so; null while it rests. */
  readonly stepsPerSecond: number | null;
  /** Computing time of a step since it last set off; null before the first one. */
  readonly secondsPerStep: number | null;
  readonly learningRate: number;
  readonly curves: Curves;
  /** Snapshots that are kept, and the steps between them. */
  readonly kept: number;
  readonly every: number;
  /** A number of the run left what is finite; it rests there. */
  readonly diverged: boolean;
}

export interface Answers {
  readonly begin: Ready;
  readonly snapshot: Snapshot;
  readonly keep: Kept;
  readonly sharpness: Sharpness;
}

export type Message =
  | { readonly kind: 'standing'; readonly standing: Standing }
  | { readonly kind: 'answer'; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: Failure }
  /** While it trained or did as it was told. */
  | { readonly kind: 'broke'; readonly error: Failure };
