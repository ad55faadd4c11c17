import { addProduct, addTransposedProduct, multiplyTransposed } from '../../math/matmul.js';
import { spell } from '../errors.js';
import { elements, type Conv2dNode, type Shape } from '../graph.js';
import { bilinear } from './bilinear.js';
import { type Backward, type Forward, refuse, type Op } from './op.js';
import { image, places, windowFault, windows } from './window.js';

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

  ...bilinear(product, adjoint),
};

/** As a product of matrices: weights [out, taps] by the patches of the image [positions, taps]. */
function product(call: Forward<Conv2dNode>, weight: Float64Array, x: Float64Array, out: Float64Array): void {
  eachGroup(call, ({ sources, origin, weights, outputs, at, positions, taps }) => {
    const patches = { data: gather(x, origin, sources), start: 0 };
    multiplyTransposed(
      { data: weight, start: weights },
      patches,
      { data: out, start: at },
      outputs,
      positions,
      taps,
    );
  });
}

/** The same matrices on the way back; what reaches a patch is added to the image where the patch was read. */
function adjoint(
  call: Backward<Conv2dNode>,
  weight: Float64Array,
  byInput: Float64Array | null,
  byWeight: Float64Array | null,
): void {
  eachGroup(call, ({ sources, origin, weights, outputs, at, positions, taps }) => {
    const gradient = { data: call.gradient, start: at };
    if (byWeight) {
      const patches = { data: gather(call.inputs[0]!, origin, sources), start: 0 };
      addProduct(gradient, patches, { data: byWeight, start: weights }, outputs, positions, taps);
    }
    if (!byInput) return;
    const byPatches = { data: new Float64Array(sources.length), start: 0 };
    addTransposedProduct(gradient, { data: weight, start: weights }, byPatches, positions, outputs, taps);
    for (let i = 0; i < sources.length; i++) {
      if (sources[i]! !== outside) byInput[origin + sources[i]!]! += byPatches.data[i]!;
    }
  });
}

/** One group of channels of one sample. */
interface Group {
  /** For every position and tap the element that is read, from `origin` on. */
  readonly sources: Int32Array;
  readonly origin: number;
  /** Where its weights [outputs, taps] and its output [outputs, positions] start. */
  readonly weights: number;
  readonly at: number;
  readonly outputs: number;
  readonly positions: number;
  readonly taps: number;
}

function eachGroup(
  { node, samples, shapes, shape, parameter }: Forward<Conv2dNode>,
  visit: (group: Group) => void,
): void {
  const weightShape = parameter(node.weight).shape;
  const taps = elements(weightShape.slice(1));
  const outputs = shape[0]! / node.groups;
  const positions = shape[1]! * shape[2]!;
  const sources = patchSources(node, weightShape, shapes[0]!, shape);
  const inputSize = elements(shapes[0]!);
  for (let s = 0; s < samples; s++) {
    for (let g = 0; g < node.groups; g++) {
      const origin = s * inputSize + g * (inputSize / node.groups);
      const at = (s * node.groups + g) * outputs * positions;
      visit({ sources, origin, weights: g * outputs * taps, at, outputs, positions, taps });
    }
  }
}

/** The patches [positions, taps] of a group. */
function gather(x: Float64Array, origin: number, sources: Int32Array): Float64Array {
  const patches = new Float64Array(sources.length);
  for (let i = 0; i < patches.length; i++) {
    const source = sources[i]!;
    patches[i] = source === outside ? 0 : x[origin + source]!;
  }
  return patches;
}

/** Where a patch has padding instead of an element of the image. */
const outside = -1;

/** For every position of the output and every tap of the kernel, the element of a group's channels it reads. */
function patchSources(node: Conv2dNode, weight: Shape, input: Shape, output: Shape): Int32Array {
  const [, channels, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const [, height, width] = image(input)!;
  const [, rows, columns] = image(output)!;
  const [vertical, horizontal] = windows([kernelHeight, kernelWidth], node);
  const sources = new Int32Array(rows * columns * channels * kernelHeight * kernelWidth);
  let i = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let c = 0; c < channels; c++) {
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = row * vertical.stride + ky * vertical.dilation - vertical.before;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = column * horizontal.stride + kx * horizontal.dilation - horizontal.before;
            const inside = y >= 0 && y < height && x >= 0 && x < width;
            sources[i++] = inside ? (c * height + y) * width + x : outside;
          }
        }
      }
    }
  }
  return sources;
}
