/** The reference networks from their ONNX files are the presets with the safetensors' weights. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import { readOnnx } from '../../src/io/onnx/import.js';
import type { Model } from '../../src/model/graph.js';
import { presets } from '../../src/model/presets.js';
import { loadGrid, loadNetwork, referenceProblem } from '../helpers/fixtures.js';
import { expectParity } from '../helpers/parity.js';
import { gridPoints } from '../helpers/points.js';

function imported(name: string): Model {
  const file = new URL(`../fixtures/${name}.onnx`, import.meta.url);
  const { model, notices } = readOnnx([{ name: `${name}.onnx`, bytes: new Uint8Array(readFileSync(file)) }]);
  expect(notices).toEqual([]);
  return model;
}

/** What a node computes: not its name, not the slope that its function does not have, not the order of a sum. */
function structure({ nodes }: Model): unknown[] {
  return nodes.map((node) => {
    if (node.op === 'activation') {
      const slope = ['leaky_relu', 'elu'].includes(node.fn) ? node.slope : null;
      return { ...node, name: '', slope };
    }
    return {
      ...node,
      name: '',
      inputs: node.op === 'add' ? [...node.inputs].sort((a, b) => a - b) : node.inputs,
    };
  });
}

/** The bits of float32 numbers, so that −0 and NaN count. */
function bits(data: Float32Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

describe.each(presets.map(({ name }) => name))('%s.onnx', (name) => {
  it('has the parameters of the safetensors file, bit by bit', () => {
    const { parameters } = loadNetwork(name);
    const read = imported(name).parameters;
    expect([...read.keys()].sort()).toEqual([...parameters.keys()].sort());
    for (const [key, { shape, kind, data }] of parameters) {
      const other = read.get(key)!;
      expect({ shape: other.shape, kind: other.kind }, key).toEqual({ shape, kind });
      expect(bits(other.data) === bits(data), key).toBe(true);
    }
  });

  it('is the same graph as the preset, so that every engine computes the same grid', () => {
    const preset = loadNetwork(name);
    const model = imported(name);
    expect(structure(model)).toEqual(structure(preset));
    expect(model.shapes).toEqual(preset.shapes);
  });
});

it('another graph is told apart: skips, and one bit of a weight', () => {
  expect(structure(imported('mlp-plain-relu'))).not.toEqual(structure(loadNetwork('mlp-residual-relu')));
  const { data } = imported('mlp-tanh').parameters.get('head.weight')!;
  const other = data.slice();
  other[3] = Math.fround(other[3]! * (1 + 2 ** -23));
  expect(bits(other) === bits(data)).toBe(false);
});

const minute = 60_000;

it.each(['mlp-tanh', 'bnmlp10-residual'])(
  '%s.onnx on the small grid is within 1e-11 relative + 1e-13 absolute of PyTorch',
  { timeout: minute },
  async (name) => {
    const grid = loadGrid(name, 'small');
    const problem = { ...referenceProblem(name, grid.samples), model: imported(name) };
    const evaluator = await referenceEngine.prepare(problem);
    const sums = await evaluator.evaluate(gridPoints(grid), { first: 0, count: grid.samples });
    evaluator.dispose();
    await expectParity(
      { engine: referenceEngine, problem, grid, sums },
      { relative: 1e-11, absolute: 1e-13 },
      1e-11,
    );
  },
);
