import { describe, it } from 'vitest';
import { type ActivationName } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };
const within = 'within 5e-6 relative + 2e-8 absolute of the reference';

/** Two dense layers around an activation, every width odd. */
function perceptron(widths: readonly [number, number, number], fn: ActivationName, samples: number): Sketch {
  const net = new Wiring();
  const [features, hidden, outputs] = widths;
  const h = net.activation('act', net.dense('one', 0, true), fn);
  net.dense('three', net.dense('two', h, true), false);
  return {
    input: [features],
    nodes: net.nodes,
    parameters: {
      'one.weight': [hidden, features],
      'one.bias': [hidden],
      'two.weight': [hidden, hidden],
      'two.bias': [hidden],
      'three.weight': [outputs, hidden],
    },
    samples,
  };
}

const batchnorm = (name: string, channels: number): Sketch['parameters'] => ({
  [`${name}.weight`]: [channels],
  [`${name}.bias`]: [channels],
  [`${name}.running_mean`]: [channels],
  [`${name}.running_var`]: [channels],
});

/** Blocks as in the reference networks, fused as far as that goes, and pieces that cannot be. */
function residualNetwork(moves?: Sketch['moves']): Sketch {
  const net = new Wiring();
  const stem = net.activation('relu0', net.dense('stem', 0, true), 'relu');
  const half = net.activation('relu1', net.batchnorm('bn1', net.dense('fc1', stem, false)), 'leaky_relu');
  const block = net.activation(
    'relu2',
    net.add('add', net.batchnorm('bn2', net.dense('fc2', half, true)), stem),
    'relu',
  );
  // A normalisation before its layer, and a sum that two layers end in.
  const before = net.batchnorm('bn3', block);
  const sum = net.add('sum', net.dense('fc3', before, true), net.dense('fc4', block, false));
  net.dense('head', net.add('double', sum, sum), true);
  return {
    input: [13],
    nodes: net.nodes,
    parameters: {
      'stem.weight': [19, 13],
      'stem.bias': [19],
      'fc1.weight': [19, 19],
      'fc2.weight': [19, 19],
      'fc2.bias': [19],
      'fc3.weight': [9, 19],
      'fc3.bias': [9],
      'fc4.weight': [9, 19],
      'head.weight': [6, 9],
      'head.bias': [6],
      ...batchnorm('bn1', 19),
      ...batchnorm('bn2', 19),
      ...batchnorm('bn3', 19),
    },
    samples: 100,
    ...(moves === undefined ? {} : { moves }),
  };
}

describe.each([...wasmBuilds])('WASM, %s', (_build, engine) => {
  const check = (sketch: Sketch): Promise<void> =>
    expectReferenceSums(engine, randomProblem(sketch), tolerance);

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
  for (const fn of activations) {
    it(`${fn}: ${within}`, () => check(perceptron([17, 65, 5], fn, 100)));
  }

  for (const size of [1, 3, 5, 17, 65]) {
    it(`${size} units: ${within}`, async () => {
      for (const samples of [1, 7, 100]) {
        await check(perceptron([size, size, size], 'tanh', samples));
        await check(perceptron([2, size, size], 'relu', samples));
      }
    });
  }

  for (const loss of ['ce', 'mse', 'bce'] as const) {
    it(`${loss}: ${within}`, async () => {
      for (const outputs of [1, 3, 17]) {
        for (const samples of [1, 7, 100]) {
          const sketch = { ...perceptron([5, 9, outputs], 'silu', samples), loss };
          await check(sketch);
          if (loss !== 'ce') await check({ ...sketch, targets: true });
        }
      }
    });
  }

  it(`residual blocks with batch normalisation: ${within}`, () => check(residualNetwork()));

  it(`directions that move biases alone: ${within}`, () =>
    check(residualNetwork((name) => name.endsWith('.bias'))));

  it(`directions that move running statistics too: ${within}`, () => check(residualNetwork(() => true)));

  it(`directions that move the second half alone: ${within}`, () =>
    check(residualNetwork((name) => /^(bn3|fc3|head)/.test(name))));

  it(`directions that move only the last bias: ${within}`, () =>
    check(residualNetwork((name) => name === 'head.bias')));

  it(`no direction that moves anything: ${within}`, () => check(residualNetwork(() => false)));
});
