import { elements, type FlattenNode } from '../graph.js';
import { noParameters, type Op } from './op.js';

/** To one axis, row-major: the numbers stay where they are. */
export const flatten: Op<FlattenNode> = {
  arity: { exactly: 1 },
  parameters: noParameters,
  infer: (_node, [input]) => [elements(input!)],
  multiplyAdds: () => 0,
  forward({ inputs, output }) {
    output.set(inputs[0]!);
  },
};
