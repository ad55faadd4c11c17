import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build.js';
import { ModelError } from '../../../src/model/errors.js';
import type { Node, Parameter, Shape } from '../../../src/model/graph.js';

const parameter = (name: string, shape: Shape, kind: Parameter['kind'] = 'weight'): Parameter => ({
  name,
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  kind,
});
const dense = (change: object = {}): Node =>
  ({ op: 'dense', name: 'fc', inputs: [0], weight: 'w', bias: 'b', ...change }) as Node;
const conv = (change: object = {}): Node =>
  ({
    op: 'conv2d',
    name: 'conv',
    inputs: [0],
    weight: 'k',
    bias: null,
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
    ...change,
  }) as Node;
const pool = (change: object = {}): Node =>
  ({
    op: 'pool',
    name: 'pool',
    inputs: [0],
    mode: 'max',
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    ceil: false,
    countPadding: false,
    ...change,
  }) as Node;
const relu = (name: string, input: number): Node => ({
  op: 'activation',
  name,
  inputs: [input],
  fn: 'relu',
  slope: 0,
});
const weights = [parameter('w', [3, 4]), parameter('b', [3])];
const kernel = parameter('k', [6, 2, 3, 3]);

describe('buildModel', () => {
  it('finds the shape of every value and keeps the order of parameters', () => {
    const model = buildModel('net', [4], [dense(), relu('relu', 1)], weights.toReversed());
    expect(model.shapes).toEqual([[4], [3], [3]]);
    expect([...model.parameters.keys()]).toEqual(['b', 'w']);
  });

  const refusals: [string, Shape, Node[], Parameter[], string][] = [
    ['no nodes', [4], [], [], 'net: the network has no nodes'],
    ['an input shape of 0', [0], [dense()], weights, 'net: input shape [0] must be positive integers'],
    ['a huge input', [2 ** 20, 2 ** 20], [dense()], weights, 'net: input shape'],
    [
      'a repeated node',
      [4],
      [dense(), relu('fc', 1)],
      weights,
      'activation node fc: another node has the same name',
    ],
    ['a repeated parameter', [4], [dense()], [...weights, weights[0]!], 'net: parameter w appears twice'],
    ['a missing parameter', [4], [dense()], [weights[0]!], 'dense node fc: parameter b is missing'],
    [
      'an unused parameter',
      [4],
      [dense()],
      [...weights, parameter('x', [1])],
      'net: no node reads x; leave such parameters out',
    ],
    [
      'a parameter of the wrong length',
      [4],
      [dense()],
      [weights[0]!, { ...weights[1]!, data: new Float32Array(2) }],
      'net: parameter b has 2 values, shape [3] needs 3',
    ],
    [
      'a statistic as weight',
      [4],
      [dense()],
      [weights[0]!, parameter('b', [3], 'statistic')],
      'dense node fc: parameter b is marked statistic, expected weight',
    ],
    [
      'reading ahead',
      [4],
      [dense({ inputs: [1] })],
      weights,
      'dense node fc: reads value 1, but only 0 to 0 exist before it; order the nodes',
    ],
    [
      'too many inputs',
      [4],
      [dense({ inputs: [0, 0] })],
      weights,
      'dense node fc: reads 2 values, expected 1',
    ],
    [
      'a node that nobody reads',
      [4],
      [relu('lost', 0), dense()],
      weights,
      'activation node lost: no node reads its output; leave it out',
    ],
    [
      'an unknown op',
      [4],
      [dense({ op: 'attention' })],
      weights,
      'attention node fc: the op is not one of dense, ',
    ],
    [
      'an unknown activation',
      [4],
      [{ ...relu('a', 0), fn: 'mish' } as unknown as Node],
      [],
      'activation node a: function mish is not one of identity, relu',
    ],
    [
      'dense on an image',
      [4, 1, 1],
      [dense()],
      weights,
      'dense node fc: input has shape [4, 1, 1], expected [features]; put a flatten before it',
    ],
    [
      'a dense of another width',
      [5],
      [dense()],
      weights,
      'dense node fc: weight w has shape [3, 4], expected [out, 5]',
    ],
    [
      'a dense with a wrong bias',
      [4],
      [dense()],
      [weights[0]!, parameter('b', [4])],
      'dense node fc: bias b has shape [4], expected [3]',
    ],
    [
      'conv2d on features',
      [4],
      [conv()],
      [kernel],
      'conv2d node conv: input has shape [4], expected [channels, height, width]',
    ],
    [
      'conv2d of other channels',
      [3, 8, 8],
      [conv()],
      [kernel],
      'conv2d node conv: weight k has shape [6, 2, 3, 3], expected [out, 3, height, width]',
    ],
    [
      'groups that do not divide',
      [3, 8, 8],
      [conv({ groups: 2 })],
      [kernel],
      'conv2d node conv: groups 2 must divide the 3 channels of its input',
    ],
    [
      'a kernel larger than the image',
      [2, 2, 9],
      [conv()],
      [kernel],
      'conv2d node conv: kernel [3, 3] is larger than its padded input [2, 2, 9]',
    ],
    [
      'a stride of 0',
      [2, 8, 8],
      [conv({ stride: [0, 1] })],
      [kernel],
      'conv2d node conv: stride 0 must be a positive integer',
    ],
    [
      'pooling with too much padding',
      [2, 8, 8],
      [pool({ padding: [2, 0, 0, 0] })],
      [],
      'pool node pool: padding 2 is more than half of kernel 2',
    ],
    [
      'adding unequal shapes',
      [2, 4, 4],
      [pool(), { op: 'add', name: 'sum', inputs: [0, 1] }],
      [],
      'add node sum: inputs have shapes [2, 4, 4] and [2, 2, 2], which must be equal',
    ],
    [
      'multiplying what does not repeat',
      [2, 4, 4],
      [pool(), { op: 'multiply', name: 'gate', inputs: [0, 1] }],
      [],
      'multiply node gate: inputs have shapes [2, 4, 4] and [2, 2, 2]; they must be equal, or one may have size 1',
    ],
    [
      'a mean over all axes',
      [4],
      [{ op: 'mean', name: 'm', inputs: [0], axes: [0], keepAxes: false }],
      [],
      'mean node m: no axis of its input [4] is left; keep the axes',
    ],
    [
      'a mean over an axis that is not there',
      [4],
      [{ op: 'mean', name: 'm', inputs: [0], axes: [1], keepAxes: true }],
      [],
      'mean node m: axes [1] must be distinct axes of its input [4]',
    ],
    [
      'joining unequal shapes',
      [2, 4, 4],
      [pool(), { op: 'concat', name: 'cat', inputs: [0, 1], axis: 0 }],
      [],
      'concat node cat: inputs have shapes [2, 4, 4], [2, 2, 2]; all but axis 0 must agree',
    ],
    [
      'negative padding',
      [4],
      [{ op: 'pad', name: 'p', inputs: [0], before: [-1], after: [0], value: 0 }],
      [],
      'pad node p: padding [-1] must have an integer of 0 or more for each axis of its input [4]',
    ],
    [
      'a slice beyond the end',
      [4],
      [{ op: 'slice', name: 's', inputs: [0], start: [1], end: [5], step: [1] }],
      [],
      'slice node s: start [1], end [5], step [1] do not lie within its input [4]',
    ],
    [
      'an infinite factor',
      [4],
      [{ op: 'scale', name: 's', inputs: [0], factor: Infinity, offset: 0 }],
      [],
      'scale node s: factor Infinity and offset 0 must be finite',
    ],
    [
      'batchnorm of other channels',
      [4],
      [
        {
          op: 'batchnorm',
          name: 'bn',
          inputs: [0],
          scale: null,
          shift: null,
          mean: 'm',
          variance: 'v',
          epsilon: 1e-5,
        },
      ],
      [parameter('m', [4], 'statistic'), parameter('v', [3], 'statistic')],
      'batchnorm node bn: v has shape [3], expected [4] as its input has shape [4]',
    ],
  ];

  it.each(refusals)('refuses %s', (_, input, nodes, parameters, message) => {
    let caught: unknown;
    try {
      buildModel('net', input, nodes, parameters);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ModelError);
    expect((caught as ModelError).message).toContain(message);
  });
});
