import { spell } from '../errors.js';
import { elements, type ConcatNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';

/** Joins two or more values along an axis of the sample. */
export const concat: Op<ConcatNode> = {
  arity: { atLeast: 2 },

  parameters: noParameters,

  infer(node, inputs) {
    const { axis } = node;
    const first = inputs[0]!;
    const fits = inputs.every(
      (input) => input.length === first.length && input.every((size, i) => i === axis || size === first[i]),
    );
    if (!Number.isSafeInteger(axis) || axis < 0 || axis >= first.length) {
      throw refuse(node, `axis ${axis} is not an axis of its input ${spell(first)}`);
    }
    if (!fits) {
      throw refuse(
        node,
        `inputs have shapes ${inputs.map(spell).join(', ')}; all but axis ${axis} must agree`,
      );
    }
    return first.map((size, i) => (i === axis ? inputs.reduce((sum, input) => sum + input[i]!, 0) : size));
  },

  multiplyAdds: () => 0,

  forward,
  ...linearly(forward),

  backward(call) {
    const { gradient, gradients } = call;
    eachRun(call, (k, from, to, length) => {
      const into = gradients[k];
      if (into) for (let i = 0; i < length; i++) into[from + i]! += gradient[to + i]!;
    });
  },
};

function forward(call: Forward<ConcatNode>): void {
  const { inputs, output } = call;
  eachRun(call, (k, from, to, length) => output.set(inputs[k]!.subarray(from, from + length), to));
}

/** Visits the stretches of the inputs that lie side by side in the output: input, place there, place in the output. */
function eachRun(
  { node: { axis }, samples, shapes, shape }: Forward<ConcatNode>,
  visit: (input: number, from: number, to: number, length: number) => void,
): void {
  const rows = samples * elements(shape.slice(0, axis));
  const width = elements(shape.slice(axis));
  let column = 0;
  for (const [k, input] of shapes.entries()) {
    const length = elements(input.slice(axis));
    for (let row = 0; row < rows; row++) visit(k, row * length, row * width + column, length);
    column += length;
  }
}
