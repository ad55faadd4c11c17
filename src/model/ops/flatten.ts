import { elements, type FlattenNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, type Op } from './op.js';

/** To one axis, row-major: the numbers stay where they are. */
export const flatten: Op<FlattenNode> = {
  arity: { exactly: 1 },
  parameters: noParameters,
  infer: (_node, [input]) => [elements(input!)],
  multiplyAdds: () => 0,
  forward,
  ...linearly(forward),
  backward({ gradient, gradients: [into] }) {
    if (into) for (let i = 0; i < gradient.length; i++) into[i]! += gradient[i]!;
  },
};

function forward({ inputs, output }: Forward<FlattenNode>): void {
  output.set(inputs[0]!);
}
