import { addProduct, addTransposedProduct, type Block, multiplyTransposed } from '../../math/matmul.js';
import { spell } from '../errors.js';
import { elements, type DenseNode } from '../graph.js';
import { bilinear } from './bilinear.js';
import { refuse, type Op } from './op.js';

/** y = W·x (+ bias) over the features of a sample. */
export const dense: Op<DenseNode> = {
  arity: { exactly: 1 },

  parameters: ({ weight, bias }) => ({ weights: bias === null ? [weight] : [weight, bias], statistics: [] }),

  infer(node, [input], parameter) {
    const weight = parameter(node.weight).shape;
    if (input!.length !== 1) {
      throw refuse(node, `input has shape ${spell(input!)}, expected [features]; put a flatten before it`);
    }
    if (weight.length !== 2 || weight[1] !== input![0]) {
      throw refuse(node, `weight ${node.weight} has shape ${spell(weight)}, expected [out, ${input![0]}]`);
    }
    const bias = node.bias === null ? null : parameter(node.bias).shape;
    if (bias !== null && (bias.length !== 1 || bias[0] !== weight[0])) {
      throw refuse(node, `bias ${node.bias} has shape ${spell(bias)}, expected [${weight[0]}]`);
    }
    return [weight[0]!];
  },

  multiplyAdds: (node, _shapes, _shape, parameter) => elements(parameter(node.weight).shape),

  ...bilinear<DenseNode>(
    ({ samples, shapes, shape }, weight, x, out) => {
      multiplyTransposed(all(x), all(weight), all(out), samples, shape[0]!, shapes[0]![0]!);
    },
    ({ samples, inputs, shapes, shape, gradient }, weight, byInput, byWeight) => {
      const [width, outputs] = [shapes[0]![0]!, shape[0]!];
      if (byInput) addProduct(all(gradient), all(weight), all(byInput), samples, outputs, width);
      if (byWeight) {
        addTransposedProduct(all(gradient), all(inputs[0]!), all(byWeight), outputs, samples, width);
      }
    },
  ),
};

function all(data: Float64Array): Block {
  return { data, start: 0 };
}
