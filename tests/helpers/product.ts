import type { Problem } from '../../src/engine/engine.js';
import { buildModel } from '../../src/model/build.js';

/**
 * The network w1·w2·x with x = y = 1 and both weights 0, on the plane of its weights, with the squared error: at
 * the origin gradient 0 and Hessian [[0, −2], [−2, 0]].
 */
export function productOfTwoWeights(): Problem {
  const weight = (name: string) => ({
    name,
    shape: [1, 1],
    data: new Float32Array(1),
    kind: 'weight' as const,
  });
  const dense = (id: string, input: number) => ({
    op: 'dense' as const,
    name: id,
    inputs: [input],
    weight: `${id}.weight`,
    bias: null,
  });
  const model = buildModel(
    'product',
    [1],
    [dense('first', 0), dense('second', 1)],
    [weight('first.weight'), weight('second.weight')],
  );
  const one = Float32Array.of(1);
  return {
    model,
    d1: new Map([['first.weight', one]]),
    d2: new Map([['second.weight', one]]),
    data: { name: 'one', samples: 1, shape: [1], inputs: one, labels: null, targets: one },
    loss: 'mse',
  };
}
