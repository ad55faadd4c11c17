/**
 * A run of the page in one safetensors file: its snapshots as `k/NAME`, the optimizer's vectors, and in the metadata
 * the network before its first step, the page's settings and the curves, so that the file is enough to go on exactly.
 */
import { layOut, type Place, viewOf } from '../engine/training.js';
import { type Run, writeRun } from '../io/run.js';
import type { Architecture } from '../model/architecture.js';
import { type Beginning, buildNetwork } from '../model/build-network.js';
import { activations } from '../model/activations.js';
import { initialisations } from '../model/initialisations.js';
import type { CurveState, Measurement } from './curves.js';
import type { Kept } from './messages.js';
import type { Snapshot } from './trainer.js';

export interface SavedRun {
  readonly beginning: Beginning;
  /** The page's query string. */
  readonly settings: string;
  /** The step from which on other settings than the first ones held; null when they were the same all along. */
  readonly replanned: number | null;
  readonly kept: Kept;
}

/** The file is no run that this page saved, or not one that it can read. */
export class SavedRunError extends Error {
  override readonly name = 'SavedRunError';
}

const key = { network: 'isoloss_network', settings: 'isoloss_settings', state: 'isoloss_state' } as const;

/** The file, piece by piece; `places` are those of the session that trained. */
export function* writeSaved(
  { beginning, settings, replanned, kept }: SavedRun,
  places: readonly Place[],
): Generator<Uint8Array, void> {
  const { snapshots, resumption, curves } = kept;
  const byStep = new Map(snapshots.map((snapshot) => [snapshot.step, snapshot]));
  const byName = new Map(places.map((place) => [place.name, place]));
  const { steps, slots } = resumption.optimizer;
  yield* writeRun(
    [...byStep.keys()],
    places,
    resumption.weights instanceof Float64Array ? 'F64' : 'F32',
    (step, name) => viewOf(byStep.get(step)!, byName.get(name)!),
    {
      [key.network]: JSON.stringify(beginning),
      [key.settings]: settings,
      [key.state]: JSON.stringify({ steps, curves, replanned }),
    },
    slots,
  );
}

/** The network that a file's metadata describe; null when they describe none. Throws SavedRunError. */
export function savedNetwork(metadata: ReadonlyMap<string, string>): Beginning | null {
  const text = metadata.get(key.network);
  return text === undefined ? null : beginningOf(parsed(text));
}

/** What `writeSaved` wrote. Throws SavedRunError for anything else, `RangeError` for numbers that make no network. */
export function readSaved(run: Run, metadata: ReadonlyMap<string, string>): SavedRun {
  const beginning = savedNetwork(metadata);
  const [settings, text] = [metadata.get(key.settings), metadata.get(key.state)];
  if (beginning === null || settings === undefined || text === undefined) {
    throw new SavedRunError('it was not saved by this page, so it does not say how to go on');
  }
  const { steps, curves, replanned = null } = objectOf(parsed(text));
  const layout = layOut(buildNetwork(beginning));
  const snapshots = run.steps.map((step) => snapshotOf(run, step, layout));
  const optimizer = {
    steps: wholeOf(steps),
    slots: run.optimizer.map(({ data }) => vectorOf(data)),
  };
  const resumption = { ...snapshots.at(-1)!, optimizer };
  return {
    beginning,
    settings,
    replanned: replanned === null ? null : wholeOf(replanned),
    kept: { snapshots, resumption, curves: curvesOf(curves) },
  };
}

function vectorOf(data: Run['optimizer'][number]['data']): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw broken();
}

function snapshotOf(
  run: Run,
  step: number,
  { places, weights, statistics }: ReturnType<typeof layOut>,
): Snapshot {
  const tensors = run.parameters.get(step)!;
  const isDouble = [...tensors.values()].some(({ dtype }) => dtype === 'F64');
  const zeros = (length: number) => (isDouble ? new Float64Array(length) : new Float32Array(length));
  const all = { weight: zeros(weights), statistic: zeros(statistics) };
  for (const { name, kind, offset, length } of places) {
    const tensor = tensors.get(name);
    if (tensor === undefined || tensor.data.length !== length) {
      throw new SavedRunError(`${name} is missing or has another size than the network that it names`);
    }
    all[kind].set(tensor.data as Float64Array, offset);
  }
  return { step, weights: all.weight, statistics: all.statistic };
}

function broken(): SavedRunError {
  return new SavedRunError('what it says of its network or its state is damaged; save the run again');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken();
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken();
  return value as Record<string, unknown>;
}

function wholeOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw broken();
  return value as number;
}

/** NaN and ∞ are null in JSON. */
function numberOf(value: unknown): number {
  if (value === null) return NaN;
  if (typeof value !== 'number') throw broken();
  return value;
}

function listOf<T>(value: unknown, item: (value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw broken();
  return value.map(item);
}

function beginningOf(value: unknown): Beginning {
  const { architecture, initialisation, seed } = objectOf(value);
  const { kind, input, outputs, blocks, layers, width, skips, batchnorm, activation } =
    objectOf(architecture);
  const isName = <T extends string>(name: unknown, names: Readonly<Record<T, unknown>>): name is T =>
    typeof name === 'string' && Object.hasOwn(names, name);
  if (!isName(initialisation, initialisations) || !isName(activation, activations)) throw broken();
  if ((kind !== 'mlp' && kind !== 'conv') || typeof skips !== 'boolean' || typeof batchnorm !== 'boolean') {
    throw broken();
  }
  const checked: Architecture = {
    kind,
    input: listOf(input, wholeOf),
    outputs: wholeOf(outputs),
    blocks: wholeOf(blocks),
    layers: wholeOf(layers),
    width: wholeOf(width),
    skips,
    batchnorm,
    activation,
  };
  return { architecture: checked, initialisation, seed: wholeOf(seed) };
}

function curvesOf(value: unknown): CurveState {
  const { loss, accuracy, train, heldOut } = objectOf(value);
  const means = (state: unknown): CurveState['loss'] => {
    const { sums, steps, filled, first } = objectOf(state);
    return {
      sums: listOf(sums, numberOf),
      steps: Math.max(1, wholeOf(steps)),
      filled: wholeOf(filled),
      first: wholeOf(first),
    };
  };
  const measurement = (item: unknown): Measurement => {
    const found = objectOf(item);
    return {
      step: wholeOf(found['step']),
      loss: numberOf(found['loss']),
      accuracy: numberOf(found['accuracy']),
    };
  };
  return {
    loss: means(loss),
    accuracy: means(accuracy),
    train: listOf(train, measurement),
    heldOut: listOf(heldOut, measurement),
  };
}
