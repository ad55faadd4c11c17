import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  classIndices,
  datasetFromArrays,
  type DatasetOptions,
  type Scaling,
} from '../../../src/io/dataset.js';
import { FileError } from '../../../src/io/errors.js';
import type { NpyArray } from '../../../src/io/npy.js';
import { readNpz } from '../../../src/io/npz.js';

const asItIs: Scaling = { divide: [1], mean: [0], std: [1] };
const bytes = (shape: number[], data: number[]): NpyArray => ({
  dtype: '|u1',
  shape,
  data: Uint8Array.from(data),
});
const floats = (shape: number[], data: number[]): NpyArray => ({
  dtype: '<f8',
  shape,
  data: Float64Array.from(data),
});
const images = bytes([2, 2, 1, 2], [0, 10, 20, 30, 40, 50, 60, 255]);
const labels = bytes([2], [3, 0]);

const make = (x = images, y: NpyArray | null = labels, scaling = asItIs, options: DatasetOptions = {}) =>
  datasetFromArrays('data', x, y, scaling, options);

function refusal(...args: Parameters<typeof make>): string {
  try {
    make(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
  throw new Error('it was read');
}

describe('datasetFromArrays', () => {
  test('digits: x / 16, flattened to [64] or left as [1, 8, 8]', () => {
    const file = readFileSync(new URL('../../fixtures/digits.npz', import.meta.url));
    const arrays = readNpz(file, 'digits.npz');
    const scaling = { divide: [16], mean: [0], std: [1] };
    const [x, y] = [arrays.get('x')!, arrays.get('y')!];
    const flat = datasetFromArrays('digits', x, y, scaling, { shape: [64], classes: 10 });
    expect(flat).toMatchObject({ name: 'digits', samples: 1797, shape: [64], targets: null });
    expect([...flat.inputs.subarray(0, 64)]).toEqual([...x.data.subarray(0, 64)].map((v) => v / 16));
    expect([...flat.labels!]).toEqual([...y.data]);
    expect(datasetFromArrays('digits', x, y, scaling).shape).toEqual([1, 8, 8]);
  });

  test('scales per channel in float32, rounding after each step', () => {
    const scaling = { divide: [255], mean: [0.286, 0.5], std: [0.353, 0.1] };
    const { inputs } = make(images, labels, scaling);
    const f = Math.fround;
    const expected = [...images.data].map((v, i) => {
      const c = Math.floor((i % 4) / 2);
      return f(f(f(v / 255) - f(scaling.mean[c]!)) / f(scaling.std[c]!));
    });
    expect([...inputs]).toEqual(expected);
    // The twin: one rounding at the end gives other numbers.
    const once = [...images.data].map((v, i) => {
      const c = Math.floor((i % 4) / 2);
      return f((v / 255 - scaling.mean[c]!) / scaling.std[c]!);
    });
    expect([...inputs]).not.toEqual(once);
    // Flattened images keep their channels.
    expect(make(images, labels, scaling, { shape: [4] }).inputs).toEqual(inputs);
  });

  test('takes the first samples, [height, width] as an image, one number per sample, [n, 1] labels', () => {
    expect(make(images, labels, asItIs, { samples: 1 })).toMatchObject({
      samples: 1,
      labels: new Int32Array([3]),
    });
    expect(make(bytes([1, 2, 3], [1, 2, 3, 4, 5, 6]), bytes([1, 1], [4])).shape).toEqual([1, 2, 3]);
    expect(make(floats([3], [1, 2, 3]), bytes([3], [0, 1, 0])).shape).toEqual([1]);
    expect(make(bytes([1, 2, 2], [1, 2, 3, 4]), bytes([1], [0]), asItIs, { shape: [1, 2, 2] }).shape).toEqual(
      [1, 2, 2],
    );
  });

  test('regression keeps real targets', () => {
    const y = floats([2, 2], [0.5, -1, 2, 3]);
    const data = make(images, y, asItIs, { regression: true });
    expect(data.labels).toBeNull();
    expect([...data.targets!]).toEqual([0.5, -1, 2, 3]);
  });

  test.each<[string, Parameters<typeof make>, RegExp]>([
    ['a scalar', [floats([], [1])], /^data, array x: it holds no samples; .*\.$/],
    ['no rows', [bytes([0, 4], [])], /holds no samples/],
    ['empty samples', [bytes([2, 0], [])], /shape \[0\] holds no values/],
    [
      'too many samples asked for',
      [images, labels, asItIs, { samples: 3 }],
      /holds 2 samples, so 3 cannot be taken/,
    ],
    [
      'another size',
      [images, labels, asItIs, { shape: [5] }],
      /shape \[2, 1, 2\] but the network takes \[5\]/,
    ],
    [
      'channels last',
      [bytes([1, 2, 2, 3], Array(12).fill(0)), bytes([1], [0]), asItIs, { shape: [3, 2, 2] }],
      /transpose\(0, 3, 1, 2\)/,
    ],
    [
      'turned images',
      [bytes([1, 2, 3], Array(6).fill(0)), bytes([1], [0]), asItIs, { shape: [1, 3, 2] }],
      /reshape it/,
    ],
    ['NaN', [floats([2, 2], [1, 2, NaN, 4])], /sample 1 has NaN at place 0;/],
    ['infinity', [floats([2, 2], [1, 2, 3, -Infinity])], /sample 1 has -Infinity at place 1;/],
    ['beyond float32', [floats([2, 2], [1, 1e300, 3, 4])], /sample 0 has Infinity/],
    [
      'an overflow by scaling',
      [floats([2, 2], [1, 1e38, 3, 4]), labels, { ...asItIs, divide: [1e-3] }],
      /after scaling/,
    ],
    ['division by 0', [images, labels, { ...asItIs, std: [0] }], /cannot be divided by 0/],
    ['NaN as mean', [images, labels, { ...asItIs, mean: [NaN] }], /mean is NaN/],
    [
      'three means for two channels',
      [images, labels, { ...asItIs, mean: [1, 2, 3] }],
      /3 values of mean are given for 2/,
    ],
    ['no labels', [images, null], /^data, array y: it is missing/],
    ['too few labels', [images, bytes([1], [0])], /its shape is \[1\] but x holds 2 samples/],
    ['one-hot labels', [images, bytes([2, 10], Array(20).fill(0))], /not one label per sample/],
    ['half a label', [images, floats([2], [1, 0.5])], /label 1 is 0.5 and no whole number/],
    ['NaN as label', [images, floats([2], [NaN, 1])], /label 0 is NaN/],
    ['a negative label', [images, floats([2], [0, -1])], /label 1 is -1/],
    [
      'a class the network lacks',
      [images, labels, asItIs, { classes: 3 }],
      /label 0 is 3 but the network has the classes 0 to 2/,
    ],
    ['NaN as target', [images, floats([2], [0, NaN]), asItIs, { regression: true }], /sample 1 has NaN/],
  ])('refuses %s in one sentence', (_, args, message) => {
    expect(refusal(...args)).toMatch(message);
  });

  test('errors name the file', () => {
    expect(refusal(images, null, asItIs, { file: 'mine.npz' })).toMatch(/^mine\.npz, array y/);
  });
});

test('one-hot rows are class indices, other rows stay what they are', () => {
  const rows = (data: number[], width = 3) => ({
    dtype: '<f4',
    shape: [data.length / width, width],
    data: Float32Array.from(data),
  });
  const labels = classIndices(rows([0, 0, 1, 1, 0, 0]));
  expect([labels.shape, [...labels.data]]).toEqual([[2], [2, 0]]);
  for (const y of [
    rows([0, 0, 1, 1, 0, 1]),
    rows([0, 0, 1, 0, 0, 0]),
    rows([0, 0, 0.5]),
    rows([0, NaN, 1]),
    rows([1, 1], 1),
  ]) {
    expect(classIndices(y)).toBe(y);
  }
});
