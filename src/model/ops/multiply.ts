import { spell } from '../errors.js';
import { elements, type MultiplyNode, type Shape } from '../graph.js';
import { noParameters, refuse, type Op } from './op.js';
import { stridedIndices, strides } from './strided.js';

/** Element-wise product; one of the two may have size 1 on an axis and is repeated along it. */
export const multiply: Op<MultiplyNode> = {
  arity: { exactly: 2 },

  parameters: noParameters,

  infer(node, [left, right]) {
    const shape = left!.map((size, axis) => Math.max(size, right![axis] ?? 0));
    const fits = (input: Shape): boolean => input.every((size, axis) => size === shape[axis] || size === 1);
    const oneRepeated = [left!, right!].some((input) => spell(input) === spell(shape));
    if (left!.length !== right!.length || !fits(left!) || !fits(right!) || !oneRepeated) {
      throw refuse(
        node,
        `inputs have shapes ${spell(left!)} and ${spell(right!)}; they must be equal, or one may have size 1 on an axis`,
      );
    }
    return shape;
  },

  multiplyAdds: (_node, _shapes, shape) => elements(shape),

  forward({ samples, inputs, shapes, output, shape }) {
    const left = inputs[0]!;
    const right = inputs[1]!;
    const size = elements(shape);
    const leftIndex = repeated(shapes[0]!, shape);
    const rightIndex = repeated(shapes[1]!, shape);
    const leftSize = elements(shapes[0]!);
    const rightSize = elements(shapes[1]!);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < size; i++) {
        output[s * size + i] = left[s * leftSize + leftIndex[i]!]! * right[s * rightSize + rightIndex[i]!]!;
      }
    }
  },
};

/** For every element of `shape`, the element of a value of shape `input` that is repeated there. */
function repeated(input: Shape, shape: Shape): Uint32Array {
  const steps = strides(input).map((stride, axis) => (input[axis] === 1 ? 0 : stride));
  return stridedIndices(shape, steps, 0);
}
