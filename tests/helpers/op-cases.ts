import { readFileSync } from 'node:fs';
import { readNpz } from '../../src/io/npz.js';
import { buildModel } from '../../src/model/build.js';
import type { Model, Node, Parameter, Shape } from '../../src/model/graph.js';
import { opOf } from '../../src/model/ops/index.js';

/** Cases computed by ONNX's own evaluator and mpmath; see fixtures/ops/make.py. */
const folder = new URL('../fixtures/ops/', import.meta.url);
const arrays = readNpz(new Uint8Array(readFileSync(new URL('ops.npz', folder))), 'ops.npz');
export const opCases = new Map(
  Object.entries(
    JSON.parse(readFileSync(new URL('ops.json', folder), 'utf8')) as Record<
      string,
      { inputs: number; node: Omit<Node, 'name' | 'inputs'> }
    >,
  ),
);

/** Samples of every case. */
export const samples = 2;

export interface OpCase {
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
export function loadOpCase(name: string): OpCase {
  const { inputs: count, node } = opCases.get(name)!;
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
