/** The words after `isoloss train` → what to train, how, and which steps to keep. */
import { parseArgs } from 'node:util';
import type { EngineName } from '../engine/engine.js';
import {
  type OptimizerName,
  optimizerNames,
  type OptimizerOptions,
  optimizers,
} from '../train/optimizers.js';
import { SOURCE_FLAGS, type SourceOptions, sourceOptions } from './source-options.js';
import { guarded, joinNegatives, number, oneOf, type Texts, UsageError, whole } from './typed.js';

export interface TrainOptions extends SourceOptions {
  readonly optimizer: OptimizerName;
  /** What was asked for; the rest has the optimizer's defaults. */
  readonly settings: Partial<OptimizerOptions>;
  readonly learningRate: number;
  /** Samples of a step; null for all of them. */
  readonly batch: number | null;
  /** An npy file of sample indices used in sequence; null to shuffle. */
  readonly order: string | null;
  /** Of the shuffling. */
  readonly seed: number;
  readonly steps: number;
  /** Every so many steps one is kept, and the last one. */
  readonly every: number;
  /** Null to leave the choice: WASM where it can. */
  readonly engine: EngineName | null;
  /** Where the run goes; null to print the summary alone. */
  readonly out: string | null;
}

const TRAIN_FLAGS = {
  ...SOURCE_FLAGS,
  optimizer: { type: 'string' },
  lr: { type: 'string' },
  momentum: { type: 'string' },
  'weight-decay': { type: 'string' },
  beta1: { type: 'string' },
  beta2: { type: 'string' },
  eps: { type: 'string' },
  alpha: { type: 'string' },
  batch: { type: 'string' },
  order: { type: 'string' },
  seed: { type: 'string' },
  steps: { type: 'string' },
  every: { type: 'string' },
  engine: { type: 'string' },
  out: { type: 'string' },
} as const;

/** The flag of each of an optimizer's options. */
const SETTINGS = {
  momentum: 'momentum',
  'weight-decay': 'weightDecay',
  beta1: 'beta1',
  beta2: 'beta2',
  eps: 'epsilon',
  alpha: 'alpha',
} as const satisfies Record<string, keyof OptimizerOptions>;

/** Options from which 1 and more make no average. */
const BELOW_ONE: readonly string[] = ['beta1', 'beta2'];

/** Throws UsageError. */
export function parseTrain(words: readonly string[]): TrainOptions | 'help' {
  const { values } = guarded(() =>
    parseArgs({ args: joinNegatives(words), options: TRAIN_FLAGS, strict: true }),
  );
  if (values.help) return 'help';
  const source = sourceOptions(values);
  if (values.steps === undefined) throw new UsageError('Say how many steps to take: --steps N.');
  if (values.order !== undefined && values.seed !== undefined) {
    throw new UsageError('--seed shuffles and --order is an order already: give one of them.');
  }
  const optimizer = oneOf('optimizer', values.optimizer ?? 'gd', optimizerNames);
  const learningRate = values.lr === undefined ? optimizers[optimizer].learningRate : number('lr', values.lr);
  if (learningRate < 0) throw new UsageError(`--lr has '${values.lr}' where a number from 0 belongs.`);
  return {
    ...source,
    optimizer,
    settings: settingsOf(optimizer, values),
    learningRate,
    batch: values.batch === undefined ? null : whole('batch', values.batch, 1),
    order: values.order ?? null,
    seed: whole('seed', values.seed ?? '1', 0),
    steps: whole('steps', values.steps, 0),
    every: whole('every', values.every ?? '1', 1),
    engine:
      values.engine === undefined ? null : oneOf('engine', values.engine, ['reference', 'wasm', 'webgpu']),
    out: values.out ?? null,
  };
}

/** The optimizer's options that were given. */
function settingsOf(optimizer: OptimizerName, values: Texts): Partial<OptimizerOptions> {
  const settings: Partial<Record<keyof OptimizerOptions, number>> = {};
  for (const [flag, option] of Object.entries(SETTINGS)) {
    const text = values[flag];
    if (typeof text !== 'string') continue;
    const readers = optimizerNames.filter((name) => option in optimizers[name].defaults);
    if (!readers.includes(optimizer)) {
      throw new UsageError(`${optimizer} has no --${flag}; ${readers.join(', ')} have.`);
    }
    const value = number(flag, text);
    const bounded = BELOW_ONE.includes(flag);
    if (value < 0 || (bounded && value >= 1)) {
      const range = bounded ? 'from 0 to below 1' : 'from 0';
      throw new UsageError(`--${flag} has '${text}' where a number ${range} belongs.`);
    }
    settings[option] = value;
  }
  return settings;
}
