/** What the tensors of a safetensors file are to a network: its weights, or a direction of its plane. */
import {
  describeMismatches,
  directionFromTensors,
  type Mismatch,
  type ModelRun,
  replaceParameters,
  runOf,
} from '../../io/weights.js';
import type { Model } from '../../model/graph.js';
import type { OpenedRun, OpenedTensors } from './opened.js';
import { ReadError } from './reader.js';

export type Role = 'weights' | 'd1' | 'd2';

/** Lines of a list that is shown in full. */
const MOST_LINES = 12;

/**
 * By its name (`net.d1.safetensors`), or because it has every weight and none of BatchNorm's statistics,
 * which a checkpoint has.
 */
export function roleOf({ origin, tensors }: OpenedTensors, model: Model): Role {
  const name = origin[0]!.file.replace(/\.[^.]*$/, '');
  const index = /(?:^|[^a-z0-9])d(?:ir|irection)?[-_ ]?([12])(?:[^a-z0-9]|$)/i.exec(name)?.[1];
  if (index !== undefined) return index === '1' ? 'd1' : 'd2';
  const statistics = [...model.parameters.values()].filter(({ kind }) => kind === 'statistic');
  const isCheckpoint = statistics.length === 0 || statistics.some((parameter) => tensors.has(parameter.name));
  return isCheckpoint || 'mismatches' in directionFromTensors(model, tensors) ? 'weights' : 'd1';
}

/** What weights and directions are for; `folded` where the exporter multiplied BatchNorm into the weights. */
interface Target {
  readonly model: Model;
  readonly folded: boolean;
}

/** The network with these weights. Throws ReadError that lists every mismatch, name by name. */
export function withWeights({ model, folded }: Target, opened: OpenedTensors): Model {
  const replaced = replaceParameters(model, opened.tensors);
  if ('model' in replaced) return replaced.model;
  throw misfit(opened, { model, folded }, replaced.mismatches);
}

/** Throws ReadError that lists every mismatch unless the file holds a direction of this network. */
export function checkDirection(target: Target, opened: OpenedTensors): void {
  const read = directionFromTensors(target.model, opened.tensors);
  if ('mismatches' in read) throw misfit(opened, target, read.mismatches);
}

/** The run of this network. Throws ReadError that lists every mismatch, name by name. */
export function runFor(target: Target, opened: OpenedRun): ModelRun {
  const read = runOf(target.model, opened.run);
  if ('run' in read) return read.run;
  throw misfit(opened, target, read.mismatches);
}

function misfit(
  { origin }: Pick<OpenedTensors, 'origin'>,
  { model, folded }: Target,
  mismatches: readonly Mismatch[],
): ReadError {
  const lines = describeMismatches(mismatches);
  const more = lines.length > MOST_LINES ? [`and ${lines.length - MOST_LINES} more`] : [];
  const listed = [...lines.slice(0, MOST_LINES), ...more].map((line) => `\n• ${line}`);
  const recipe = folded
    ? `\nBatchNorm was folded into the weights of ${model.name}; export it again with training=torch.onnx.TrainingMode.PRESERVE to keep it.`
    : '';
  return new ReadError(
    `${origin[0]!.file} does not fit the network ${model.name}:${listed.join('')}${recipe}`,
  );
}

/** The one of these networks that the file is named after; undefined when it is named after none. */
export function namesake<T extends { readonly model: Model }>(
  { origin }: Pick<OpenedTensors, 'origin'>,
  networks: readonly T[],
): T | undefined {
  const name = origin[0]!.file.toLowerCase();
  const named = networks.filter(({ model }) => name.startsWith(model.name.toLowerCase()));
  return named.sort((a, b) => b.model.name.length - a.model.name.length)[0];
}
