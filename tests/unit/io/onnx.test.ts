/** What the importer refuses, what it says, and the spellings no fixture has. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { readOnnx } from '../../../src/io/onnx/import.js';
import { floats, type HandGraph, ints, onnxBytes, onnxFile } from '../../helpers/onnx.js';

const folder = new URL('../../fixtures/onnx/', import.meta.url);

function fixture(name: string, withData = true) {
  const given = [name, ...(withData && existsSync(new URL(`${name}.data`, folder)) ? [`${name}.data`] : [])];
  return given.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(new URL(file, folder))) }));
}

function message(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
}

const dense = { op: 'Gemm', inputs: ['x', 'fc.weight'], outputs: ['y'], attributes: { transB: 1 } };
const weight = floats('fc.weight', [2, 3], [1, 2, 3, 4, 5, 6]);
const graph: HandGraph = { nodes: [dense], tensors: [weight], inputs: { x: [null, 3] }, outputs: ['y'] };

describe('a file that cannot be imported is refused with one sentence', () => {
  test('an unknown operator is named with its node and the list of those that are known', () => {
    const said = message(() => readOnnx(fixture('refused-layernorm.onnx')));
    expect(said).toMatch(
      /^refused-layernorm\.onnx, node \/1\/LayerNormalization \(LayerNormalization\): the operator LayerNorm/,
    );
    expect(said).toContain('known are Add, AveragePool, BatchNormalization');
  });

  test('a LayerNorm spelled out, and a PReLU with a slope for each channel', () => {
    expect(message(() => readOnnx(fixture('refused-layernorm-spelled.onnx')))).toMatch(
      /^refused-layernorm-spelled\.onnx, node \/1\/Sub \(Sub\): it adds samples .*LayerNorm and its like are not/,
    );
    expect(message(() => readOnnx(fixture('refused-prelu.onnx')))).toMatch(
      /^refused-prelu\.onnx, node \/1\/PRelu \(PRelu\): it has a slope for each channel, and only one/,
    );
  });

  test('a split whose parts do not make up its axis, or of more parts than outputs', () => {
    const split = (sizes: number[], outputs: string[]) =>
      onnxFile({
        ...graph,
        nodes: [{ op: 'Split', inputs: ['x'], outputs, attributes: { axis: 1, split: sizes } }],
        outputs: [outputs[0]!],
      });
    expect(message(() => readOnnx([split([1, 1], ['y', 'z'])]))).toContain(
      'its 2 parts do not make up the 3 of its axis in 2 outputs',
    );
    expect(message(() => readOnnx([split([1, 1, 1], ['y', 'z'])]))).toContain('its 3 parts do not make up');
    expect(message(() => readOnnx([split([4, -1], ['y', 'z'])]))).toContain('its 2 parts do not make up');
  });

  test('a clip that leaves nothing', () => {
    const nodes = [dense, { op: 'Clip', inputs: ['y'], outputs: ['z'], attributes: {} }];
    const bounds = { ...nodes[1]!, inputs: ['y', 'low', 'high'] };
    const tensors = [weight, floats('low', [], [1]), floats('high', [], [1])];
    expect(
      message(() => readOnnx([onnxFile({ ...graph, nodes: [dense, bounds], tensors, outputs: ['z'] })])),
    ).toContain('it clips to [1, 1], which leaves nothing');
    // Without bounds it is the identity.
    const { model } = readOnnx([onnxFile({ ...graph, nodes, outputs: ['z'] })]);
    expect(model.nodes.map(({ op }) => op)).toEqual(['dense']);
  });

  test('an operator of another domain is named with it', () => {
    const nodes = [{ ...dense, domain: 'com.microsoft', name: 'fused' }];
    expect(message(() => readOnnx([onnxFile({ ...graph, nodes })]))).toContain(
      'node fused (Gemm): the operator com.microsoft.Gemm is not known',
    );
  });

  test('BatchNorm in training mode', () => {
    expect(message(() => readOnnx(fixture('refused-training.onnx')))).toContain('call model.eval() before');
  });

  test('a data file that was not given', () => {
    const said = message(() => readOnnx(fixture('dynamo-resnet-b.onnx', false)));
    expect(said).toContain('"dynamo-resnet-b.onnx.data", which was not given; open both files together');
  });

  test('a data file that is too short', () => {
    const [model, data] = fixture('dynamo-resnet-b.onnx');
    const short = { ...data!, bytes: data!.bytes.subarray(0, 100) };
    expect(message(() => readOnnx([model!, short]))).toContain("they don't belong together");
  });

  test('no file, two networks, something else', () => {
    expect(message(() => readOnnx([]))).toContain('0 files end in .onnx');
    expect(message(() => readOnnx([onnxFile(graph), onnxFile(graph, 'b.onnx')]))).toContain('2 files end');
    const text = { name: 'a.onnx', bytes: new TextEncoder().encode('{"not": "a network"}') };
    expect(() => readOnnx([text])).toThrow(FileError);
    expect(message(() => readOnnx([{ name: 'a.onnx', bytes: new Uint8Array() }]))).toContain('no network');
  });

  test.each<[string, Partial<HandGraph>, string]>([
    ['two inputs', { inputs: { x: [null, 3], z: [null, 3] } }, 'it has 2 inputs and 1 outputs'],
    ['no output', { outputs: [] }, 'it has 1 inputs and 0 outputs'],
    ['no batch axis', { inputs: { x: [3] } }, 'should have a batch axis and then fixed sizes'],
    ['a free size', { inputs: { x: [null, null] } }, 'has shape [?, ?]'],
    ['a missing value', { tensors: [] }, 'its input "fc.weight" is made by no node before it'],
    ['the batch reshaped', reshaped(3, 1), 'which mixes the samples of a batch'],
    ['a shape that does not fit', reshaped(0, 5), 'a value of shape [3] cannot become [5]'],
    ['an axis that is not there', { ...concatenated(2) }, 'its axis 2 is not one of the 2 of its input'],
    ['the batch joined', { ...concatenated(0) }, 'it joins along the batch'],
    [
      'weights in another order than NCHW',
      { nodes: [{ op: 'Transpose', inputs: ['x'], outputs: ['y'], attributes: { perm: [1, 0] } }] },
      "keep PyTorch's order",
    ],
    [
      'Erf alone',
      { nodes: [{ op: 'Erf', inputs: ['x'], outputs: ['y'] }] },
      'Erf is known only as a part of GELU',
    ],
    [
      'integers as weights',
      { tensors: [{ name: 'fc.weight', dims: [2, 3], type: 7, ints: [1, 2, 3, 4, 5, 6] }] },
      'not made of reals',
    ],
    [
      'strings as weights',
      { tensors: [{ name: 'fc.weight', dims: [2, 3], type: 8 }] },
      'neither a real nor an integer',
    ],
    [
      'fewer numbers than the shape',
      { tensors: [floats('fc.weight', [2, 3], [1, 2])] },
      'it has 2 values where its shape needs 6',
    ],
    ['a shape of many axes', { tensors: [floats('fc.weight', [1, 1, 1, 1, 1, 1, 1, 2, 3], [])] }, '9 axes'],
    [
      'a shape too large for memory',
      { tensors: [floats('fc.weight', [2 ** 20, 2 ** 20], [])] },
      'needs more than',
    ],
    ['a negative size', { tensors: [floats('fc.weight', [-2, -3], [])] }, 'no whole number of elements'],
    ['a circle', { nodes: [{ ...dense, inputs: ['y', 'fc.weight'] }] }, 'is made by no node before it'],
    [
      'an output of the input alone',
      { nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }] },
      'no layer between',
    ],
    [
      'an output of constants alone',
      { nodes: [{ op: 'Identity', inputs: ['fc.weight'], outputs: ['y'] }] },
      'does not depend on its input',
    ],
  ])('%s', (_, change, said) => {
    expect(message(() => readOnnx([onnxFile({ ...graph, ...change })]))).toContain(said);
  });

  test('constants that are asked for over and over run into the limit', () => {
    const size = ints('size', 2 ** 12, 2 ** 11);
    const nodes = [0, 1, 2, 3].map((i) => ({ op: 'ConstantOfShape', inputs: ['size'], outputs: [`c${i}`] }));
    const sum = { op: 'Concat', inputs: ['c0', 'c1', 'c2', 'c3'], outputs: ['y'], attributes: { axis: 0 } };
    expect(
      message(() => readOnnx([onnxFile({ ...graph, nodes: [...nodes, sum], tensors: [size] })])),
    ).toContain('more than 16777216 elements together');
  });
});

function reshaped(...sizes: number[]): Partial<HandGraph> {
  const reshape = { op: 'Reshape', inputs: ['x', 'sizes'], outputs: ['r'] };
  return {
    nodes: [reshape, { ...dense, inputs: ['r', 'fc.weight'] }],
    tensors: [ints('sizes', ...sizes), weight],
  };
}

function concatenated(axis: number): Partial<HandGraph> {
  return { nodes: [{ op: 'Concat', inputs: ['x', 'x'], outputs: ['y'], attributes: { axis } }] };
}

describe('external data', () => {
  const bytes = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5, 6).buffer);
  const external = (location: string, offset = '4', length = '24'): HandGraph => ({
    ...graph,
    tensors: [{ name: 'fc.weight', dims: [2, 3], external: { location, offset, length } }],
  });

  test('is found by its base name, whatever folders the location or the file have', () => {
    for (const location of ['w.data', '../../etc/w.data', '/etc/w.data', 'C:\\files\\w.data']) {
      const { model } = readOnnx([onnxFile(external(location)), { name: 'folder/w.data', bytes }]);
      expect([...model.parameters.get('fc.weight')!.data]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  test.each([
    ['4', '25'],
    ['4', '20'],
    ['8', '24'],
    ['-4', '24'],
    ['1e9', '24'],
    ['99999999999999999999', '24'],
    ['4', 'all'],
  ])('offset %s and length %s are refused', (offset, length) => {
    const files = [onnxFile(external('w.data', offset, length)), { name: 'w.data', bytes }];
    expect(() => readOnnx(files)).toThrow(FileError);
  });
});

describe('notices', () => {
  test.each([
    ['resnet-b-folded', 'TrainingMode.PRESERVE)'],
    ['resnet-a-folded', 'TrainingMode.PRESERVE)'],
    ['dynamo-resnet-b-folded', 'dynamo=True, optimize=False)'],
    ['dynamo-resnet-a-folded', 'dynamo=True, optimize=False)'],
  ])('%s: BatchNorm was folded, and the recipe that keeps it', (name, recipe) => {
    const { notices, batchNormFolded } = readOnnx(fixture(`${name}.onnx`));
    expect(batchNormFolded).toBe(true);
    expect(notices.join('\n')).toContain(`model.eval()\ntorch.onnx.export(`);
    expect(notices.join('\n')).toContain(recipe);
  });

  test.each([
    'resnet-b-preserved',
    'resnet-a-unfolded',
    'dynamo-resnet-b',
    'dynamo-merged',
    'bn-mlp-preserved',
    'mlp',
  ])('%s: nothing to notice', (name) => {
    expect(readOnnx(fixture(`${name}.onnx`))).toMatchObject({
      notices: [],
      batchNormFolded: false,
      lossHint: null,
    });
  });

  test.each([
    ['ends-softmax', 'The Softmax at the end was left out', 'ce'],
    ['ends-log-softmax', 'The LogSoftmax at the end was left out', 'ce'],
    ['ends-sigmoid', 'The Sigmoid at the end was left out', 'bce'],
  ])('%s', (name, said, lossHint) => {
    const imported = readOnnx(fixture(`${name}.onnx`));
    expect(imported.notices).toEqual([expect.stringContaining(said)]);
    expect(imported.lossHint).toBe(lossHint);
    expect(imported.model.nodes.at(-1)!.op).toBe('dense');
  });

  test('a clip at the largest float32 is open on that side: so opset 6 says it', () => {
    const largest = 2 ** 128 - 2 ** 104;
    for (const [low, high] of [
      [-1, largest],
      [-largest, 0.5],
    ] as const) {
      const nodes = [dense, { op: 'Clip', inputs: ['y', 'low', 'high'], outputs: ['z'] }];
      const tensors = [weight, floats('low', [], [low]), floats('high', [], [high])];
      const { model } = readOnnx([onnxFile({ ...graph, nodes, tensors, outputs: ['z'] })]);
      const kinds = model.nodes.map((node) => (node.op === 'activation' ? node.fn : node.op));
      expect(kinds).toContain('relu');
      expect(kinds).not.toContain('hardtanh');
    }
  });

  test('a weight that is used as it is and transposed becomes two', () => {
    const back = { op: 'MatMul', inputs: ['y', 'fc.weight'], outputs: ['z'] };
    const { model, notices } = readOnnx([onnxFile({ ...graph, nodes: [dense, back], outputs: ['z'] })]);
    expect([...model.parameters.keys()]).toEqual(['fc.weight', 'fc.weight_2']);
    expect(notices).toEqual([expect.stringMatching(/^fc\.weight is used as it is and transposed\./)]);
    // Twice in the same way is one parameter, and no news.
    const again = { ...dense, inputs: ['x', 'fc.weight'], outputs: ['w'] };
    const sum = { op: 'Add', inputs: ['y', 'w'], outputs: ['z'] };
    const twice = readOnnx([onnxFile({ ...graph, nodes: [dense, again, sum], outputs: ['z'] })]);
    expect([twice.model.parameters.size, twice.notices]).toEqual([1, []]);
  });

  test('of several outputs the first is used', () => {
    const nodes = [dense, { op: 'Clip', inputs: ['y'], outputs: ['z'] }];
    const { notices } = readOnnx([onnxFile({ ...graph, nodes, outputs: ['y', 'z'] })]);
    expect(notices).toEqual(['The network has 2 outputs; the first, "y", is used.']);
  });

  test.each([
    ['float16', 2 ** -11],
    ['bfloat16', 2 ** -8],
    ['float64', 0],
    ['listed', 0],
  ])('parameters stored as %s are within %f relative of the float32 ones', (type, rounding) => {
    const { model } = readOnnx(fixture('mlp.onnx'));
    const stored = readOnnx(fixture(`mlp-${type}.onnx`));
    for (const { name, data } of model.parameters.values()) {
      const other = stored.model.parameters.get(name)!.data;
      for (const [i, value] of data.entries()) {
        expect(Math.abs(other[i]! - value)).toBeLessThanOrEqual(
          rounding * Math.abs(value) + 2 ** -24 * rounding,
        );
      }
    }
    expect(stored.notices).toEqual(
      type === 'listed' ? [] : [`Parameters stored as ${type} were rounded to float32.`],
    );
  });
});

describe('numbers', () => {
  test('epsilon and slopes are the decimals that were meant', () => {
    const { model } = readOnnx(fixture('bn-mlp-preserved.onnx'));
    const epsilons = model.nodes.flatMap((node) => (node.op === 'batchnorm' ? [node.epsilon] : []));
    expect(epsilons).toEqual([0.002, 1e-5]);
    const slopes = readOnnx(fixture('mlp.onnx')).model.nodes.flatMap((node) =>
      node.op === 'activation' && ['leaky_relu', 'elu'].includes(node.fn) ? [node.slope] : [],
    );
    expect(slopes.slice(0, 2)).toEqual([0.2, 0.7]);
  });

  test('spelled-out activations become one node each', () => {
    const { model } = readOnnx(fixture('gelus.onnx'));
    const fns = model.nodes.flatMap((node) => (node.op === 'activation' ? [node.fn] : []));
    expect(fns).toEqual([
      'gelu',
      'gelu_tanh',
      'silu',
      'gelu',
      'gelu',
      'gelu',
      'gelu_tanh',
      'gelu_tanh',
      'silu',
      'silu',
      'sigmoid',
      'tanh',
    ]);
    // QuickGELU scales around its SiLU; sigmoid · tanh is a product and no activation.
    expect(model.nodes.filter(({ op }) => op === 'scale')).toHaveLength(2);
    expect(model.nodes.filter(({ op }) => op === 'multiply')).toHaveLength(1);
  });

  test('a layer used twice keeps one parameter', () => {
    const { model } = readOnnx(fixture('tied.onnx'));
    const weights = model.nodes.flatMap((node) => (node.op === 'dense' ? [node.weight] : []));
    expect(weights).toEqual(['0.weight', '2.weight', '2.weight', '6.weight']);
  });

  test('alpha and beta of Gemm other than 1 are refused', () => {
    const nodes = [{ ...dense, attributes: { transB: 1, alpha: { float: 2 } } }];
    expect(message(() => readOnnx([onnxFile({ ...graph, nodes })]))).toContain(
      'alpha 2 and beta 1 should both be 1',
    );
  });

  test('the bytes of a hand-made file are those of a network', () => {
    expect(readOnnx([{ name: 'n.onnx', bytes: onnxBytes(graph) }]).model.name).toBe('n');
  });
});
