/** The constant folder, operator by operator, through the pads of a network that it decides. */
import { describe, expect, test } from 'vitest';
import { FileError, failAt } from '../../../src/io/errors.js';
import { folds } from '../../../src/io/onnx/fold.js';
import { resolveRange, resolveReshape } from '../../../src/io/onnx/indexing.js';
import { shortestDecimal } from '../../../src/io/onnx/attributes.js';
import type { Attribute, NodeProto } from '../../../src/io/onnx/proto.js';
import { Budget, type Constant } from '../../../src/io/onnx/tensor.js';

const fail = failAt('f', 'node');

function whole(shape: readonly number[], ...values: number[]): Constant {
  return { type: 'int', shape, data: Float64Array.from(values) };
}

function real(shape: readonly number[], ...values: number[]): Constant {
  return { type: 'float', shape, data: Float32Array.from(values) };
}

function fold(
  op: string,
  inputs: (Constant | null)[],
  attributes: Record<string, number | number[]> = {},
): Constant {
  const entries = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
    name,
    {
      name,
      float: 0,
      integer: typeof value === 'number' ? value : 0,
      text: '',
      tensor: null,
      graph: null,
      floats: [],
      integers: typeof value === 'number' ? [] : value,
    },
  ]);
  const node: NodeProto = {
    name: '',
    op,
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(entries),
    metadata: new Map(),
  };
  return folds.get(op)!({ node, inputs, budget: new Budget(), fail, read: () => whole([1], 7) });
}

describe('folding', () => {
  test.each<[string, Constant, Constant]>([
    ['ConstantOfShape', fold('ConstantOfShape', [whole([2], 2, 3)]), real([2, 3], 0, 0, 0, 0, 0, 0)],
    ['Gather of one', fold('Gather', [whole([3], 5, 6, 7), whole([], -1)]), whole([], 7)],
    ['Gather of rows', fold('Gather', [whole([2, 2], 1, 2, 3, 4), whole([1], 1)]), whole([1, 2], 3, 4)],
    [
      'Gather of columns',
      fold('Gather', [whole([2, 2], 1, 2, 3, 4), whole([2], 1, 0)], { axis: 1 }),
      whole([2, 2], 2, 1, 4, 3),
    ],
    ['Unsqueeze', fold('Unsqueeze', [whole([2], 1, 2), whole([2], 0, -1)]), whole([1, 2, 1], 1, 2)],
    ['Squeeze', fold('Squeeze', [whole([1, 2, 1], 1, 2)]), whole([2], 1, 2)],
    ['Concat', fold('Concat', [whole([1, 2], 1, 2), whole([1, 1], 9)], { axis: 1 }), whole([1, 3], 1, 2, 9)],
    [
      'Slice backwards',
      fold('Slice', [
        whole([4], 1, 2, 3, 4),
        whole([1], -1),
        whole([1], -(2 ** 63)),
        whole([1], 0),
        whole([1], -1),
      ]),
      whole([4], 4, 3, 2, 1),
    ],
    [
      'Slice to the end',
      fold('Slice', [
        whole([4], 1, 2, 3, 4),
        whole([1], 1),
        whole([1], 2 ** 63),
        whole([1], 0),
        whole([1], 2),
      ]),
      whole([2], 2, 4),
    ],
    [
      'Slice by attributes',
      fold('Slice', [whole([4], 1, 2, 3, 4)], { starts: [-2], ends: [4] }),
      whole([2], 3, 4),
    ],
    ['Reshape', fold('Reshape', [whole([4], 1, 2, 3, 4), whole([2], -1, 2)]), whole([2, 2], 1, 2, 3, 4)],
    ['Transpose', fold('Transpose', [whole([2, 2], 1, 2, 3, 4)]), whole([2, 2], 1, 3, 2, 4)],
    ['Cast to int64', fold('Cast', [real([2], 1.7, -1.7)], { to: 7 }), whole([2], 1, -1)],
    ['Div of integers', fold('Div', [whole([2], 7, -7), whole([], 2)]), whole([2], 3, -3)],
    ['Div of reals', fold('Div', [real([1], 1), real([], 3)]), real([1], 1 / 3)],
    ['Sub', fold('Sub', [whole([1], 8), whole([1], 3)]), whole([1], 5)],
    [
      'Mul with broadcasting',
      fold('Mul', [whole([2, 1], 1, 2), whole([2], 3, 4)]),
      whole([2, 2], 3, 4, 6, 8),
    ],
    ['Expand', fold('Expand', [whole([1], 4), whole([2], 2, 1)]), whole([2, 1], 4, 4)],
    [
      'Equal',
      fold('Equal', [whole([2], 1, 2), whole([], 2)]),
      { type: 'bool', shape: [2], data: Float64Array.of(0, 1) },
    ],
    ['Where', fold('Where', [whole([2], 0, 1), whole([2], 1, 2), whole([], 9)]), whole([2], 9, 2)],
    ['Sqrt', fold('Sqrt', [real([], 2)]), real([], Math.SQRT2)],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  test.each<[string, () => unknown]>([
    ['an index outside', () => fold('Gather', [whole([3], 5, 6, 7), whole([], 3)])],
    ['a division by zero', () => fold('Div', [whole([1], 1), whole([1], 0)])],
    ['shapes that do not go together', () => fold('Add', [whole([2], 1, 2), whole([3], 1, 2, 3)])],
    ['an axis squeezed that is longer than 1', () => fold('Squeeze', [whole([2], 1, 2), whole([1], 0)])],
    ['axes that repeat', () => fold('Unsqueeze', [whole([2], 1, 2), whole([2], 0, 0)])],
    ['a permutation that is none', () => fold('Transpose', [whole([2, 2], 1, 2, 3, 4)], { perm: [0, 0] })],
    [
      'a step of 0',
      () => fold('Slice', [whole([2], 1, 2), whole([1], 0), whole([1], 2), whole([1], 0), whole([1], 0)]),
    ],
    ['a missing input', () => fold('Add', [whole([2], 1, 2), null])],
    ['the size of the batch as a size', () => fold('ConstantOfShape', [whole([1], NaN)])],
    ['a huge constant', () => fold('ConstantOfShape', [whole([2], 2 ** 20, 2 ** 20)])],
    ['a cast to strings', () => fold('Cast', [whole([1], 1)], { to: 8 })],
  ])('%s is refused', (_, run) => {
    expect(run).toThrow(FileError);
  });
});

test('the size of the batch survives what is done to shapes', () => {
  const batch = fold('Gather', [whole([2], NaN, 5), whole([], 0)]);
  const sizes = fold('Concat', [fold('Unsqueeze', [batch, whole([1], 0)]), whole([1], -1)], { axis: 0 });
  expect([...sizes.data]).toEqual([NaN, -1]);
});

test('ranges are those of NumPy', () => {
  expect(resolveRange(5, 1, -1, 2)).toEqual({ start: 1, step: 2, count: 2 });
  expect(resolveRange(5, -100, 100, 1)).toEqual({ start: 0, step: 1, count: 5 });
  expect(resolveRange(5, 4, -100, -2)).toEqual({ start: 4, step: -2, count: 3 });
  expect(resolveRange(5, 3, 2, 1).count).toBe(0);
});

test('a reshape copies sizes at 0 and works out −1', () => {
  expect(resolveReshape([2, 3, 4], [0, -1], false, fail)).toEqual([2, 12]);
  expect(() => resolveReshape([2, 3], [0, 6], true, fail)).toThrow(FileError);
  expect(() => resolveReshape([2, 3], [-1, -1], false, fail)).toThrow(FileError);
});

test.each([1e-5, 0.1, 0.044715, 1.702, 20, 0, -0.2, 1 / 3, Math.SQRT1_2, 3.4e38, 1e-45])(
  'the shortest decimal of float32 %d rounds to it and is no longer than it has to be',
  (value) => {
    const decimal = shortestDecimal(Math.fround(value));
    expect(Math.fround(decimal)).toBe(Math.fround(value));
    expect(String(decimal).length).toBeLessThanOrEqual(String(value).length);
  },
);
