import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/engine/wasm/plan.js';
import { prefersWinograd } from '../../src/engine/wasm/winograd.js';
import type { Conv2dNode, Node } from '../../src/model/graph.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };

function conv(name: string, input: number, padding: Conv2dNode['padding'], groups: number): Conv2dNode {
  return {
    op: 'conv2d',
    name,
    inputs: [input],
    weight: `${name}.weight`,
    bias: `${name}.bias`,
    stride: [1, 1],
    padding,
    dilation: [1, 1],
    groups,
  };
}

/** A convolution of 16 channels with normalisation, residual where sizes allow, and activation, then a dense layer. */
function network(size: readonly [number, number], padding: 0 | 1, groups: number): Sketch {
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
      'bn.weight': [16],
      'bn.bias': [16],
      'bn.running_mean': [16],
      'bn.running_var': [16],
      'head.weight': [4, 16 * height * width],
    },
    samples: 11,
  };
}

describe.each([...wasmBuilds])("Winograd's tiles, WASM, %s", (_build, engine) => {
  it.each([
    ['even sizes, padding', network([8, 10], 1, 1)],
    ['odd sizes, padding', network([9, 7], 1, 1)],
    ['no padding', network([8, 9], 0, 1)],
    ['two groups', network([9, 8], 1, 2)],
  ])('%s: within 5e-6 relative + 2e-8 absolute of the reference', async (_name, sketch) => {
    const problem = randomProblem(sketch);
    const { model } = problem;
    const weight = model.parameters.get('conv.weight')!.shape;
    expect(prefersWinograd(model.nodes[1] as Conv2dNode, model.shapes[2]!, weight)).toBe(true);
    expect(makePlan(problem).point.calls.length).toBeLessThan(model.nodes.length);
    await expectReferenceSums(engine, problem, tolerance);
  });
});
