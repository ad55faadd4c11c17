import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chained } from '../../src/engine/webgpu/chain.js';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { lower } from '../../src/engine/webgpu/lower.js';
import type { ActivationName } from '../../src/model/graph.js';
import { perceptron, residualBlocks } from '../helpers/dense-sketches.js';
import { requireEngine } from '../helpers/gpu.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { fewer } from '../helpers/slow.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };
const within = 'within 5e-6 relative + 2e-8 absolute of the reference';

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

describe('webgpu, whole network in one dispatch', () => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine('chain');
  });
  afterAll(() => engine.dispose());
  const check = (sketch: Sketch): Promise<void> => {
    const problem = randomProblem(sketch);
    const { model, data, d1, d2 } = problem;
    // Otherwise the layers' kernels would be what is tested.
    expect(chained(lower(model, [d1, d2], data.samples))?.steps).toHaveLength(1);
    return expectReferenceSums(engine, problem, tolerance);
  };
  const timeout = 240_000;

  it.each(fewer(activations, 'relu', 'tanh', 'gelu', 'softplus'))(`%s: ${within}`, { timeout }, (fn) =>
    check(perceptron([7, 19, 19, 5], fn, 70)),
  );

  // One lane of outputs, all eight, layers wider and narrower than the one before, rests in each.
  const widths = ['3-1-3', '100-64-64-64-10', '9-33-7-41-2', '2-16-8-64'];
  it.each(fewer(widths, '100-64-64-64-10', '9-33-7-41-2'))(`%s: ${within}`, { timeout }, (list) =>
    check(perceptron(list.split('-').map(Number), 'relu', 70)),
  );

  it.each(fewer([1, 4, 257, 600], 257))(`%i samples: ${within}`, { timeout }, (samples) =>
    check(perceptron([5, 9, 9, 3], 'relu', samples)),
  );

  it.each(['mse', 'bce'] as const)(`%s: ${within}`, { timeout }, (loss) =>
    check({ ...perceptron([5, 9, 9, 3], 'silu', 70), loss, targets: true }),
  );

  const moving: readonly (readonly [string, Sketch['moves']])[] = [
    ['all weights', undefined],
    ['running statistics too', () => true],
    ['the stem alone', (name) => name.startsWith('stem')],
  ];
  it.each(moving)(`residual blocks, directions that move %s: ${within}`, { timeout }, (_what, moves) =>
    check(residualBlocks(21, 'relu', 3, moves)),
  );
  it(`residual blocks 64 wide with gelu: ${within}`, { timeout }, () => check(residualBlocks(64, 'gelu', 1)));
});
