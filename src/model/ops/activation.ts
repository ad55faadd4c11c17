import { activations } from '../activations.js';
import type { ActivationNode } from '../graph.js';
import { secondParts } from '../jet.js';
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

  tangent({ node: { fn, slope }, inputs, tangents, tangent }) {
    const { derivative, second } = activations[fn];
    const x = inputs[0]!;
    const jet = tangents[0]!;
    const factors = x.map((value) => derivative(value, slope));
    for (const [part, out] of tangent.entries()) {
      const from = jet[part]!;
      for (let i = 0; i < out.length; i++) out[i] = factors[i]! * from[i]!;
    }
    if (tangent.length === 2) return;
    const bends = x.map((value) => second(value, slope));
    for (const [part, left, right] of secondParts) {
      const out = tangent[part]!;
      const [u, v] = [jet[left]!, jet[right]!];
      for (let i = 0; i < out.length; i++) out[i]! += bends[i]! * (u[i]! * v[i]!);
    }
  },

  difference({ node: { fn, slope }, inputs, differences, difference }) {
    const change = activations[fn].difference;
    const x = inputs[0]!;
    const dx = differences[0]!;
    for (let i = 0; i < difference.length; i++) difference[i] = change(x[i]!, dx[i]!, slope);
  },

  backward({ node: { fn, slope }, inputs, gradient, gradients: [into] }) {
    if (!into) return;
    const { derivative } = activations[fn];
    const x = inputs[0]!;
    for (let i = 0; i < gradient.length; i++) into[i]! += gradient[i]! * derivative(x[i]!, slope);
  },
};
