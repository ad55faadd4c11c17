import { spell } from '../errors.js';
import type { AddNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';

/** Element-wise sum of two values of one shape. */
export const add: Op<AddNode> = {
  arity: { exactly: 2 },

  parameters: noParameters,

  infer(node, [left, right]) {
    if (spell(left!) !== spell(right!)) {
      throw refuse(node, `inputs have shapes ${spell(left!)} and ${spell(right!)}, which must be equal`);
    }
    return left!;
  },

  multiplyAdds: () => 0,

  forward,
  ...linearly(forward),

  backward({ gradient, gradients }) {
    for (const into of gradients) {
      if (into) for (let i = 0; i < gradient.length; i++) into[i]! += gradient[i]!;
    }
  },
};

function forward({ inputs, output }: Forward<AddNode>): void {
  const left = inputs[0]!;
  const right = inputs[1]!;
  for (let i = 0; i < output.length; i++) output[i] = left[i]! + right[i]!;
}
