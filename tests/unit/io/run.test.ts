/** Runs in one file and in a series of files: written, read back, matched with a network, refused. */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { isRun, runFromSeries, runFromTensors, seriesSteps, writeRun } from '../../../src/io/run.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/io/safetensors.js';
import { modelAt, runOf } from '../../../src/io/weights.js';
import { buildModel } from '../../../src/model/build.js';
import type { Parameter } from '../../../src/model/graph.js';

const steps = [0, 5, 100];
const shapes = [
  { name: 'fc.weight', shape: [2, 3] },
  { name: 'fc.bias', shape: [2] },
];
/** No float32 holds these. */
const numbers = (step: number, name: string) =>
  Float64Array.from({ length: name === 'fc.bias' ? 2 : 6 }, (_, i) => step + name.length + i / 3);

function joined(pieces: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...pieces]));
}

function tensors(entries: Record<string, number[]>, dtype: 'F32' | 'F64' = 'F32'): Map<string, Tensor> {
  return new Map(
    Object.entries(entries).map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const data = dtype === 'F64' ? new Float64Array(length) : new Float32Array(length);
      return [name, { dtype, shape, data }];
    }),
  );
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

const weight: Parameter = { name: 'fc.weight', shape: [2, 3], data: new Float32Array(6), kind: 'weight' };
const bias: Parameter = { name: 'fc.bias', shape: [2], data: new Float32Array(2), kind: 'weight' };
const vector = (name: string, kind: Parameter['kind'], value: number): Parameter => ({
  name,
  shape: [2],
  data: new Float32Array(2).fill(value),
  kind,
});
const model = buildModel(
  'net',
  [3],
  [
    { op: 'dense', name: 'fc', weight: 'fc.weight', bias: 'fc.bias', inputs: [0] },
    {
      op: 'batchnorm',
      name: 'bn',
      scale: null,
      shift: null,
      mean: 'bn.running_mean',
      variance: 'bn.running_var',
      epsilon: 0,
      inputs: [1],
    },
  ],
  [weight, bias, vector('bn.running_mean', 'statistic', 0.5), vector('bn.running_var', 'statistic', 2)],
);

describe('a run in one file', () => {
  test('is written piece by piece and read back bit by bit, in float64 and rounded to float32', () => {
    const pieces = [...writeRun(steps, shapes, 'F64', numbers)];
    expect(pieces.map(({ length }) => length).slice(1)).toEqual([64, 64, 64]);
    const read = readSafetensors(joined(pieces), 'run.safetensors');
    expect([...read.keys()].slice(0, 3)).toEqual(['0/fc.weight', '0/fc.bias', '5/fc.weight']);
    expect(isRun(read.keys())).toBe(true);
    const run = runFromTensors({ file: 'run.safetensors', tensors: read });
    expect(run.steps).toEqual(steps);
    for (const step of steps) {
      for (const { name, shape } of shapes) {
        expect(run.parameters.get(step)!.get(name)).toEqual({
          dtype: 'F64',
          shape,
          data: numbers(step, name),
        });
      }
    }
    const single = readSafetensors(joined(writeRun([7], shapes, 'F32', numbers)), 'r');
    expect(single.get('7/fc.bias')!.data).toEqual(Float32Array.from(numbers(7, 'fc.bias')));
  });

  test('is what safetensors’ own writer makes of the same tensors', () => {
    const entries = steps.flatMap((step) =>
      shapes.map(({ name, shape }): [string, Tensor] => [
        `${step}/${name}`,
        { dtype: 'F64', shape, data: numbers(step, name) },
      ]),
    );
    expect(joined(writeRun(steps, shapes, 'F64', numbers, { made: 'here' }))).toEqual(
      writeSafetensors(entries, { made: 'here' }),
    );
  });

  test('refuses what would not be read back', () => {
    const many = Array.from({ length: 50_001 }, (_, step) => step);
    expect(() => writeRun(many, shapes, 'F32', numbers).next()).toThrow(
      '100000 tensors of a file; keep fewer',
    );
    const names = Array.from({ length: 1000 }, (_, i) => ({ name: `p${i}`, shape: [1] }));
    const one = () => new Float32Array(1);
    const slots = [new Float32Array(1000), new Float32Array(1000)];
    const written = (count: number) => () =>
      writeRun(many.slice(0, count), names, 'F32', one, undefined, slots).next();
    expect(written(100)).toThrow(
      '100 steps of 1000 parameters and 2 vectors of the optimizer are more than the 100000 tensors of a file',
    );
    expect(written(99)).not.toThrow();
    expect(() => [...writeRun([1], shapes, 'F32', () => new Float32Array(5))]).toThrow(
      'fc.weight has 5 numbers at step 1 and should have 6',
    );
  });

  test('has its steps in ascending order, however the file names them', () => {
    const file = { file: 'r', tensors: tensors({ '10/w': [1], '9/w': [1], '010000/w': [1] }) };
    expect(runFromTensors(file).steps).toEqual([9, 10, 10_000]);
  });

  test('lists where its steps differ', () => {
    const read = (entries: Record<string, number[]>) => () =>
      runFromTensors({ file: 'r.safetensors', tensors: tensors(entries) });
    expect(refusal(read({ '0/w': [2], '0/b': [1], '1/w': [3], '1/c': [1] }))).toBe(
      'r.safetensors: its steps are not of one network, as step 0 begins it: step 1 has "w" in the shape [3] ' +
        'and not [2], step 1 lacks "b", step 1 has "c" besides; save the same parameters at every step.',
    );
    expect(refusal(read({ '1/w': [1], '01/w': [1] }))).toMatch(/step 1 has two tensors of this name/);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i % 2}/w${i}`, [1]]));
    expect(refusal(read(many)).length).toBeLessThan(800);
  });

  test('is no file of weights, and weights are no run', () => {
    expect(isRun(['fc.weight', '0/fc.weight'])).toBe(false);
    expect(isRun(['/w'])).toBe(false);
    expect(isRun([])).toBe(false);
  });
});

describe('a series of files', () => {
  test.each<[string[], number[] | null]>([
    [
      ['ckpt_10.st', 'ckpt_9.st', 'ckpt_100.st'],
      [10, 9, 100],
    ],
    [
      ['net20-epoch=0-loss=0.25', 'net20-epoch=1-loss=0.25', 'net20-epoch=2-loss=0.2'],
      [0, 1, 2],
    ],
    [['a1', 'a2'], null],
    [['a1', 'a2', 'b3'], null],
    [['a1', 'a01', 'a2'], null],
    [['a', 'a', 'a'], null],
  ])('%j has the steps %j', (names, expected) => {
    expect(seriesSteps(names)).toEqual(expected);
  });

  test('is put in order, and names the file that differs', () => {
    const of = (file: string, entries: Record<string, number[]>) => ({ file, tensors: tensors(entries) });
    const files = [of('c10', { w: [2] }), of('c9', { w: [2] }), of('c100', { w: [2] })];
    const run = runFromSeries(files, [10, 9, 100]);
    expect(run.steps).toEqual([9, 10, 100]);
    expect(run.parameters.get(9)).toBe(files[1]!.tensors);
    expect(refusal(() => runFromSeries([...files, of('c11', { w: [3] })], [10, 9, 100, 11]))).toContain(
      'as c9 begins it: c11 has "w" in the shape [3] and not [2]',
    );
  });
});

describe('a run and its network', () => {
  const stored = { 'fc.weight': [2, 3], 'fc.bias': [2] };

  test('keeps float64, rounds it for the network, and takes the network’s statistics where it has none', () => {
    const read = readSafetensors(joined(writeRun(steps, shapes, 'F64', numbers)), 'r');
    const matched = runOf(model, runFromTensors({ file: 'r', tensors: read }));
    if (!('run' in matched)) throw new Error('it fits');
    const last = matched.run.parameters.get(100)!;
    expect([...last.keys()]).toEqual([...model.parameters.keys()]);
    expect(last.get('fc.bias')).toEqual(numbers(100, 'fc.bias'));
    expect(last.get('bn.running_var')).toBe(model.parameters.get('bn.running_var')!.data);
    const at = modelAt(model, matched.run, 5).parameters;
    expect(at.get('fc.weight')!.data).toEqual(Float32Array.from(numbers(5, 'fc.weight')));
    expect(at.get('fc.weight')!.kind).toBe('weight');
  });

  test('leaves out the names’ wrapper and BatchNorm’s counters', () => {
    const named = tensors({ ...stored, 'bn.num_batches_tracked': [] });
    const wrapped = new Map([...named].map(([name, tensor]) => [`module.${name}`, tensor]));
    const run = { steps: [3], parameters: new Map([[3, wrapped]]) };
    expect(runOf(model, run)).toMatchObject({ run: { steps: [3] } });
  });

  test('lists every name that does not fit', () => {
    const file = tensors({ 'fc.weight': [3, 3], extra: [1] });
    expect(runOf(model, { steps: [0], parameters: new Map([[0, file]]) })).toEqual({
      mismatches: [
        { name: 'fc.bias', network: [2], file: null },
        { name: 'fc.weight', network: [2, 3], file: [3, 3] },
        { name: 'extra', network: null, file: [1] },
      ],
    });
  });
});
