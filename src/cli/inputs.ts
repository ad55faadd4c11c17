/**
 * The files that a command names → a network, its data and its directions.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Direction } from '../engine/engine.js';
import { datasetFromArrays, type Scaling } from '../io/dataset.js';
import { FileError } from '../io/errors.js';
import { readNpz } from '../io/npz.js';
import { readSafetensors, toFloat32 } from '../io/safetensors.js';
import { drawDirection } from '../landscape/directions.js';
import type { Dataset } from '../model/data.js';
import { elements, type Model, type Shape } from '../model/graph.js';
import { presetModel, presets } from '../model/presets.js';
import { type DirectionOptions, type EvalOptions, type NetworkOptions, UsageError } from './options.js';

/** What the preset's bundled data need: pixels are 0 … 16 in the digits, 0 … 255 in Fashion-MNIST. */
const PRESET_SCALING: Readonly<Record<'digits' | 'fashion', Scaling>> = {
  digits: { divide: [16], mean: [0], std: [1] },
  fashion: { divide: [255], mean: [0.286], std: [0.353] },
};

const AS_IT_IS: Scaling = { divide: [1], mean: [0], std: [1] };

/** Where the bundled networks and data lie: the folder `public` of the project. */
export type Assets = string;

/** Throws UsageError for a preset that isn't one, FileError or ModelError for a file that doesn't fit. */
export async function loadNetwork(options: NetworkOptions, assets: Assets): Promise<Model> {
  if (options.preset === null) throw new UsageError('--model is not there yet');
  const preset = findPreset(options.preset);
  const file = options.weights ?? join(assets, 'networks', `${preset.name}.safetensors`);
  return presetModel(preset.name, await loadTensors(file));
}

/** The data set cut to the samples asked for, in the shape that the network takes. */
export async function loadData(options: EvalOptions, model: Model, assets: Assets): Promise<Dataset> {
  const bundled = options.network.preset === null ? null : findPreset(options.network.preset).data;
  const file = options.data ?? join(assets, 'data', `${bundled}.npz`);
  const scaling = options.scaling ?? (options.data === null && bundled ? PRESET_SCALING[bundled] : AS_IT_IS);

  const arrays = readNpz(await read(file), file);
  const x = arrays.get('x');
  if (x === undefined)
    throw new FileError(file, '', 'it has no array x; save it with numpy.savez(file, x=…, y=…)');
  const data = datasetFromArrays(basename(file, '.npz'), x, arrays.get('y') ?? null, scaling);

  const shape = model.shapes[0]!;
  if (elements(shape) !== elements(data.shape)) {
    throw new FileError(
      file,
      'array x',
      `a sample has the shape [${data.shape.join(', ')}], but ${model.name} takes [${shape.join(', ')}]; give data of that size`,
    );
  }
  const samples = options.samples ?? data.samples;
  if (samples > data.samples) {
    throw new UsageError(`--samples asks for ${samples}, but ${file} has ${data.samples}.`);
  }
  return firstSamples({ ...data, shape }, samples);
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
  const direction = new Map<string, Float32Array>();
  for (const [name, { shape, data }] of await loadTensors(file)) {
    const parameter = model.parameters.get(name);
    if (parameter === undefined) {
      throw new FileError(
        file,
        `tensor ${name}`,
        `${model.name} has no parameter of this name; is it for another network`,
      );
    }
    if (shape.join() !== parameter.shape.join()) {
      throw new FileError(
        file,
        `tensor ${name}`,
        `its shape is [${shape.join(', ')}], but the parameter's is [${parameter.shape.join(', ')}]; is it for another network`,
      );
    }
    direction.set(name, data);
  }
  return direction;
}

async function loadTensors(file: string): Promise<Map<string, { shape: Shape; data: Float32Array }>> {
  const tensors = readSafetensors(await read(file), file);
  return new Map(
    [...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
}

/** Engines may copy a whole data set to each worker, so samples that are not asked for go. */
function firstSamples(data: Dataset, samples: number): Dataset {
  if (samples === data.samples) return data;
  const outputs = (data.targets?.length ?? 0) / data.samples;
  return {
    ...data,
    samples,
    inputs: data.inputs.slice(0, samples * elements(data.shape)),
    labels: data.labels?.slice(0, samples) ?? null,
    targets: data.targets?.slice(0, samples * outputs) ?? null,
  };
}

function findPreset(name: string) {
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
