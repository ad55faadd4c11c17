import { expect, test } from 'vitest';
import { networkTable } from '../../../src/cli/inspect.js';
import { buildModel } from '../../../src/model/build.js';
import type { Node, Parameter } from '../../../src/model/graph.js';

function parameter(name: string, shape: number[], kind: Parameter['kind'] = 'weight'): Parameter {
  return { name, shape, kind, data: new Float32Array(shape.reduce((size, n) => size * n, 1)).fill(1) };
}

test('the table lists every node with its shape, parameters, cost and what moves', () => {
  const nodes: Node[] = [
    { op: 'dense', name: 'fc1', inputs: [0], weight: 'fc1.weight', bias: 'fc1.bias' },
    {
      op: 'batchnorm',
      name: 'bn',
      inputs: [1],
      scale: 'bn.weight',
      shift: 'bn.bias',
      mean: 'bn.running_mean',
      variance: 'bn.running_var',
      epsilon: 1e-5,
    },
    { op: 'activation', name: 'act', inputs: [2], fn: 'gelu', slope: 0 },
    { op: 'dense', name: 'fc2', inputs: [3], weight: 'fc2.weight', bias: null },
  ];
  const model = buildModel('tiny', [40], nodes, [
    parameter('fc1.weight', [30, 40]),
    parameter('fc1.bias', [30]),
    parameter('bn.weight', [30]),
    parameter('bn.bias', [30]),
    parameter('bn.running_mean', [30], 'statistic'),
    parameter('bn.running_var', [30], 'statistic'),
    parameter('fc2.weight', [2, 30]),
  ]);
  expect(networkTable(model)).toMatchInlineSnapshot(`
    "op         name  output  parameters  multiply-adds  moves
    input            [40]
    dense      fc1   [30]         1,230          1,200  yes, bias with --bias scale
    batchnorm  bn    [30]           120             30  with --bias scale
    gelu       act   [30]
    dense      fc2   [2]             60             60  yes
    sum        tiny               1,410          1,290
    "
  `);
});
