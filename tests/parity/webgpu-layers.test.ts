import { afterAll, beforeAll, describe, it } from 'vitest';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { ActivationName } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import { requireEngine } from '../helpers/gpu.js';
import { batchnorm, perceptron } from '../helpers/dense-sketches.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { fewer } from '../helpers/slow.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };
const within = 'within 5e-6 relative + 2e-8 absolute of the reference';

/** Every way in which nodes are taken in by a stage, and those that stand alone. */
function branches(moves?: Sketch['moves']): Sketch {
  const net = new Wiring();
  const first = net.batchnorm('bn0', 0);
  const stem = net.activation('relu0', net.dense('stem', first, true), 'relu');
  // Batchnorm, sum and activation within one dense stage.
  const half = net.activation('relu1', net.batchnorm('bn1', net.dense('fc1', stem, false)), 'leaky_relu');
  const sum = net.add('add', net.batchnorm('bn2', net.dense('fc2', half, true)), stem);
  const block = net.activation('relu2', sum, 'relu');
  // An activation before the sum, a sum of one value with itself, a value that two layers read.
  const early = net.add('early', net.activation('silu', net.dense('fc3', block, true), 'silu'), block);
  const twice = net.batchnorm('bn3', net.add('twice', early, early));
  const joined = net.add('joined', net.dense('fc4', twice, false), net.dense('fc5', block, false));
  net.dense('head', joined, true);
  return {
    input: [13],
    nodes: net.nodes,
    parameters: {
      ...batchnorm('bn0', 13),
      'stem.weight': [21, 13],
      'stem.bias': [21],
      'fc1.weight': [21, 21],
      ...batchnorm('bn1', 21),
      'fc2.weight': [21, 21],
      'fc2.bias': [21],
      ...batchnorm('bn2', 21),
      'fc3.weight': [21, 21],
      'fc3.bias': [21],
      ...batchnorm('bn3', 21),
      'fc4.weight': [9, 21],
      'fc5.weight': [9, 21],
      'head.weight': [6, 9],
      'head.bias': [6],
    },
    samples: 90,
    ...(moves === undefined ? {} : { moves }),
  };
}

const activations: readonly ActivationName[] = [
  'relu',
  'leaky_relu',
  'tanh',
  'sigmoid',
  'gelu',
  'gelu_tanh',
  'silu',
  'elu',
  'softplus',
  'clipped_relu',
  'hardtanh',
  'identity',
];

describe.each(['tiled', 'direct'] as const)('webgpu, %s', (kernels) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());
  const check = (sketch: Sketch): Promise<void> =>
    expectReferenceSums(engine, randomProblem(sketch), tolerance);
  const timeout = 240_000;

  // The kernels that slow adapters are given by themselves see every activation.
  const shown = kernels === 'tiled' ? fewer(activations, 'relu', 'tanh', 'gelu', 'softplus') : activations;
  it.each(shown)(`%s: ${within}`, { timeout }, (fn) => check(perceptron([7, 19, 19, 5], fn, 70)));

  // 1 and 3: less than a vector; 67 and 131: more than a workgroup's outputs, several weight tiles, a rest in each.
  it.each(fewer([1, 3, 67, 131], 3, 67))(`%i units: ${within}`, { timeout }, (size) =>
    check(perceptron([size, size, size], 'tanh', 70)),
  );

  it.each(fewer([1, 4, 255, 257, 600], 1, 257))(`%i samples: ${within}`, { timeout }, (samples) =>
    check(perceptron([5, 9, 3], 'relu', samples)),
  );

  describe.each(['ce', 'mse', 'bce'] as const)('%s', (loss) => {
    it.each(fewer([1, 3, 17], 1, 17))(`%i outputs: ${within}`, { timeout }, async (outputs) => {
      const sketch = { ...perceptron([5, 9, outputs], 'silu', 70), loss };
      await check(sketch);
      if (loss !== 'ce') await check({ ...sketch, targets: true });
    });
  });

  const moving: readonly (readonly [string, Sketch['moves']])[] = [
    ['all weights', undefined],
    ['biases alone', (name) => name.endsWith('.bias')],
    ['running statistics too', () => true],
    ['the second half alone', (name) => /^(bn3|fc4|head)/.test(name)],
    ['the last bias alone', (name) => name === 'head.bias'],
    ['nothing', () => false],
  ];
  it.each(moving)(`branches, directions that move %s: ${within}`, { timeout }, (_what, moves) =>
    check(branches(moves)),
  );
});
