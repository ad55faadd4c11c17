/** Where a network and its data come from, as several commands take it. */
import type { LossName } from '../model/data.js';
import { number, oneOf, type Texts, UsageError, whole } from './typed.js';

/** Arithmetic done to raw inputs, in this order; each list has one entry or one per channel. */
interface ScalingOptions {
  readonly divide: number[];
  readonly mean: number[];
  readonly std: number[];
}

/** Where the network comes from, with paths as typed. */
export interface NetworkOptions {
  readonly preset: string | null;
  /** An ONNX file, and the files with its external data. */
  readonly model: readonly string[];
  /** A safetensors file that replaces the network's weights, or a run. */
  readonly weights: string | null;
  /** A run, or the files of a series: the weights are those of a step of it. */
  readonly run: readonly string[];
  /** Of a run: which step; null for the last one. */
  readonly step: number | null;
}

/** A network and what it is to be judged on. */
export interface SourceOptions {
  readonly network: NetworkOptions;
  /** An npz file; null for the preset's own data. */
  readonly data: string | null;
  /** Null for what the preset's data need, or none at all. */
  readonly scaling: ScalingOptions | null;
  /** The first so many samples; null for all. */
  readonly samples: number | null;
  /** Null for the one that the network's end, its outputs and the labels suggest. */
  readonly loss: LossName | null;
}

export const NETWORK_FLAGS = {
  preset: { type: 'string' },
  model: { type: 'string', multiple: true },
  weights: { type: 'string' },
  step: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const SOURCE_FLAGS = {
  ...NETWORK_FLAGS,
  data: { type: 'string' },
  divide: { type: 'string' },
  mean: { type: 'string' },
  std: { type: 'string' },
  samples: { type: 'string' },
  loss: { type: 'string' },
} as const;

interface SourceTexts extends Texts {
  readonly preset?: string;
  readonly model?: string[];
  readonly weights?: string;
  readonly run?: string[];
  readonly step?: string;
  readonly data?: string;
  readonly samples?: string;
  readonly loss?: string;
}

export function sourceOptions(values: SourceTexts): SourceOptions {
  const network = networkOptions(values, values.model ?? []);
  const { data, samples, loss } = values;
  if (network.preset === null && data === undefined) {
    throw new UsageError('--model needs --data, an .npz file with the arrays x and y.');
  }
  return {
    network,
    data: data ?? null,
    scaling: scalingOptions(values),
    samples: samples === undefined ? null : whole('samples', samples, 1),
    loss: loss === undefined ? null : oneOf('loss', loss, ['ce', 'mse', 'bce']),
  };
}

export function networkOptions(
  {
    preset,
    weights,
    run = [],
    step,
  }: { preset?: string; weights?: string; run?: readonly string[]; step?: string },
  model: readonly string[],
): NetworkOptions {
  if (preset === undefined && model.length === 0) {
    throw new UsageError('Name the network: --preset NAME or --model FILE.onnx.');
  }
  if (preset !== undefined && model.length > 0) {
    throw new UsageError('Name one network: either --preset or --model, not both.');
  }
  if (run.length > 0 && weights !== undefined)
    throw new UsageError('--run brings the weights, so --weights has no place: use one of the two.');
  if (step !== undefined && weights === undefined && run.length === 0)
    throw new UsageError('--step chooses from a run: name its file with --run or --weights.');
  return {
    preset: preset ?? null,
    model,
    weights: weights ?? null,
    run,
    step: step === undefined ? null : whole('step', step, 0),
  };
}

function scalingOptions(values: Texts): ScalingOptions | null {
  const [divide, mean, std] = ['divide', 'mean', 'std'].map((flag) => {
    const text = values[flag];
    return typeof text === 'string' ? text.split(',').map((part) => number(flag, part)) : null;
  });
  if (!divide && !mean && !std) return null;
  for (const [flag, list] of [['divide', divide] as const, ['std', std] as const]) {
    if (list?.includes(0)) throw new UsageError(`--${flag} divides, so it cannot be 0.`);
  }
  return { divide: divide ?? [1], mean: mean ?? [0], std: std ?? [1] };
}
