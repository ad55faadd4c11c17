import { spell } from '../errors.js';
import { elements, type MultiplyNode, type Shape } from '../graph.js';
import { secondParts } from '../jet.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';
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

  forward(call) {
    const { inputs, output } = call;
    eachProduct(call, (i, left, right) => {
      output[i] = inputs[0]![left]! * inputs[1]![right]!;
    });
  },

  tangent(call) {
    const { inputs, tangents, tangent } = call;
    const [x, y] = [inputs[0]!, inputs[1]!];
    const [u, v] = [tangents[0]!, tangents[1]!];
    eachProduct(call, (i, left, right) => {
      for (let part = 0; part < tangent.length; part++) {
        tangent[part]![i] = u[part]![left]! * y[right]! + x[left]! * v[part]![right]!;
      }
      if (tangent.length === 2) return;
      for (const [part, p, q] of secondParts) {
        tangent[part]![i]! += u[p]![left]! * v[q]![right]! + u[q]![left]! * v[p]![right]!;
      }
    });
  },

  // (x + Δx)(y + Δy) − xy.
  difference(call) {
    const { inputs, differences, difference } = call;
    const [x, y] = [inputs[0]!, inputs[1]!];
    const [dx, dy] = [differences[0]!, differences[1]!];
    eachProduct(call, (i, left, right) => {
      difference[i] = x[left]! * dy[right]! + dx[left]! * (y[right]! + dy[right]!);
    });
  },

  backward(call) {
    const { inputs, gradient, gradients } = call;
    const [x, y] = [inputs[0]!, inputs[1]!];
    const [intoX, intoY] = gradients;
    eachProduct(call, (i, left, right) => {
      if (intoX) intoX[left]! += gradient[i]! * y[right]!;
      if (intoY) intoY[right]! += gradient[i]! * x[left]!;
    });
  },
};

/** Visits every element of the output with the elements of the two inputs it is made of. */
function eachProduct(
  { samples, shapes, shape }: Forward<MultiplyNode>,
  visit: (out: number, left: number, right: number) => void,
): void {
  const size = elements(shape);
  const leftIndex = repeated(shapes[0]!, shape);
  const rightIndex = repeated(shapes[1]!, shape);
  const leftSize = elements(shapes[0]!);
  const rightSize = elements(shapes[1]!);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < size; i++) {
      visit(s * size + i, s * leftSize + leftIndex[i]!, s * rightSize + rightIndex[i]!);
    }
  }
}

/** For every element of `shape`, the element of a value of shape `input` that is repeated there. */
function repeated(input: Shape, shape: Shape): Uint32Array {
  const steps = strides(input).map((stride, axis) => (input[axis] === 1 ? 0 : stride));
  return stridedIndices(shape, steps, 0);
}
