import { elements, type ScaleNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';

/** y = factor · x + offset with two fixed numbers. */
export const scale: Op<ScaleNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    if (!Number.isFinite(node.factor) || !Number.isFinite(node.offset)) {
      throw refuse(node, `factor ${node.factor} and offset ${node.offset} must be finite`);
    }
    return input!;
  },

  multiplyAdds: (_node, _shapes, shape) => elements(shape),

  forward,
  ...linearly((call) => forward({ ...call, node: { ...call.node, offset: 0 } })),

  backward({ node: { factor }, gradient, gradients: [into] }) {
    if (into) for (let i = 0; i < gradient.length; i++) into[i]! += factor * gradient[i]!;
  },
};

function forward({ node: { factor, offset }, inputs, output }: Forward<ScaleNode>): void {
  const x = inputs[0]!;
  for (let i = 0; i < output.length; i++) output[i] = factor * x[i]! + offset;
}
