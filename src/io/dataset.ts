import type { Dataset } from '../model/data.js';
import { elements, type Shape } from '../model/graph.js';
import { type Fail, failAt, shownShape } from './errors.js';
import { MAX_BYTES } from './limits.js';
import type { NpyArray } from './npy.js';

/**
 * x → (x / divide − mean) / std in float32, rounded after each step, as PyTorch's transforms do. Every list
 * has one entry for all values, or one per channel (axis 0 of a sample).
 */
export interface Scaling {
  readonly divide: readonly number[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface DatasetOptions {
  /**
   * Shape of one sample as the network takes it. A sample of as many elements is brought to it without
   * moving any of them, e.g. [1, 8, 8] to [64]. By default the array's own, [height, width] being an image
   * of one channel.
   */
  readonly shape?: Shape;
  /** Only the first so many. By default all. */
  readonly samples?: number;
  /** Classes the network tells apart: labels are below. By default any. */
  readonly classes?: number;
  /** `y` holds real numbers to be met, [samples] or [samples, outputs], and no classes. */
  readonly regression?: boolean;
  /** What errors call the file; the name of the data set by default. */
  readonly file?: string;
}

/** Labels are class indices below this: more classes than any data set has, few enough for a histogram. */
const MAX_CLASSES = 65_536;

/**
 * A data set of samples `x`, [samples, …], and labels or targets `y`. Throws FileError when the shapes do
 * not fit together or the network, a value is NaN or infinite, or a label is no class.
 */
export function datasetFromArrays(
  name: string,
  x: NpyArray,
  y: NpyArray | null,
  scaling: Scaling,
  options: DatasetOptions = {},
): Dataset {
  const file = options.file ?? name;
  const failX = failAt(file, 'array x');
  const failY = failAt(file, 'array y');
  const [rows, ...own] = x.shape;
  if (rows === undefined || rows === 0)
    return failX('it holds no samples; save an array of shape [samples, …]');
  const samples = options.samples ?? rows;
  if (!Number.isSafeInteger(samples) || samples < 1 || samples > rows) {
    failX(`it holds ${rows} samples, so ${samples} cannot be taken; choose from 1 to ${rows}`);
  }
  const shape = sampleShape(own, options.shape, failX);
  const size = elements(shape);
  if (size === 0) failX(`a sample of shape ${shownShape(own)} holds no values; save it again`);
  if (samples * size * Float32Array.BYTES_PER_ELEMENT > MAX_BYTES) {
    failX(`it takes more than ${MAX_BYTES / 2 ** 20} MiB as float32; choose fewer samples`);
  }
  const inputs = scaled(x, samples, own, shape, scaling, failX);

  if (y === null) return failY('it is missing; save it with numpy.savez(file, x=x, y=labels)');
  if (y.shape[0] !== rows) {
    failY(`its shape is ${shownShape(y.shape)} but x holds ${rows} samples; save one label for each`);
  }
  const perSample = elements(y.shape.slice(1));
  if (options.regression === true) {
    const targets = new Float32Array(y.data.subarray(0, samples * perSample));
    refuseNonFinite(targets, perSample, failY);
    return { name, samples, shape, inputs, labels: null, targets };
  }
  if (perSample !== 1) {
    failY(`its shape is ${shownShape(y.shape)} and not one label per sample; save class indices`);
  }
  return {
    name,
    samples,
    shape,
    inputs,
    labels: labelsOf(y, samples, options.classes, failY),
    targets: null,
  };
}

/** Shape that the samples are given: the wanted one if the elements can stay where they are. */
function sampleShape(own: readonly number[], wanted: Shape | undefined, fail: Fail): Shape {
  if (wanted === undefined) {
    if (own.length === 0) return [1];
    return own.length === 2 ? [1, ...own] : own;
  }
  if (elements(own) !== elements(wanted)) {
    fail(
      `a sample has the shape ${shownShape(own)} but the network takes ${shownShape(wanted)}; choose other data`,
    );
  }
  // Flattening keeps every element in place, and so do axes of size 1. Anything else would be a transposition.
  const [from, to] = [own, wanted].map((shape) => shape.filter((size) => size !== 1));
  if (from!.length > 1 && to!.length > 1 && from!.join() !== to!.join()) {
    const lastIsChannels = own.length === 3 && own[2] === wanted[0];
    const way = lastIsChannels ? 'save x.transpose(0, 3, 1, 2), channels first' : 'reshape it before saving';
    fail(`a sample has the shape ${shownShape(own)} but the network takes ${shownShape(wanted)}; ${way}`);
  }
  return wanted;
}

function scaled(
  x: NpyArray,
  samples: number,
  own: readonly number[],
  shape: Shape,
  scaling: Scaling,
  fail: Fail,
): Float32Array {
  const size = elements(shape);
  // A flattened image keeps its channels; what is no image has one per value.
  const channels = shape.length === 1 && own.length === 3 ? own[0]! : shape[0]!;
  const channel = size / channels;
  const perChannel = (values: readonly number[], what: string): Float32Array => {
    if (values.length !== 1 && values.length !== channels) {
      fail(`${values.length} values of ${what} are given for ${channels} channels; give 1 or ${channels}`);
    }
    if (!values.every(Number.isFinite)) fail(`${what} is ${values.join(', ')}; give finite numbers`);
    return Float32Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  };
  const divide = perChannel(scaling.divide, 'divide');
  const mean = perChannel(scaling.mean, 'mean');
  const std = perChannel(scaling.std, 'std');
  if (divide.includes(0) || std.includes(0)) fail('it cannot be divided by 0; give another divide or std');

  const raw = x.data.subarray(0, samples * size);
  const inputs = new Float32Array(raw);
  for (let start = 0, c = 0; start < inputs.length; start += channel, c = (c + 1) % channels) {
    const [d, m, s] = [divide[c]!, mean[c]!, std[c]!];
    for (let i = start; i < start + channel; i++) {
      // Each store rounds to float32.
      inputs[i]! /= d;
      inputs[i]! -= m;
      inputs[i]! /= s;
    }
  }
  if (firstNonFinite(inputs) >= 0) {
    refuseNonFinite(new Float32Array(raw), size, fail);
    refuseNonFinite(inputs, size, fail, ' after scaling');
  }
  return inputs;
}

/** One-hot rows [samples, classes] as class indices [samples]; anything else as it is. */
export function classIndices(y: NpyArray): NpyArray {
  const [rows = 0, width = 0] = y.shape;
  if (y.shape.length !== 2 || width < 2) return y;
  const indices = new Int32Array(rows).fill(-1);
  for (let i = 0; i < y.data.length; i++) {
    const value = y.data[i];
    if (value === 0) continue;
    const row = Math.floor(i / width);
    if (value !== 1 || indices[row] !== -1) return y;
    indices[row] = i % width;
  }
  return indices.includes(-1) ? y : { dtype: '<i4', shape: [rows], data: indices };
}

/** Fails when any value of the array is NaN or infinite. */
export function checkFinite({ data, shape }: NpyArray, fail: Fail): void {
  const isReal = data instanceof Float32Array || data instanceof Float64Array;
  if (isReal) refuseNonFinite(data, elements(shape.slice(1)), fail);
}

/** −1 when all are finite. A plain loop: the first picture waits for it, before anything is optimised. */
function firstNonFinite(values: Float32Array | Float64Array): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i;
  return -1;
}

function refuseNonFinite(
  values: Float32Array | Float64Array,
  perSample: number,
  fail: Fail,
  when = '',
): void {
  const index = firstNonFinite(values);
  if (index < 0) return;
  const [sample, place] = [Math.floor(index / perSample), index % perSample];
  fail(`sample ${sample} has ${values[index]} at place ${place}${when}; remove or replace it before saving`);
}

function labelsOf(y: NpyArray, samples: number, classes: number | undefined, fail: Fail): Int32Array {
  for (let i = 0; i < samples; i++) {
    const label = y.data[i]!;
    if (!Number.isInteger(label)) {
      fail(`label ${i} is ${label} and no whole number; save class indices, or choose regression`);
    }
    if (label < 0 || label >= MAX_CLASSES) {
      fail(`label ${i} is ${label}; save class indices from 0 to ${MAX_CLASSES - 1}`);
    }
    if (classes !== undefined && label >= classes) {
      fail(`label ${i} is ${label} but the network has the classes 0 to ${classes - 1}; choose other data`);
    }
  }
  return new Int32Array(y.data.subarray(0, samples));
}
