/** Networks with a convolution that Winograd's tiles suit, on images of any size. */
import type { Conv2dNode, Node } from '../../src/model/graph.js';
import { channelNorm, conv as convolution } from './image-sketches.js';
import type { Sketch } from './random-problem.js';

/** A convolution of 16 channels with normalisation, residual where sizes allow, and activation, then a dense layer. */
function tiledNetwork(size: readonly [number, number], padding: 0 | 1, groups: number): Sketch {
  const [height, width] = size.map((side) => side + 2 * padding - 2) as [number, number];
  const nodes: Node[] = [
    conv('widen', 0, [1, 1, 1, 1], 1),
    conv('conv', 1, [padding, padding, padding, padding], groups),
    {
      op: 'batchnorm',
      name: 'bn',
      inputs: [2],
      scale: 'bn.weight',
      shift: 'bn.bias',
      mean: 'bn.running_mean',
      variance: 'bn.running_var',
      epsilon: 1e-5,
    },
  ];
  if (padding === 1) nodes.push({ op: 'add', name: 'add', inputs: [3, 1] });
  nodes.push({ op: 'activation', name: 'act', inputs: [nodes.length], fn: 'leaky_relu', slope: 0.1 });
  nodes.push({ op: 'flatten', name: 'flatten', inputs: [nodes.length] });
  nodes.push({ op: 'dense', name: 'head', inputs: [nodes.length], weight: 'head.weight', bias: null });
  return {
    input: [2, ...size],
    nodes,
    parameters: {
      'widen.weight': [16, 2, 3, 3],
      'widen.bias': [16],
      'conv.weight': [16, 16 / groups, 3, 3],
      'conv.bias': [16],
      ...channelNorm('bn', 16),
      'head.weight': [4, 16 * height * width],
    },
    samples: 11,
  };
}

function conv(name: string, input: number, padding: Conv2dNode['padding'], groups: number): Conv2dNode {
  const own = { name, inputs: [input], weight: `${name}.weight`, bias: `${name}.bias` };
  return convolution({ ...own, padding, groups });
}

/** By what they put to the test. */
export const tiledSketches: readonly (readonly [name: string, sketch: Sketch])[] = [
  ['even sizes, padding', tiledNetwork([8, 10], 1, 1)],
  ['odd sizes, padding', tiledNetwork([9, 7], 1, 1)],
  ['no padding', tiledNetwork([8, 9], 0, 1)],
  ['two groups', tiledNetwork([9, 8], 1, 2)],
];
