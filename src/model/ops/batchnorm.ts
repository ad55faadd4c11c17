import { spell } from '../errors.js';
import { elements, type BatchNormNode } from '../graph.js';
import { refuse, type Op } from './op.js';

/** Batch normalisation in evaluation mode, per feature or per channel (axis 0 of the sample). */
export const batchnorm: Op<BatchNormNode> = {
  arity: { exactly: 1 },

  parameters: ({ scale, shift, mean, variance }) => ({
    weights: [scale, shift].filter((name) => name !== null),
    statistics: [mean, variance],
  }),

  infer(node, [input], parameter) {
    const { scale, shift, mean, variance, epsilon } = node;
    if (!(epsilon >= 0 && epsilon < Infinity)) throw refuse(node, `epsilon ${epsilon} must be 0 or more`);
    for (const name of [scale, shift, mean, variance]) {
      if (name === null) continue;
      const shape = parameter(name).shape;
      if (shape.length !== 1 || shape[0] !== input![0]) {
        throw refuse(
          node,
          `${name} has shape ${spell(shape)}, expected [${input![0]}] as its input has shape ${spell(input!)}`,
        );
      }
    }
    return input!;
  },

  multiplyAdds: (_node, _shapes, shape) => elements(shape),

  forward({ node, samples, inputs, output, shape, parameter }) {
    const x = inputs[0]!;
    const mean = parameter(node.mean).data;
    const variance = parameter(node.variance).data;
    const scale = node.scale === null ? null : parameter(node.scale).data;
    const shift = node.shift === null ? null : parameter(node.shift).data;
    const channels = shape[0]!;
    const area = elements(shape) / channels;
    for (let c = 0; c < channels; c++) {
      const factor = (scale === null ? 1 : scale[c]!) / Math.sqrt(variance[c]! + node.epsilon);
      const offset = shift === null ? 0 : shift[c]!;
      const centre = mean[c]!;
      for (let s = 0; s < samples; s++) {
        const start = (s * channels + c) * area;
        for (let i = start; i < start + area; i++) output[i] = (x[i]! - centre) * factor + offset;
      }
    }
  },
};
