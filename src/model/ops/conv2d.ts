import { spell } from '../errors.js';
import { elements, type Conv2dNode } from '../graph.js';
import { refuse, type Op } from './op.js';
import { image, insidePlaces, places, windowFault, windows } from './window.js';

/** 2-D cross-correlation with zero padding, as `torch.nn.Conv2d`. */
export const conv2d: Op<Conv2dNode> = {
  arity: { exactly: 1 },

  parameters: ({ weight, bias }) => ({ weights: bias === null ? [weight] : [weight, bias], statistics: [] }),

  infer(node, [input], parameter) {
    const size = image(input!);
    if (size === null) {
      throw refuse(node, `input has shape ${spell(input!)}, expected [channels, height, width]`);
    }
    const [channels, height, width] = size;
    const { groups } = node;
    if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0) {
      throw refuse(node, `groups ${groups} must divide the ${channels} channels of its input`);
    }
    const weight = parameter(node.weight).shape;
    if (weight.length !== 4 || weight[1] !== channels / groups || weight[0]! % groups !== 0) {
      throw refuse(
        node,
        `weight ${node.weight} has shape ${spell(weight)}, expected [out, ${channels / groups}, height, width]` +
          (groups > 1 ? ` with out a multiple of its ${groups} groups` : ''),
      );
    }
    const bias = node.bias === null ? null : parameter(node.bias).shape;
    if (bias !== null && (bias.length !== 1 || bias[0] !== weight[0])) {
      throw refuse(node, `bias ${node.bias} has shape ${spell(bias)}, expected [${weight[0]}]`);
    }
    const [vertical, horizontal] = windows([weight[2]!, weight[3]!], node);
    const fault = windowFault(vertical) ?? windowFault(horizontal);
    if (fault !== null) throw refuse(node, fault);
    const shape = [weight[0]!, places(height, vertical), places(width, horizontal)];
    if (shape[1]! < 1 || shape[2]! < 1) {
      throw refuse(node, `kernel ${spell(weight.slice(2))} is larger than its padded input ${spell(input!)}`);
    }
    return shape;
  },

  multiplyAdds(node, _shapes, shape, parameter) {
    return elements(shape) * elements(parameter(node.weight).shape.slice(1));
  },

  // Tap by tap over whole rows of the output, so that padding costs no test in the inner loop.
  forward({ node, samples, inputs, shapes, output, shape, parameter }) {
    const x = inputs[0]!;
    const { data: weight, shape: weightShape } = parameter(node.weight);
    const bias = node.bias === null ? null : parameter(node.bias).data;
    const [channels, height, width] = image(shapes[0]!)!;
    const [outChannels, outHeight, outWidth] = image(shape)!;
    const [, groupChannels, kernelHeight, kernelWidth] = weightShape as [number, number, number, number];
    const groupOutputs = outChannels / node.groups;
    const [vertical, horizontal] = windows([kernelHeight, kernelWidth], node);
    const stride = horizontal.stride;
    for (let s = 0; s < samples; s++) {
      for (let o = 0; o < outChannels; o++) {
        const plane = (s * outChannels + o) * outHeight * outWidth;
        output.fill(bias === null ? 0 : bias[o]!, plane, plane + outHeight * outWidth);
        const firstChannel = Math.floor(o / groupOutputs) * groupChannels;
        for (let c = 0; c < groupChannels; c++) {
          const inputPlane = (s * channels + firstChannel + c) * height * width;
          for (let ky = 0; ky < kernelHeight; ky++) {
            const [firstRow, endRow] = insidePlaces(height, outHeight, ky, vertical);
            for (let kx = 0; kx < kernelWidth; kx++) {
              const [first, end] = insidePlaces(width, outWidth, kx, horizontal);
              const tap = weight[((o * groupChannels + c) * kernelHeight + ky) * kernelWidth + kx]!;
              for (let row = firstRow; row < endRow; row++) {
                const inputRow = row * vertical.stride + ky * vertical.dilation - vertical.before;
                const from = inputPlane + inputRow * width + kx * horizontal.dilation - horizontal.before;
                const to = plane + row * outWidth;
                for (let i = first; i < end; i++) output[to + i]! += tap * x[from + i * stride]!;
              }
            }
          }
        }
      }
    }
  },
};
