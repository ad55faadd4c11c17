import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpz } from '../../../src/io/npz.js';
import { buildModel } from '../../../src/model/build.js';
import { allocateValues, forward } from '../../../src/model/forward.js';
import type { Model, Node, Parameter, Shape } from '../../../src/model/graph.js';
import { opOf, ops } from '../../../src/model/ops/index.js';
import { expectClose } from '../../helpers/compare.js';

/** Cases computed by ONNX's own evaluator and mpmath; see fixtures/ops/make.py. */
const folder = new URL('../../fixtures/ops/', import.meta.url);
const arrays = readNpz(new Uint8Array(readFileSync(new URL('ops.npz', folder))), 'ops.npz');
const cases = new Map(
  Object.entries(
    JSON.parse(readFileSync(new URL('ops.json', folder), 'utf8')) as Record<
      string,
      { inputs: number; node: Omit<Node, 'name' | 'inputs'> }
    >,
  ),
);

const samples = 2;
const tolerance = { relative: 1e-14, absolute: 1e-14 };

interface Case {
  readonly model: Model;
  readonly parameter: (name: string) => { shape: Shape; data: Float64Array };
  readonly input: Float64Array;
  readonly expected: Float64Array;
  readonly shape: Shape;
}

function float64(name: string): { shape: Shape; data: Float64Array } {
  const found = arrays.get(name)!;
  return { shape: found.shape, data: Float64Array.from(found.data, Number) };
}

/**
 * A network whose last node is the op under test. An op of several inputs gets them as slices of one
 * larger input, since a network has one input.
 */
function load(name: string): Case {
  const { inputs: count, node } = cases.get(name)!;
  const inputs = Array.from({ length: count }, (_, k) => float64(`${name}.in${k}`));
  const { data: expected, shape } = float64(`${name}.out`);
  const values = new Map<string, { shape: Shape; data: Float64Array }>();
  for (let k = count; arrays.has(`${name}.in${k}`); k++)
    values.set(`p${k - count}`, float64(`${name}.in${k}`));
  const statistics = new Set(
    opOf(node as Node).parameters({ ...node, name: 'op', inputs: [] } as Node).statistics,
  );
  const parameters = [...values].map(([parameter, { shape: size, data }]): Parameter => ({
    name: parameter,
    shape: size,
    data: Float32Array.from(data),
    kind: statistics.has(parameter) ? 'statistic' : 'weight',
  }));
  const joined = join(inputs);
  const before = joined.nodes;
  const under = { ...node, name: 'op', inputs: joined.values } as Node;
  const model = buildModel(name, joined.shape, [...before, under], parameters);
  return {
    model,
    parameter: (parameter) => values.get(parameter)!,
    input: joined.data,
    expected,
    shape: shape.slice(1),
  };
}

/** One value that holds all inputs along axis 0 (padded to the largest size elsewhere), and the slices that part them. */
function join(inputs: readonly { shape: Shape; data: Float64Array }[]) {
  if (inputs.length === 1) {
    return { shape: inputs[0]!.shape.slice(1), data: inputs[0]!.data, nodes: [] as Node[], values: [0] };
  }
  const shapes = inputs.map(({ shape }) => shape.slice(1));
  const rank = shapes[0]!.length;
  const outer = Array.from({ length: rank }, (_, axis) =>
    axis === 0 ? shapes.reduce((sum, s) => sum + s[0]!, 0) : Math.max(...shapes.map((s) => s[axis]!)),
  );
  const size = outer.reduce((a, b) => a * b, 1);
  const data = new Float64Array(samples * size);
  const nodes: Node[] = [];
  let first = 0;
  for (const [k, shape] of shapes.entries()) {
    const start = outer.map((_, axis) => (axis === 0 ? first : 0));
    const end = shape.map((length, axis) => start[axis]! + length);
    nodes.push({ op: 'slice', name: `in${k}`, inputs: [0], start, end, step: shape.map(() => 1) });
    place(inputs[k]!.data, shape, data, outer, start);
    first += shape[0]!;
  }
  return { shape: outer, data, nodes, values: shapes.map((_, k) => k + 1) };
}

/** Copies `[samples, ...shape]` into `[samples, ...outer]` at `start`. */
function place(
  from: Float64Array,
  shape: Shape,
  to: Float64Array,
  outer: Shape,
  start: readonly number[],
): void {
  for (let i = 0; i < from.length; i++) {
    let rest = i;
    let index = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += ((rest % shape[axis]!) + start[axis]!) * stride;
      rest = Math.floor(rest / shape[axis]!);
      stride *= outer[axis]!;
    }
    to[rest * stride + index] = from[i]!;
  }
}

function run({ model, parameter, input }: Case): Float64Array {
  const values = allocateValues(model, samples);
  values[0]!.set(input);
  // What a buffer held before must not matter.
  for (const value of values.slice(1)) value.fill(NaN);
  return forward(model, parameter, values, samples);
}

describe('ops against ONNX’s evaluator and mpmath, within 1e-14 relative + 1e-14 absolute', () => {
  it.each([...cases.keys()])('%s', (name) => {
    const loaded = load(name);
    expect(loaded.model.shapes.at(-1)).toEqual(loaded.shape);
    expectClose(run(loaded), loaded.expected, tolerance, name);
    // The twin: one input element changed must show.
    const perturbed = { ...loaded, input: loaded.input.map((x) => x * 1.001 + 1e-3) };
    expect(() => expectClose(run(perturbed), loaded.expected, tolerance)).toThrow('differ');
  });

  it('covers every op but scale, which ONNX does not have', () => {
    const covered = new Set([...cases.values()].map(({ node }) => node.op));
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
