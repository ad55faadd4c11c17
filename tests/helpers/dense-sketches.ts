/** Random networks of dense layers, for every engine and kernel that computes such. */
import type { ActivationName } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import type { Sketch } from './random-problem.js';

/** Dense layers of these widths with an activation between any two. */
export function perceptron(widths: readonly number[], fn: ActivationName, samples: number): Sketch {
  const net = new Wiring();
  const parameters: Record<string, readonly number[]> = {};
  let value = 0;
  for (let layer = 1; layer < widths.length; layer++) {
    const name = `fc${layer}`;
    value = net.dense(name, value, true);
    parameters[`${name}.weight`] = [widths[layer]!, widths[layer - 1]!];
    parameters[`${name}.bias`] = [widths[layer]!];
    if (layer < widths.length - 1) value = net.activation(`act${layer}`, value, fn);
  }
  return { input: [widths[0]!], nodes: net.nodes, parameters, samples };
}

/** Shapes of a batch norm's parameters. */
export const batchnorm = (name: string, channels: number): Sketch['parameters'] => ({
  [`${name}.weight`]: [channels],
  [`${name}.bias`]: [channels],
  [`${name}.running_mean`]: [channels],
  [`${name}.running_var`]: [channels],
});

/** Stem, residual blocks of two layers with batch norm each, and a head; only stem and head have biases. */
export function residualBlocks(
  width: number,
  fn: ActivationName,
  blocks: number,
  moves?: Sketch['moves'],
): Sketch {
  const net = new Wiring();
  const parameters: Record<string, readonly number[]> = {
    'stem.weight': [width, 11],
    'stem.bias': [width],
  };
  let value = net.activation('act', net.dense('stem', 0, true), fn);
  for (let i = 0; i < blocks; i++) {
    const before = value;
    for (const half of ['a', 'b']) {
      const [fc, bn] = [`fc${i}${half}`, `bn${i}${half}`];
      parameters[`${fc}.weight`] = [width, width];
      Object.assign(parameters, batchnorm(bn, width));
      value = net.batchnorm(bn, net.dense(fc, value, false));
      if (half === 'b') value = net.add(`add${i}`, value, before);
      value = net.activation(`act${i}${half}`, value, fn);
    }
  }
  net.dense('head', value, true);
  Object.assign(parameters, { 'head.weight': [6, width], 'head.bias': [6] });
  const sketch = { input: [11], nodes: net.nodes, parameters, samples: 90 };
  return moves === undefined ? sketch : { ...sketch, moves };
}
