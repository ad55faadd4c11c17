/**
 * Whatever bytes come in, the ONNX reader gives a model or one of the two named errors, in bounded time and
 * without allocating what the file merely claims.
 */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { readOnnx } from '../../../src/io/onnx/import.js';
import type { NamedBytes } from '../../../src/io/onnx/tensor.js';
import { ModelError } from '../../../src/model/errors.js';
import { floats, type HandNode, ints, onnxFile } from '../../helpers/onnx.js';

/** Most processor time for one file, milliseconds; a few are usual. Time on the clock would count others' work. */
const LONGEST = 5000;
/** What one file of some kilobytes may add to the memory of typed arrays; computed constants are bounded at 2²⁴ elements. */
const MOST_BYTES = 2 ** 28;

const folder = new URL('../../fixtures/onnx/', import.meta.url);
const samples = [
  'mlp-listed',
  'matmul',
  'gelus',
  'views',
  'resnet-a-unfolded',
  'convs',
  'arithmetic',
  'clips',
  'splits',
  'pools',
  'dense-opset9',
  'dynamo-resnet-a',
  'dynamo-mlp',
].map((name) =>
  [`${name}.onnx`, `${name}.onnx.data`]
    .filter((file) => existsSync(new URL(file, folder)))
    .map((file): NamedBytes => ({ name: file, bytes: new Uint8Array(readFileSync(new URL(file, folder))) })),
);

type Change = (bytes: Uint8Array) => Uint8Array;

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(position, fc.nat(255)).map(([at, value]): Change => (bytes) => {
    if (bytes.length > 0) bytes[Math.floor(at * bytes.length)] = value;
    return bytes;
  }),
  // A varint of the largest length: what claims to be longer than the file.
  position.map((at): Change => (bytes) => {
    bytes.fill(0xff, Math.floor(at * bytes.length), Math.floor(at * bytes.length) + 9);
    return bytes;
  }),
  position.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.length)),
  ),
  fc.tuple(position, position).map(([a, b]): Change => (bytes) => {
    const [from, to] = [a, b].map((at) => Math.floor(at * bytes.length)).sort((x, y) => x - y) as [
      number,
      number,
    ];
    return Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(from)]);
  }),
);

function readSafely(files: readonly NamedBytes[]): void {
  const started = process.cpuUsage();
  const before = process.memoryUsage().arrayBuffers;
  try {
    const { model } = readOnnx(files);
    expect(model.nodes.length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof FileError || error instanceof ModelError)) throw error;
    expect(error.message).toMatch(/\S/);
  }
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(LONGEST);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MOST_BYTES);
}

describe('ONNX files that are broken', () => {
  test('changed at random', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (files, changes, which) => {
          const broken = which % files.length;
          readSafely(
            files.map((file, index) =>
              index === broken
                ? {
                    ...file,
                    bytes: changes.reduce<Uint8Array>((bytes, apply) => apply(bytes), file.bytes.slice()),
                  }
                : file,
            ),
          );
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('cut at every length', { timeout: 120_000 }, () => {
    const [file] = samples[1]!;
    for (let length = 0; length < file!.bytes.length; length++) {
      readSafely([{ ...file!, bytes: file!.bytes.slice(0, length) }]);
    }
  });

  test('bytes of no format', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readSafely([{ name: 'a.onnx', bytes }])),
      { numRuns: 1000 },
    );
  });

  test('known operators in graphs of no sense', { timeout: 120_000 }, () => {
    const ops = [
      'Add',
      'Mul',
      'Sub',
      'Div',
      'Relu',
      'Tanh',
      'Sigmoid',
      'Erf',
      'Pow',
      'Where',
      'Greater',
      'Gemm',
      'MatMul',
      'Conv',
      'Reshape',
      'Flatten',
      'Squeeze',
      'Unsqueeze',
      'Transpose',
      'Slice',
      'Gather',
      'Pad',
      'Concat',
      'Shape',
      'ConstantOfShape',
      'Expand',
      'MaxPool',
      'GlobalAveragePool',
      'ReduceMean',
      'ReduceMax',
      'BatchNormalization',
      'Identity',
      'If',
      'Constant',
      'Softmax',
      'Clip',
      'Split',
      'PRelu',
      'HardSwish',
      'HardSigmoid',
    ];
    const name = fc.nat(12).map((i) => `v${i}`);
    const source = fc.oneof(name, fc.constantFrom('x', 'w', 'b', 'k', 'n', 'm', ''));
    const attributes = fc.dictionary(
      fc.constantFrom(
        'axis',
        'axes',
        'perm',
        'pads',
        'kernel_shape',
        'strides',
        'group',
        'transB',
        'keepdims',
        'to',
        'starts',
        'split',
        'min',
        'max',
        'ends',
      ),
      fc.oneof(fc.integer({ min: -3, max: 9 }), fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 4 })),
      { maxKeys: 3 },
    );
    const node: fc.Arbitrary<HandNode> = fc.record({
      op: fc.constantFrom(...ops),
      inputs: fc.array(source, { maxLength: 5 }),
      outputs: fc.array(name, { minLength: 1, maxLength: 3 }),
      attributes,
    });
    const tensors = [
      floats('w', [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      floats('b', [3], [1, 2, 3]),
      floats('k', [3, 3, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      ints('n', 0, -1),
      ints('m', 1),
    ];
    const input = fc.constantFrom([null, 3], [null, 3, 4, 4], [2, 3, 1, 1]);
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 13 }), input, (nodes, x) => {
        const last = { op: 'Identity', inputs: ['v0'], outputs: ['end'] };
        readSafely([onnxFile({ nodes: [...nodes, last], tensors, inputs: { x }, outputs: ['end'] })]);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('ONNX files that are large or deep', () => {
  const weight = floats('w', [2, 2], [1, 2, 3, 4]);

  test('20,000 sums in a chain, deeper than any stack', { timeout: 60_000 }, () => {
    const nodes = Array.from({ length: 19_990 }, (_, i) => ({
      op: 'Add',
      inputs: [i === 0 ? 'x' : `s${i}`, 'x'],
      outputs: [`s${i + 1}`],
    }));
    readSafely([onnxFile({ nodes, tensors: [weight], inputs: { x: [null, 2] }, outputs: ['s19990'] })]);
  });

  test('products that would double with every node', () => {
    const nodes = Array.from({ length: 200 }, (_, i) => ({
      op: 'Mul',
      inputs: [i === 0 ? 'x' : `s${i}`, i === 0 ? 'x' : `s${i}`],
      outputs: [`s${i + 1}`],
    }));
    readSafely([onnxFile({ nodes, tensors: [weight], inputs: { x: [null, 2] }, outputs: ['s200'] })]);
  });

  test('too many nodes', { timeout: 60_000 }, () => {
    const nodes = Array.from({ length: 20_001 }, (_, i) => ({
      op: 'Relu',
      inputs: ['x'],
      outputs: [`r${i}`],
    }));
    expect(() => readOnnx([onnxFile({ nodes, inputs: { x: [null, 2] }, outputs: ['r0'] })])).toThrow(
      'more than 20000 nodes',
    );
  });

  test('one name for many nodes and parameters', { timeout: 60_000 }, () => {
    const nodes = Array.from({ length: 5000 }, (_, i) => ({
      op: 'Add',
      name: 'same',
      inputs: [i === 0 ? 'x' : `s${i}`, 'b'],
      outputs: [`s${i + 1}`],
    }));
    readSafely([
      onnxFile({ nodes, tensors: [floats('b', [2], [1, 2])], inputs: { x: [null, 2] }, outputs: ['s5000'] }),
    ]);
  });
});
