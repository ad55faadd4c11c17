import { spell } from '../errors.js';
import { elements, type Shape, type SliceNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';
import { stridedIndices, strides } from './strided.js';

/** Takes start, start + step, … below end along every axis of the sample. */
export const slice: Op<SliceNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    const { start, end, step } = node;
    const fits = input!.every(
      (size, axis) =>
        [start[axis], end[axis], step[axis]].every(Number.isSafeInteger) &&
        start[axis]! >= 0 &&
        start[axis]! < end[axis]! &&
        end[axis]! <= size &&
        step[axis]! >= 1,
    );
    if (!fits || [start, end, step].some((list) => list.length !== input!.length)) {
      throw refuse(
        node,
        `start ${spell(start)}, end ${spell(end)}, step ${spell(step)} do not lie within its input ${spell(input!)}`,
      );
    }
    return input!.map((_, axis) => Math.ceil((end[axis]! - start[axis]!) / step[axis]!));
  },

  multiplyAdds: () => 0,

  forward,
  ...linearly(forward),

  backward({ node, samples, shapes, shape, gradient, gradients: [into] }) {
    if (!into) return;
    const size = elements(shapes[0]!);
    const taken = elements(shape);
    const source = sources(node, shapes[0]!, shape);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < taken; i++) into[s * size + source[i]!]! += gradient[s * taken + i]!;
    }
  },
};

function forward({ node, samples, inputs, shapes, output, shape }: Forward<SliceNode>): void {
  const x = inputs[0]!;
  const size = elements(shapes[0]!);
  const taken = elements(shape);
  const source = sources(node, shapes[0]!, shape);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < taken; i++) output[s * taken + i] = x[s * size + source[i]!]!;
  }
}

/** Where each element that is taken lies in a sample. */
function sources({ start, step }: SliceNode, input: Shape, output: Shape): Uint32Array {
  const origin = strides(input).reduce((sum, stride, axis) => sum + stride * start[axis]!, 0);
  const steps = strides(input).map((stride, axis) => stride * step[axis]!);
  return stridedIndices(output, steps, origin);
}
