/** Networks on images that between them have every op and every way in which windows can lie. */
import type { Conv2dNode, Node, PoolNode } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import type { Sketch } from './random-problem.js';

/** Parameters of a batchnorm over so many channels. */
export const channelNorm = (name: string, channels: number): Sketch['parameters'] => ({
  [`${name}.weight`]: [channels],
  [`${name}.bias`]: [channels],
  [`${name}.running_mean`]: [channels],
  [`${name}.running_var`]: [channels],
});

/** A network on images [3, 9, 7]: the nodes under test, then flatten and a dense layer of 4 outputs over `features`. */
export function around(
  nodes: readonly Node[],
  features: number,
  parameters: Sketch['parameters'],
  samples = 11,
): Sketch {
  const last = nodes.length;
  return {
    input: [3, 9, 7],
    nodes: [
      ...nodes,
      { op: 'flatten', name: 'flatten', inputs: [last] },
      { op: 'dense', name: 'head', inputs: [last + 1], weight: 'head.weight', bias: 'head.bias' },
    ],
    parameters: { ...parameters, 'head.weight': [4, features], 'head.bias': [4] },
    samples,
  };
}

/** A 3×3 convolution of the input, but for `options`. */
export function conv(options: Partial<Conv2dNode>): Conv2dNode {
  return {
    op: 'conv2d',
    name: 'conv',
    inputs: [0],
    weight: 'conv.weight',
    bias: 'conv.bias',
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
    ...options,
  };
}

function pool(options: Partial<PoolNode>): PoolNode {
  return {
    op: 'pool',
    name: 'pool',
    inputs: [0],
    mode: 'max',
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    ceil: false,
    countPadding: true,
    ...options,
  };
}

/** Convolutions by what is special about them: options, output shape, shape of the weight. */
const convolutions: readonly (readonly [
  string,
  Partial<Conv2dNode>,
  readonly number[],
  readonly number[],
])[] = [
  ['3×3', {}, [5, 7, 5], [5, 3, 3, 3]],
  ['3×3 with padding', { padding: [1, 1, 1, 1] }, [6, 9, 7], [6, 3, 3, 3]],
  ['1×1', {}, [7, 9, 7], [7, 3, 1, 1]],
  ['stride 2 by 3', { stride: [2, 3], padding: [1, 1, 1, 1] }, [4, 5, 3], [4, 3, 3, 3]],
  ['dilation 2 by 1', { dilation: [2, 1], padding: [2, 0, 1, 1] }, [5, 8, 6], [5, 3, 3, 3]],
  ['uneven padding and kernel', { padding: [0, 2, 1, 0] }, [3, 9, 5], [3, 3, 2, 5]],
  ['one group per channel', { groups: 3, padding: [1, 1, 1, 1] }, [6, 9, 7], [6, 1, 3, 3]],
];

const pools: readonly (readonly [string, Partial<PoolNode>, number])[] = [
  ['max', {}, 3 * 4 * 3],
  ['max, rounding up, padded', { ceil: true, kernel: [3, 3], padding: [1, 1, 1, 1] }, 3 * 5 * 4],
  ['max, dilated', { dilation: [2, 2], stride: [1, 1] }, 3 * 7 * 5],
  ['average', { mode: 'average' }, 3 * 4 * 3],
  ['average, padding counted', { mode: 'average', kernel: [3, 3], padding: [1, 1, 1, 1] }, 3 * 5 * 4],
  [
    'average, padding not counted, rounding up',
    { mode: 'average', kernel: [3, 3], padding: [1, 1, 1, 1], ceil: true, countPadding: false },
    3 * 5 * 4,
  ],
];

/** Everything that moves or joins channels: two branches, a gate, pad, slice and concat. */
function branches(): Sketch {
  const net = new Wiring();
  const stem = net.activation('relu', net.batchnorm('bn', net.conv2d('stem', 0, 3, 1)), 'relu'); // 3
  const gate: readonly Node[] = [
    { op: 'mean', name: 'squeeze', inputs: [stem], axes: [1, 2], keepAxes: true }, // 4
    { op: 'activation', name: 'sigmoid', inputs: [4], fn: 'sigmoid', slope: 0 }, // 5
    { op: 'multiply', name: 'gate', inputs: [stem, 5] }, // 6
    { op: 'multiply', name: 'gate2', inputs: [5, stem] }, // 7
    { op: 'slice', name: 'slice', inputs: [6], start: [1, 0, 1], end: [5, 9, 7], step: [2, 2, 3] }, // 8: [2, 5, 2]
    { op: 'pad', name: 'pad', inputs: [8], before: [0, 1, 2], after: [1, 0, 1], value: -0.75 }, // 9: [3, 6, 5]
    { op: 'slice', name: 'crop', inputs: [7], start: [0, 3, 1], end: [5, 9, 6], step: [1, 1, 1] }, // 10: [5, 6, 5]
    { op: 'concat', name: 'concat', inputs: [9, 10, 9], axis: 0 }, // 11: [11, 6, 5]
    { op: 'scale', name: 'scale', inputs: [11], factor: -1.5, offset: 0.25 }, // 12
    { op: 'concat', name: 'wide', inputs: [12, 11], axis: 2 }, // 13: [11, 6, 10]
    { op: 'mean', name: 'rows', inputs: [13], axes: [1], keepAxes: false }, // 14: [11, 10]
  ];
  return around([...net.nodes, ...gate], 110, { 'stem.weight': [5, 3, 3, 3], ...channelNorm('bn', 5) });
}

/** The same rows under another shape: what comes after a flatten counts in one axis. */
function flattened(): Sketch {
  const nodes: readonly Node[] = [
    { op: 'flatten', name: 'flat', inputs: [0] }, // 1: [189]
    { op: 'slice', name: 'slice', inputs: [1], start: [5], end: [180], step: [7] }, // 2: [25]
    { op: 'concat', name: 'concat', inputs: [2, 1], axis: 0 }, // 3: [214]
    { op: 'multiply', name: 'square', inputs: [3, 3] }, // 4
  ];
  return around(nodes, 214, {});
}

/** A residual block with a projection, as in a ResNet, then a normalisation that stands alone. */
function projection(): Sketch {
  const net = new Wiring();
  const half = net.activation('relu1', net.batchnorm('bn1', net.conv2d('conv1', 0, 3, 2)), 'relu');
  const main = net.batchnorm('bn2', net.conv2d('conv2', half, 3, 1));
  const shortcut = net.batchnorm('bn3', net.conv2d('conv3', 0, 1, 2));
  const block = net.activation('relu2', net.add('add', main, shortcut), 'relu');
  net.mean('mean', net.batchnorm('bn4', block), [1, 2]);
  return around(net.nodes, 6, {
    'conv1.weight': [6, 3, 3, 3],
    'conv2.weight': [6, 6, 3, 3],
    'conv3.weight': [6, 3, 1, 1],
    ...channelNorm('bn1', 6),
    ...channelNorm('bn2', 6),
    ...channelNorm('bn3', 6),
    ...channelNorm('bn4', 6),
  });
}

/** A convolution of more than one tile of pixels and channels. */
function large(): Sketch {
  const net = new Wiring();
  net.mean('mean', net.activation('relu', net.conv2d('conv', 0, 3, 1), 'relu'), [1, 2]);
  const sketch = around(net.nodes, 16, { 'conv.weight': [16, 3, 3, 3] }, 3);
  return { ...sketch, input: [3, 64, 64] };
}

/** By what they are about. */
export const imageSketches: readonly (readonly [name: string, sketch: Sketch])[] = [
  ...convolutions.flatMap(([name, options, shape, weight]): [string, Sketch][] => {
    const features = shape.reduce((product, size) => product * size, 1);
    const parameters = { 'conv.weight': weight, 'conv.bias': [shape[0]!] };
    const sketch = around([conv(options)], features, parameters);
    return [
      [`convolution, ${name}`, sketch],
      [
        `convolution that nothing moves, ${name}`,
        { ...sketch, moves: (parameter) => parameter === 'head.bias' },
      ],
    ];
  }),
  ...pools.map(([name, options, features]): [string, Sketch] => [
    `pool, ${name}`,
    around([pool(options)], features, {}),
  ]),
  ['gates, slices, padding and concatenation', branches()],
  ['slices and concatenation after a flatten', flattened()],
  ['a residual block with projection', projection()],
  ['images of 64×64 in 16 channels', large()],
];

/** The same network behind other nodes, the last of which makes its input. */
function behind(
  { nodes, ...sketch }: Sketch,
  first: readonly Node[],
  parameters: Sketch['parameters'],
): Sketch {
  const later = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((value) => value + first.length),
  }));
  return { ...sketch, nodes: [...first, ...later], parameters: { ...sketch.parameters, ...parameters } };
}

/** The same network behind a batchnorm, so that its input is another one at every point. */
export function behindBatchnorm(sketch: Sketch): Sketch {
  const norm = new Wiring();
  norm.batchnorm('before', 0);
  const { moves } = sketch;
  return {
    ...behind(sketch, norm.nodes, channelNorm('before', sketch.input[0]!)),
    ...(moves ? { moves: (name: string) => name === 'before.bias' || moves(name) } : {}),
  };
}

/** Behind a convolution and a relu: what is largest in a window may be another element at every point, and zeros tie. */
export function behindConvolution(sketch: Sketch): Sketch {
  const stem = new Wiring();
  stem.activation('beforeRelu', stem.conv2d('before', 0, 3, 1, true), 'relu');
  const channels = sketch.input[0]!;
  return behind(sketch, stem.nodes, {
    'before.weight': [channels, channels, 3, 3],
    'before.bias': [channels],
  });
}
