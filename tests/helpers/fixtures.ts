/** The networks, directions, data and PyTorch's float64 grids under tests/fixtures. */
import { readFileSync } from 'node:fs';
import type { Direction, Problem } from '../../src/engine/engine.js';
import { type NpyArray } from '../../src/io/npy.js';
import { readNpz } from '../../src/io/npz.js';
import { readSafetensors } from '../../src/io/safetensors.js';
import type { Dataset } from '../../src/model/data.js';
import { elements, type Model, type Shape } from '../../src/model/graph.js';
import { presetModel, presets } from '../../src/model/presets.js';

const folder = new URL('../fixtures/', import.meta.url);

function bytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, folder)));
}

function tensors(file: string): Map<string, { shape: Shape; data: Float32Array }> {
  const read = new Map<string, { shape: Shape; data: Float32Array }>();
  for (const [name, { shape, data }] of readSafetensors(bytes(file), file)) {
    if (!(data instanceof Float32Array)) throw new TypeError(`${file}: ${name} is not float32`);
    read.set(name, { shape, data });
  }
  return read;
}

/** A reference network with PyTorch's trained weights, e.g. `bnmlp10-plain`. */
export function loadNetwork(name: string): Model {
  return presetModel(name, tensors(`${name}.safetensors`));
}

/** One of the two directions that PyTorch's grid of this network was computed along. */
export function loadDirection(name: string, which: 'd1' | 'd2'): Direction {
  return new Map(
    [...tensors(`${name}.${which}.safetensors`)].map(([parameter, { data }]) => [parameter, data]),
  );
}

function array(arrays: ReadonlyMap<string, NpyArray>, name: string): NpyArray {
  const found = arrays.get(name);
  if (found === undefined) throw new RangeError(`no array ${name} among ${[...arrays.keys()].join(', ')}`);
  return found;
}

function dataset(name: string, file: string, shape: Shape, scale: (x: number) => number, samples?: number) {
  const arrays = readNpz(bytes(file), file);
  const x = array(arrays, 'x').data;
  const y = array(arrays, 'y').data;
  const count = samples ?? y.length;
  if (count > y.length) throw new RangeError(`${file} has ${y.length} samples, not ${count}`);
  const inputs = Float32Array.from({ length: count * elements(shape) }, (_, i) => scale(Number(x[i])));
  const labels = Int32Array.from({ length: count }, (_, i) => Number(y[i]));
  return { name, samples: count, shape, inputs, labels, targets: null };
}

/** The first `samples` digits (all 1,797 by default), x/16, flattened. */
export function loadDigits(samples?: number): Dataset {
  return dataset('digits', 'digits.npz', [64], (x) => x / 16, samples);
}

/** The first `samples` of 500 Fashion-MNIST images, (x/255 − 0.2860)/0.3530 rounded to float32 after each step. */
export function loadFashion(samples?: number): Dataset {
  const { fround } = Math;
  const scale = (x: number): number => fround(fround(fround(x / 255) - fround(0.286)) / fround(0.353));
  return dataset('fashion', 'fashion-500.npz', [1, 28, 28], scale, samples);
}

/** PyTorch's float64 losses and accuracies, `[b index][a index]` row-major. */
export interface ReferenceGrid {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
  /** How many of the first samples the means are over. */
  readonly samples: number;
  /** Of the first 8 samples at the centre, `[8, outputs]`; in `small` grids only. */
  readonly logits?: Float64Array;
}

/** Samples behind the full grids; the small ones state theirs. */
const fullSamples = { digits: 1400, fashion: 100 } as const;

/** The full grid of a network or its small twin. */
export function loadGrid(name: string, which: 'grid' | 'small'): ReferenceGrid {
  const file = `${name}.${which}.npz`;
  const arrays = readNpz(bytes(file), file);
  const float64 = (key: string): Float64Array => Float64Array.from(array(arrays, key).data, Number);
  const samples = which === 'grid' ? fullSamples[presetData(name)] : Number(array(arrays, 'samples').data[0]);
  return {
    a: float64('a'),
    b: float64('b'),
    loss: float64('loss'),
    accuracy: float64('accuracy'),
    samples,
    ...(arrays.has('logits') ? { logits: float64('logits') } : {}),
  };
}

function presetData(name: string): 'digits' | 'fashion' {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset === undefined) throw new RangeError(`no preset ${name}`);
  return preset.data;
}

/** Cross-entropy of a reference network along its two directions on the first `samples` samples of its data. */
export function referenceProblem(name: string, samples: number): Problem {
  return {
    model: loadNetwork(name),
    d1: loadDirection(name, 'd1'),
    d2: loadDirection(name, 'd2'),
    data: presetData(name) === 'digits' ? loadDigits(samples) : loadFashion(samples),
    loss: 'ce',
  };
}
