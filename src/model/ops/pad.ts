import { spell } from '../errors.js';
import { elements, type PadNode, type Shape } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';
import { stridedIndices, strides } from './strided.js';

/** Pads every axis of the sample with a constant. */
export const pad: Op<PadNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    const { before, after } = node;
    for (const side of [before, after]) {
      if (
        side.length !== input!.length ||
        !side.every((count) => Number.isSafeInteger(count) && count >= 0)
      ) {
        throw refuse(
          node,
          `padding ${spell(side)} must have an integer of 0 or more for each axis of its input ${spell(input!)}`,
        );
      }
    }
    return input!.map((size, axis) => before[axis]! + size + after[axis]!);
  },

  multiplyAdds: () => 0,

  forward,
  ...linearly((call) => forward({ ...call, node: { ...call.node, value: 0 } })),

  backward({ node, samples, shapes, shape, gradient, gradients: [into] }) {
    if (!into) return;
    const size = elements(shapes[0]!);
    const padded = elements(shape);
    const target = targets(node, shapes[0]!, shape);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < size; i++) into[s * size + i]! += gradient[s * padded + target[i]!]!;
    }
  },
};

function forward({ node, samples, inputs, shapes, output, shape }: Forward<PadNode>): void {
  const x = inputs[0]!;
  const size = elements(shapes[0]!);
  const padded = elements(shape);
  output.fill(node.value);
  const target = targets(node, shapes[0]!, shape);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < size; i++) output[s * padded + target[i]!] = x[s * size + i]!;
  }
}

/** Where each element of a sample goes. */
function targets({ before }: PadNode, input: Shape, output: Shape): Uint32Array {
  const steps = strides(output);
  const origin = steps.reduce((sum, step, axis) => sum + step * before[axis]!, 0);
  return stridedIndices(input, steps, origin);
}
