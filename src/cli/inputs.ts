/**
 * The files that a command names → a network, its data and its directions.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Direction } from '../engine/engine.js';
import { datasetFromArrays, type Scaling } from '../io/dataset.js';
import { FileError } from '../io/errors.js';
import { readNpz } from '../io/npz.js';
import { readOnnx } from '../io/onnx/import.js';
import { readSafetensors, toFloat32 } from '../io/safetensors.js';
import { drawDirection } from '../landscape/directions.js';
import { buildModel } from '../model/build.js';
import type { Dataset } from '../model/data.js';
import { elements, type Model, type Shape } from '../model/graph.js';
import { type Preset, presetModel, presets } from '../model/presets.js';
import { type DirectionOptions, type EvalOptions, type NetworkOptions, UsageError } from './options.js';

/** The bundled data, and what networks were trained on: pixels are 0 … 16 in the digits, 0 … 255 in Fashion-MNIST. */
const BUNDLED: Readonly<Record<Preset['data'], { file: string; scaling: Scaling }>> = {
  digits: { file: 'digits.npz', scaling: { divide: [16], mean: [0], std: [1] } },
  fashion: { file: 'fashion-2000.npz', scaling: { divide: [255], mean: [0.286], std: [0.353] } },
};

type Tensors = ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }>;

/** A file for another network would fill the screen. */
const SHOWN_PROBLEMS = 10;

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
): Promise<Model> {
  if (options.preset !== null) {
    const { name } = findPreset(options.preset);
    return presetModel(
      name,
      await loadTensors(options.weights ?? join(assets, 'networks', `${name}.safetensors`)),
    );
  }
  const files = await Promise.all(
    options.model.map(async (file) => ({ name: basename(file), bytes: await read(file) })),
  );
  const { model, notices } = readOnnx(files);
  notices.forEach(note);
  return options.weights === null
    ? model
    : withWeights(model, await loadTensors(options.weights), options.weights);
}

/** The data set cut to the samples asked for, in the shape that the network takes. */
export async function loadData(options: EvalOptions, model: Model, assets: Assets): Promise<Dataset> {
  const preset = options.network.preset === null ? null : findPreset(options.network.preset);
  const bundled = preset && BUNDLED[preset.data];
  const file = options.data ?? join(assets, 'data', bundled?.file ?? '');
  const scaling = options.scaling ?? (options.data === null ? bundled?.scaling : null) ?? AS_IT_IS;

  const arrays = readNpz(await read(file), file);
  const x = arrays.get('x');
  if (x === undefined)
    throw new FileError(file, '', 'it has no array x; save it with numpy.savez(file, x=x, y=y)');
  const y = arrays.get('y') ?? null;
  const classes = elements(model.shapes.at(-1)!);
  // Whole numbers are classes for every loss; real ones are targets for those that take them.
  const regression = options.loss !== 'ce' && y !== null && y.dtype.includes('f');
  return datasetFromArrays(basename(file, '.npz'), x, y, scaling, {
    file,
    shape: model.shapes[0]!,
    regression,
    ...(options.samples === null ? {} : { samples: options.samples }),
    // A single output tells two classes apart.
    ...(regression ? {} : { classes: Math.max(2, classes) }),
  });
}

/** Both directions of the plane, each parameter's length checked against the network. */
export async function loadDirections(
  options: DirectionOptions,
  model: Model,
): Promise<readonly [d1: Direction, d2: Direction]> {
  if (options.kind === 'files') {
    return [await loadDirection(options.d1, model), await loadDirection(options.d2, model)];
  }
  const { seed, normalise, bias } = options;
  return [
    drawDirection(model, { seed, index: 0, normalise, bias }),
    drawDirection(model, { seed, index: 1, normalise, bias }),
  ];
}

async function loadDirection(file: string, model: Model): Promise<Direction> {
  const tensors = await loadTensors(file);
  checkFit(tensors, model, file);
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}

/** The network with these weights for its own; every parameter must be there, counters of training are passed over. */
function withWeights(model: Model, tensors: Tensors, file: string): Model {
  const used = new Map([...tensors].filter(([name]) => !name.endsWith('.num_batches_tracked')));
  checkFit(used, model, file);
  const missing = [...model.parameters.keys()].filter((name) => !used.has(name));
  if (missing.length > 0) {
    throw new FileError(
      file,
      '',
      `it lacks ${missing.join(', ')} of ${model.name}; is it for another network`,
    );
  }
  const parameters = [...model.parameters.values()].map((parameter) => ({
    ...parameter,
    data: used.get(parameter.name)!.data,
  }));
  return buildModel(model.name, model.shapes[0]!, model.nodes, parameters);
}

/** Throws unless every tensor has the name and shape of a parameter; names all that don't. */
function checkFit(tensors: Tensors, model: Model, file: string): void {
  const problems = [...tensors].flatMap(([name, { shape }]) => {
    const parameter = model.parameters.get(name);
    if (parameter === undefined) return [`${name} is no parameter of it`];
    if (parameter.shape.join() === shape.join()) return [];
    return [`${name} has the shape [${shape.join(', ')}] and not [${parameter.shape.join(', ')}]`];
  });
  if (problems.length > 0)
    throw new FileError(file, '', `it is not for ${model.name}: ${problems.join('; ')}`);
}

async function loadTensors(file: string): Promise<Tensors> {
  const tensors = readSafetensors(await read(file), file);
  return new Map(
    [...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
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
