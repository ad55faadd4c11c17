import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Derivatives, Engine, Points, Problem } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { readNpz } from '../../../src/io/npz.js';
import { buildModel } from '../../../src/model/build.js';
import type { Node, Parameter } from '../../../src/model/graph.js';
import { expectClose } from '../../helpers/compare.js';
import { referenceProblem } from '../../helpers/fixtures.js';
import { wasmBuilds } from '../../helpers/wasm-builds.js';

const file = new URL('../../fixtures/derivatives/derivatives.npz', import.meta.url);
const arrays = readNpz(new Uint8Array(readFileSync(file)), 'derivatives.npz');
const networks = [...arrays.keys()].filter((key) => !key.endsWith('.samples'));

async function derivatives(engine: Engine, problem: Problem, points: Points): Promise<Derivatives> {
  const evaluator = await engine.prepare(problem);
  try {
    return await evaluator.derivatives(points, { first: 0, count: problem.data.samples }, 2);
  } finally {
    evaluator.dispose();
  }
}

describe('derivatives of the reference networks against PyTorch’s autograd, 1e-9 of the point’s largest', () => {
  it.each(networks)('%s', async (name) => {
    const samples = Number(arrays.get(`${name}.samples`)!.data[0]);
    const rows = arrays.get(name)!;
    const [points, width] = rows.shape as [number, number];
    const at = (row: number, column: number): number => Number(rows.data[row * width + column]);
    const column = (k: number) => Float64Array.from({ length: points }, (_, row) => at(row, k));
    const { a, b, aa, ab, bb } = await derivatives(referenceEngine, referenceProblem(name, samples), {
      a: column(0),
      b: column(1),
    });
    for (let row = 0; row < points; row++) {
      const parts = [a, b, aa!, ab!, bb!];
      for (const [from, to] of [
        [0, 2],
        [2, 5],
      ] as const) {
        const actual = parts.slice(from, to).map((part) => part[row]! / samples);
        const expected = actual.map((_, k) => at(row, 3 + from + k));
        const tolerance = { relative: 0, absolute: 1e-9 * Math.max(...expected.map(Math.abs)) };
        expectClose(actual, expected, tolerance, `${name} row ${row}`);
        // The twin: the derivatives of another point.
        const other = expected.map(
          (_, k) => at((row + 1) % points, 3 + from + k) * (points === 1 ? 1.001 : 1),
        );
        expect(() => expectClose(actual, other, tolerance)).toThrow('differ');
      }
    }
  });
});

/** A problem of one sample x with parameters of one number each, moving by 1 along one direction. */
function scalarProblem(
  nodes: readonly Node[],
  start: Record<string, number>,
  along: [string, string],
): Problem {
  const parameters = Object.entries(start).map(([name, value]): Parameter => ({
    name,
    shape: [1, 1],
    data: Float32Array.of(value),
    kind: 'weight',
  }));
  return {
    model: buildModel('scalar', [1], nodes, parameters),
    d1: new Map([[along[0], Float32Array.of(1)]]),
    d2: new Map([[along[1], Float32Array.of(1)]]),
    data: {
      name: 'one',
      samples: 1,
      shape: [1],
      inputs: Float32Array.of(1),
      labels: null,
      targets: Float32Array.of(1),
    },
    loss: 'mse',
  };
}

const dense = (name: string, input: number): Node => {
  return { op: 'dense', name, inputs: [input], weight: name, bias: null };
};

describe.each([
  ['the reference', referenceEngine],
  ['WASM', wasmBuilds.get('SIMD')!],
])('functions known by hand, by %s', (_name, engine) => {
  it('w1·w2·x with x = y = 1: at the origin gradient 0 and Hessian [[0, −2], [−2, 0]]', async () => {
    const problem = scalarProblem([dense('w1', 0), dense('w2', 1)], { w1: 0, w2: 0 }, ['w1', 'w2']);
    const { a, b, aa, ab, bb } = await derivatives(engine, problem, {
      a: Float64Array.of(0, 2),
      b: Float64Array.of(0, 3),
    });
    expect([a[0], b[0], aa![0], ab![0], bb![0]].map((value) => value! + 0)).toEqual([0, 0, 0, -2, 0]);
    // (αβ − 1)² at (2, 3): 2·5·3, 2·5·2; 2·9, 4αβ − 2, 2·4.
    expect([a[1], b[1], aa![1], ab![1], bb![1]]).toEqual([30, 20, 18, 22, 8]);
  });

  it('a linear network with squared error is a quadratic: constant second derivatives, exact to rounding', async () => {
    const nodes: Node[] = [dense('w1', 0), dense('w2', 0), { op: 'add', name: 'sum', inputs: [1, 2] }];
    const problem = scalarProblem(nodes, { w1: 0.5, w2: 0.25 }, ['w1', 'w2']);
    const points = { a: Float64Array.of(0, 1, -7), b: Float64Array.of(0, 0.5, 1e3) };
    const { a, b, aa, ab, bb } = await derivatives(engine, problem, points);
    // (0.5 + α + 0.25 + β − 1)².
    const slope = points.a.map((alpha, i) => 2 * (alpha + points.b[i]! - 0.25));
    expect([...a]).toEqual([...slope]);
    expect([...b]).toEqual([...slope]);
    for (const part of [aa!, ab!, bb!]) expect([...part]).toEqual([2, 2, 2]);
  });

  it('gives first derivatives alone when asked for the first order, within 1e-6 the same ones', async () => {
    const problem = referenceProblem('mlp-tanh', 5);
    const evaluator = await engine.prepare(problem);
    const point = { a: Float64Array.of(0.3), b: Float64Array.of(-0.1) };
    const samples = { first: 1, count: 3 };
    const both = await evaluator.derivatives(point, samples, 2);
    const { a, b, ...seconds } = await evaluator.derivatives(point, samples, 1);
    expect(seconds).toEqual({ aa: null, ab: null, bb: null });
    expectClose([...a, ...b], [...both.a, ...both.b], { relative: 1e-6, absolute: 0 });
    await expect(evaluator.derivatives(point, { first: 0, count: 6 }, 1)).rejects.toThrow(RangeError);
  });
});
