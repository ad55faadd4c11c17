import { spell } from '../errors.js';
import { elements, type SliceNode } from '../graph.js';
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
};

function forward({
  node: { start, step },
  samples,
  inputs,
  shapes,
  output,
  shape,
}: Forward<SliceNode>): void {
  const x = inputs[0]!;
  const input = shapes[0]!;
  const size = elements(input);
  const taken = elements(shape);
  const origin = strides(input).reduce((sum, stride, axis) => sum + stride * start[axis]!, 0);
  const steps = strides(input).map((stride, axis) => stride * step[axis]!);
  const source = stridedIndices(shape, steps, origin);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < taken; i++) output[s * taken + i] = x[s * size + source[i]!]!;
  }
}
