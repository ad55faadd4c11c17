import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build.js';
import { allocateValues, forward } from '../../../src/model/forward.js';
import type { Node } from '../../../src/model/graph.js';
import { ops } from '../../../src/model/ops/index.js';
import { expectClose } from '../../helpers/compare.js';
import { loadOpCase, type OpCase, opCases, samples } from '../../helpers/op-cases.js';

const tolerance = { relative: 1e-14, absolute: 1e-14 };

function run({ model, parameter, input }: OpCase): Float64Array {
  const values = allocateValues(model, samples);
  values[0]!.set(input);
  // What a buffer held before must not matter.
  for (const value of values.slice(1)) value.fill(NaN);
  return forward(model, parameter, values, samples);
}

describe('ops against ONNX’s evaluator and mpmath, within 1e-14 relative + 1e-14 absolute', () => {
  it.each([...opCases.keys()])('%s', (name) => {
    const loaded = loadOpCase(name);
    expect(loaded.model.shapes.at(-1)).toEqual(loaded.shape);
    expectClose(run(loaded), loaded.expected, tolerance, name);
    // The twin: one input element changed must show.
    const perturbed = { ...loaded, input: loaded.input.map((x) => x * 1.001 + 1e-3) };
    expect(() => expectClose(run(perturbed), loaded.expected, tolerance)).toThrow('differ');
  });

  it('covers every op but scale, which ONNX does not have', () => {
    const covered = new Set([...opCases.values()].map(({ node }) => node.op));
    expect(Object.keys(ops).filter((op) => !covered.has(op as Node['op']))).toEqual(['scale']);
  });

  it('scale multiplies, then adds', () => {
    const node: Node = { op: 'scale', name: 'op', inputs: [0], factor: -2, offset: 0.5 };
    const model = buildModel('scale', [3], [node], []);
    const values = allocateValues(model, 1);
    values[0]!.set([1, 0, -4]);
    expect([...forward(model, () => ({ shape: [], data: new Float64Array() }), values, 1)]).toEqual([
      -1.5, 0.5, 8.5,
    ]);
  });

  it('max pooling and relu keep NaN', () => {
    const nodes: Node[] = [
      { op: 'activation', name: 'relu', inputs: [0], fn: 'relu', slope: 0 },
      {
        op: 'pool',
        name: 'pool',
        inputs: [1],
        mode: 'max',
        kernel: [1, 2],
        stride: [1, 2],
        padding: [0, 0, 0, 0],
        dilation: [1, 1],
        ceil: false,
        countPadding: false,
      },
    ];
    const model = buildModel('nan', [1, 1, 4], nodes, []);
    const values = allocateValues(model, 1);
    values[0]!.set([NaN, 1, -3, -Infinity]);
    expect([...forward(model, () => ({ shape: [], data: new Float64Array() }), values, 1)]).toEqual([NaN, 0]);
  });
});
