import { describe, expect, test } from 'vitest';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/io/safetensors.js';
import { describeMismatches, directionFromTensors, replaceParameters } from '../../../src/io/weights.js';
import { buildModel } from '../../../src/model/build.js';
import type { Model } from '../../../src/model/graph.js';

const model: Model = buildModel(
  'tiny',
  [2],
  [
    { op: 'dense', name: 'fc', weight: 'fc.weight', bias: null, inputs: [0] },
    {
      op: 'batchnorm',
      name: 'bn',
      scale: 'bn.weight',
      shift: null,
      mean: 'bn.running_mean',
      variance: 'bn.running_var',
      epsilon: 1e-5,
      inputs: [1],
    },
  ],
  [
    { name: 'fc.weight', shape: [3, 2], data: new Float32Array(6).fill(1), kind: 'weight' },
    { name: 'bn.weight', shape: [3], data: new Float32Array(3).fill(1), kind: 'weight' },
    { name: 'bn.running_mean', shape: [3], data: new Float32Array(3), kind: 'statistic' },
    { name: 'bn.running_var', shape: [3], data: new Float32Array(3).fill(1), kind: 'statistic' },
  ],
);

function tensor(shape: readonly number[], value: number, dtype: 'F32' | 'F64' | 'I64' = 'F32'): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { dtype, shape, data: new (dtype === 'F32' ? Float32Array : Float64Array)(size).fill(value) };
}

const checkpoint = new Map<string, Tensor>([
  ['bn.running_var', tensor([3], 0.25)],
  ['bn.running_mean', tensor([3], 0.5)],
  ['bn.weight', tensor([3, 1, 1], 0.1, 'F64')],
  ['fc.weight', tensor([3, 2], 7)],
  ['bn.num_batches_tracked', tensor([], 12, 'I64')],
]);

describe('replaceParameters', () => {
  test('takes every parameter by name, out of a file too, and leaves the model as it was', () => {
    for (const tensors of [checkpoint, readSafetensors(writeSafetensors(checkpoint), 'f')]) {
      const replaced = replaceParameters(model, tensors);
      if (!('model' in replaced)) throw new Error('mismatch');
      const { parameters, nodes, shapes } = replaced.model;
      expect([...parameters.keys()]).toEqual([...model.parameters.keys()]);
      expect([...parameters.get('fc.weight')!.data]).toEqual([7, 7, 7, 7, 7, 7]);
      expect(parameters.get('bn.weight')).toMatchObject({ shape: [3], kind: 'weight' });
      expect(parameters.get('bn.weight')!.data[0]).toBe(Math.fround(0.1));
      expect(parameters.get('bn.running_var')).toMatchObject({ kind: 'statistic' });
      expect({ nodes, shapes }).toEqual({ nodes: model.nodes, shapes: model.shapes });
    }
    expect(model.parameters.get('fc.weight')!.data[0]).toBe(1);
  });

  test('takes the names of DataParallel and torch.compile', () => {
    for (const prefix of ['module.', '_orig_mod.']) {
      const wrapped = new Map([...checkpoint].map(([name, value]) => [prefix + name, value]));
      expect('model' in replaceParameters(model, wrapped)).toBe(true);
    }
  });

  test('lists what is missing, too much or of another shape, name by name', () => {
    const other = new Map(checkpoint);
    other.delete('bn.running_mean');
    other.set('fc.weight', tensor([2, 3], 1));
    other.set('fc.bias', tensor([3], 1));
    const replaced = replaceParameters(model, other);
    if ('model' in replaced) throw new Error('no mismatch');
    expect(describeMismatches(replaced.mismatches)).toEqual([
      'bn.running_mean: missing in the file, the network has [3]',
      'fc.weight: the network has [3, 2], the file [2, 3]',
      'fc.bias: not in the network, the file has [3]',
    ]);
  });
});

describe('directionFromTensors', () => {
  test('moves what the file has and says what it leaves', () => {
    const read = directionFromTensors(model, new Map([['fc.weight', tensor([3, 2], -1)]]));
    if (!('direction' in read)) throw new Error('mismatch');
    expect([...read.direction.keys()]).toEqual(['fc.weight']);
    expect(read.still).toEqual(['bn.weight']);
  });

  test('a file of other names or shapes is a list of mismatches', () => {
    const read = directionFromTensors(model, new Map([['fc.weight', tensor([3], 1)]]));
    expect(read).toEqual({ mismatches: [{ name: 'fc.weight', network: [3, 2], file: [3] }] });
    const empty = directionFromTensors(model, new Map());
    expect('mismatches' in empty && empty.mismatches.map(({ name }) => name)).toEqual([
      'fc.weight',
      'bn.weight',
    ]);
  });
});
