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
};

function forward({ node: { axis }, samples, inputs, shapes, output, shape }: Forward<ConcatNode>): void {
  const rows = samples * elements(shape.slice(0, axis));
  const width = elements(shape.slice(axis));
  let column = 0;
  for (const [k, input] of inputs.entries()) {
    const run = elements(shapes[k]!.slice(axis));
    for (let row = 0; row < rows; row++) {
      output.set(input.subarray(row * run, (row + 1) * run), row * width + column);
    }
    column += run;
  }
}
