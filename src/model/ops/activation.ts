import { activations } from '../activations.js';
import type { ActivationNode } from '../graph.js';
import { noParameters, refuse, type Op } from './op.js';

/** A scalar function of every element; the functions themselves are in activations.ts. */
export const activation: Op<ActivationNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    if (!Object.hasOwn(activations, node.fn)) {
      throw refuse(node, `function ${node.fn} is not one of ${Object.keys(activations).join(', ')}`);
    }
    if (!Number.isFinite(node.slope)) throw refuse(node, `slope ${node.slope} must be finite`);
    return input!;
  },

  multiplyAdds: () => 0,

  forward({ node: { fn, slope }, inputs, output }) {
    const { value } = activations[fn];
    const x = inputs[0]!;
    for (let i = 0; i < output.length; i++) output[i] = value(x[i]!, slope);
  },
};
