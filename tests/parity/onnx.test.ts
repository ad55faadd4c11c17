/** Networks as PyTorch exports them, imported and run in float64, against what PyTorch computes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../src/io/npz.js';
import { readOnnx } from '../../src/io/onnx/import.js';
import { elements, type Model, type Parameter } from '../../src/model/graph.js';
import { allocateValues, forward } from '../../src/model/forward.js';
import { expectClose } from '../helpers/compare.js';

const folder = new URL('../fixtures/onnx/', import.meta.url);
const tolerance = { relative: 1e-6, absolute: 1e-6 };

function file(name: string): { name: string; bytes: Uint8Array } {
  return { name, bytes: new Uint8Array(readFileSync(new URL(name, folder))) };
}

/** The model and the data file beside it, if there is one. */
function load(name: string) {
  const data = `${name}.onnx.data`;
  return readOnnx([file(`${name}.onnx`), ...(existsSync(new URL(data, folder)) ? [file(data)] : [])]);
}

function expected(name: string): { x: Float64Array; y: Float64Array; samples: number } {
  const arrays = readNpz(file(`${name}.npz`).bytes, `${name}.npz`);
  const x = arrays.get('x')!;
  const y = arrays.get('y')!;
  return { x: Float64Array.from(x.data), y: Float64Array.from(y.data), samples: x.shape[0]! };
}

function logits(model: Model, x: Float64Array, samples: number, parameters = model.parameters): Float64Array {
  const values = allocateValues(model, samples);
  expect(x.length).toBe(samples * elements(model.shapes[0]!));
  values[0]!.set(x);
  const parameter = (name: string) => {
    const { shape, data } = parameters.get(name)!;
    return { shape, data: Float64Array.from(data) };
  };
  return forward(model, parameter, values, samples);
}

/** All fixtures that PyTorch's own results are beside. */
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

describe('ONNX as PyTorch exports it', () => {
  test('there is a fixture for every spelling', () => {
    expect(names.length).toBeGreaterThanOrEqual(40);
  });

  test.each(names)('%s: logits within 1e-6 of PyTorch in float64', (name) => {
    const { model } = load(name);
    const { x, y, samples } = expected(name);
    expectClose(logits(model, x, samples), y, tolerance, name);
  });

  test.each(names)('%s: a parameter off by 1e-4 is found', (name) => {
    const { model } = load(name);
    const { x, y, samples } = expected(name);
    const last = [...model.parameters.values()].findLast(({ shape }) => shape.length === 2)!;
    const off: Parameter = { ...last, data: last.data.map((value) => value + 1e-4) };
    const parameters = new Map(model.parameters).set(last.name, off);
    expect(() => expectClose(logits(model, x, samples, parameters), y, tolerance, name)).toThrow('differ');
  });

  test.each(names)("%s: the parameters are the state_dict's, in its order", (name) => {
    const known = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as string[];
    expect([...load(name).model.parameters.keys()]).toEqual(known);
  });
});
