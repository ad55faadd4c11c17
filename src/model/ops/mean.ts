import { spell } from '../errors.js';
import { elements, type MeanNode, type Shape } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';
import { stridedIndices, strides } from './strided.js';

/** Mean over some axes of the sample; global average pooling is axes [1, 2]. */
export const mean: Op<MeanNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    const { axes, keepAxes } = node;
    const known = axes.every((axis) => Number.isSafeInteger(axis) && axis >= 0 && axis < input!.length);
    if (axes.length === 0 || !known || new Set(axes).size !== axes.length) {
      throw refuse(node, `axes ${spell(axes)} must be distinct axes of its input ${spell(input!)}`);
    }
    if (!keepAxes && axes.length === input!.length) {
      throw refuse(node, `no axis of its input ${spell(input!)} is left; keep the axes`);
    }
    const shape = input!.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return keepAxes ? shape : shape.filter((_, axis) => !axes.includes(axis));
  },

  multiplyAdds: () => 0,

  forward,
  ...linearly(forward),

  backward({ node, samples, shapes, shape, gradient, gradients: [into] }) {
    if (!into) return;
    const size = elements(shapes[0]!);
    const kept = elements(shape);
    const target = targets(node, shapes[0]!);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < size; i++) into[s * size + i]! += gradient[s * kept + target[i]!]! / (size / kept);
    }
  },
};

function forward({ node, samples, inputs, shapes, output, shape }: Forward<MeanNode>): void {
  const x = inputs[0]!;
  const input = shapes[0]!;
  const size = elements(input);
  const kept = elements(shape);
  output.fill(0);
  const target = targets(node, input);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < size; i++) output[s * kept + target[i]!]! += x[s * size + i]!;
  }
  const count = size / kept;
  for (let i = 0; i < output.length; i++) output[i]! /= count;
}

/** Where each element of a sample goes: its position with the averaged axes left out. */
function targets({ axes }: MeanNode, input: Shape): Uint32Array {
  const withOnes = input.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const steps = strides(withOnes).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  return stridedIndices(input, steps, 0);
}
