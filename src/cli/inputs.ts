/**
 * The files that a command names → a network, its data and its directions.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Direction } from '../engine/engine.js';
import { classIndices, datasetFromArrays, type Scaling } from '../io/dataset.js';
import { FileError } from '../io/errors.js';
import { readNpy } from '../io/npy.js';
import { readNpz } from '../io/npz.js';
import { isZip } from '../io/zip.js';
import { endingRefusal, isRegression, lossFor } from '../io/loss.js';
import { type ImportedModel, readOnnx } from '../io/onnx/import.js';
import { isRun, runFromSeries, runFromTensors, type Run, seriesSteps } from '../io/run.js';
import { readSafetensors, type Tensor, toFloat32 } from '../io/safetensors.js';
import {
  describeMismatches,
  directionFromTensors,
  type Mismatch,
  modelAt,
  type ModelRun,
  replaceParameters,
  runOf,
} from '../io/weights.js';
import { drawDirection } from '../landscape/directions.js';
import { checkpointPlane, pcaPlane } from '../landscape/run-plane.js';
import type { Dataset, LossName } from '../model/data.js';
import { elements, type Model } from '../model/graph.js';
import { type Preset, presetModel, presets } from '../model/presets.js';
import type { DirectionOptions } from './options.js';
import type { NetworkOptions, SourceOptions } from './source-options.js';
import type { CentredRun } from './trajectory.js';
import { UsageError } from './typed.js';

/** The bundled data, and what networks were trained on: pixels are 0 … 16 in the digits, 0 … 255 in Fashion-MNIST. */
const BUNDLED: Readonly<Record<Preset['data'], { file: string; scaling: Scaling }>> = {
  digits: { file: 'digits.npz', scaling: { divide: [16], mean: [0], std: [1] } },
  fashion: { file: 'fashion-2000.npz', scaling: { divide: [255], mean: [0.286], std: [0.353] } },
};

/** A file for another network would fill the screen. */
const SHOWN_MISMATCHES = 10;

const AS_IT_IS: Scaling = { divide: [1], mean: [0], std: [1] };

/** Where the bundled networks and data lie: the folder `public` of the project. */
export type Assets = string;

/**
 * Throws UsageError for a preset that isn't one, FileError or ModelError for a file that doesn't fit.
 * `note` takes what the reader of an ONNX file has to say about it.
 */
export async function loadNetwork(
  options: NetworkOptions,
  assets: Assets,
  note: (sentence: string) => void,
): Promise<LoadedNetwork> {
  const { model, lossHint } =
    options.preset === null
      ? await loadOnnx(options.model, note)
      : { model: await loadPreset(options.preset, assets), lossHint: null };
  const { weights: file, run: files, step } = options;
  if (files.length > 0) {
    const run = matched(model, files[0]!, await loadRun(files));
    const chosen = chosenStep(run, files[0]!, step);
    const centred = { run, centre: run.parameters.get(chosen)! };
    return { model: modelAt(model, run, chosen), lossHint, run: centred };
  }
  if (file === null) return { model, lossHint, run: null };
  return { model: withWeights(model, file, await loadTensors(file), step), lossHint, run: null };
}

/** The network with the weights of a file, or of a step of the run in it. */
function withWeights(model: Model, file: string, tensors: Tensors, step: number | null): Model {
  if (!isRun(tensors.keys())) {
    if (step !== null) throw new FileError(file, '', 'it is no run and has no steps; leave out --step');
    const replaced = replaceParameters(model, tensors);
    return 'model' in replaced ? replaced.model : refuse(file, model, replaced.mismatches);
  }
  const run = matched(model, file, runFromTensors({ file, tensors }));
  return modelAt(model, run, chosenStep(run, file, step));
}

/** The run in a file, or in the files of a series, whose names tell their steps. */
async function loadRun(files: readonly string[]): Promise<Run> {
  const read = await Promise.all(files.map(async (file) => ({ file, tensors: await loadTensors(file) })));
  const [first] = read;
  if (read.length === 1) {
    if (isRun(first!.tensors.keys())) return runFromTensors(first!);
    throw new FileError(first!.file, '', 'it is no run: its tensors are not named STEP/NAME');
  }
  const steps = seriesSteps(files.map((file) => basename(file)));
  if (steps !== null) return runFromSeries(read, steps);
  throw new FileError(
    first!.file,
    '',
    'it is in no series: give three or more files whose names differ in one number alone, the step',
  );
}

function matched(model: Model, file: string, run: Run): ModelRun {
  const read = runOf(model, run);
  return 'run' in read ? read.run : refuse(file, model, read.mismatches);
}

/** The step asked for, or the last one. */
function chosenStep({ steps }: ModelRun, file: string, step: number | null): number {
  const chosen = step ?? steps.at(-1)!;
  if (!steps.includes(chosen)) {
    const some = steps.length > 12 ? [...steps.slice(0, 6), '…', ...steps.slice(-3)] : steps;
    throw new FileError(file, '', `it has no step ${chosen}; choose from ${some.join(', ')}`);
  }
  return chosen;
}

/** A network, and the loss that its end belongs to, null when nothing was left out there. */
interface LoadedNetwork extends Pick<ImportedModel, 'model' | 'lossHint'> {
  /** Where its weights are a step of one that was asked for with `--run`. */
  readonly run: CentredRun | null;
}

async function loadPreset(asked: string, assets: Assets): Promise<Model> {
  const { name } = findPreset(asked);
  const tensors = await loadTensors(join(assets, 'networks', `${name}.safetensors`));
  return presetModel(
    name,
    new Map([...tensors].map(([key, tensor]) => [key, { ...tensor, data: toFloat32(tensor) }])),
  );
}

async function loadOnnx(
  paths: readonly string[],
  note: (sentence: string) => void,
): Promise<Omit<LoadedNetwork, 'run'>> {
  const { model, notices, lossHint } = readOnnx(
    await Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await read(path) }))),
  );
  notices.forEach(note);
  return { model, lossHint };
}

/**
 * The data set cut to the samples asked for, in the shape that the network takes, and the loss that was
 * asked for or that goes with both. Throws UsageError for a loss that the network's end forbids.
 */
export async function loadData(
  options: SourceOptions,
  { model, lossHint }: Omit<LoadedNetwork, 'run'>,
  assets: Assets,
): Promise<{ data: Dataset; loss: LossName }> {
  const preset = options.network.preset === null ? null : findPreset(options.network.preset);
  const bundled = preset && BUNDLED[preset.data];
  const file = options.data ?? join(assets, 'data', bundled?.file ?? '');
  const scaling = options.scaling ?? (options.data === null ? bundled?.scaling : null) ?? AS_IT_IS;

  const bytes = await read(file);
  if (!isZip(bytes)) {
    throw new FileError(
      file,
      '',
      'it is no .npz archive, which is what --data takes; the page reads other data files, too',
    );
  }
  const arrays = readNpz(bytes, file, ['x', 'y']);
  const x = arrays.get('x');
  if (x === undefined)
    throw new FileError(file, '', 'it has no array x; save it with numpy.savez(file, x=x, y=y)');
  const labels = arrays.get('y') ?? null;
  const y = labels && classIndices(labels);
  const outputs = elements(model.shapes.at(-1)!);
  const loss = options.loss ?? (y === null ? 'ce' : lossFor('ce', lossHint, outputs, y));
  const refusal = endingRefusal(model.name, lossHint, loss);
  if (refusal !== null) throw new UsageError(refusal);
  const regression = y !== null && isRegression(y, loss, outputs);
  const data = datasetFromArrays(basename(file, '.npz'), x, y, scaling, {
    file,
    shape: model.shapes[0]!,
    regression,
    ...(options.samples === null ? {} : { samples: options.samples }),
    // A single output tells two classes apart.
    ...(regression ? {} : { classes: Math.max(2, outputs) }),
  });
  return { data, loss };
}

/** Both directions of a plane; `explained` is null unless they are components of a run. */
type LoadedPlane = Awaited<ReturnType<typeof pcaPlane>>;

/** Each parameter's length is checked against the network. Throws TrajectoryError for a run without such a plane. */
export async function loadDirections(
  options: DirectionOptions,
  { model, run }: Pick<LoadedNetwork, 'model' | 'run'>,
): Promise<LoadedPlane> {
  if (options.kind === 'files') {
    const [d1, d2] = [await loadDirection(options.d1, model), await loadDirection(options.d2, model)];
    return { d1, d2, explained: null };
  }
  if (options.kind === 'drawn') {
    const { seed, normalise, bias } = options;
    const draw = (index: 0 | 1): Direction => drawDirection(model, { seed, index, normalise, bias });
    return { d1: draw(0), d2: draw(1), explained: null };
  }
  const how = { centre: run!.centre, states: options.states };
  if (options.kind === 'pca') return pcaPlane(model, run!.run, options.about, how);
  return checkpointPlane(model, run!.run, options.steps, how);
}

async function loadDirection(file: string, model: Model): Promise<Direction> {
  const read = directionFromTensors(model, await loadTensors(file));
  return 'direction' in read ? read.direction : refuse(file, model, read.mismatches);
}

function refuse(file: string, model: Model, mismatches: readonly Mismatch[]): never {
  const lines = describeMismatches(mismatches);
  const more = lines.length > SHOWN_MISMATCHES ? `; and ${lines.length - SHOWN_MISMATCHES} more` : '';
  const listed = lines.slice(0, SHOWN_MISMATCHES).join('; ');
  throw new FileError(file, '', `it is not for ${model.name}: ${listed}${more}`);
}

type Tensors = ReadonlyMap<string, Tensor>;

async function loadTensors(file: string): Promise<Tensors> {
  return readSafetensors(await read(file), file);
}

function findPreset(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset === undefined) {
    throw new UsageError(
      `There is no preset '${name}': use ${presets.map((known) => known.name).join(', ')}.`,
    );
  }
  return preset;
}

/**
 * The sample indices in an npy file of whole numbers, in its sequence. Throws FileError for another shape, or for an
 * index that is none of the `samples`.
 */
export async function loadOrder(file: string, samples: number): Promise<Int32Array> {
  const { dtype, shape, data } = readNpy(await read(file), file);
  if (shape.length !== 1 || data.length === 0) {
    throw new FileError(file, '', 'it is not one list of sample indices; save it with order.ravel()');
  }
  if (!/[iu][1248]$/.test(dtype)) {
    throw new FileError(
      file,
      '',
      `its numbers are ${dtype}, not whole; save it with order.astype(numpy.int32)`,
    );
  }
  const order = Int32Array.from(data, Number);
  const bad = [...data].find((index) => Number(index) < 0 || Number(index) >= samples);
  if (bad !== undefined) {
    throw new FileError(
      file,
      '',
      `it has the index ${bad}, but samples are 0 to ${samples - 1}; leave it out`,
    );
  }
  return order;
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new FileError(
      file,
      '',
      missing ? 'there is no such file; check the path' : `it cannot be read (${String(error)})`,
    );
  }
}
