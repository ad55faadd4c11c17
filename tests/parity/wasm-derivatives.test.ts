import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Derivatives, Engine, Points, Problem, SampleRange } from '../../src/engine/engine.js';
import { parametersAt } from '../../src/engine/float64.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { readNpz } from '../../src/io/npz.js';
import { allocateValues, forward } from '../../src/model/forward.js';
import type { LossName } from '../../src/model/data.js';
import type { ActivationName } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { imageSketches } from '../helpers/image-sketches.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const parts = ['a', 'b', 'aa', 'ab', 'bb'] as const;

/**
 * What rounding to float32 may do to a derivative, relative to the sum of the samples' own sizes: each layer passes on its
 * input's error and adds some units of its own, and eᶻ turns an error of the logits into one |z| times as large.
 */
function tolerance({ problem, points }: { problem: Problem; points: Points }): number {
  const { model, data } = problem;
  const layers = model.nodes.filter(({ op }) => op === 'dense' || op === 'conv2d').length;
  let top = 0;
  for (const [p, a] of points.a.entries()) {
    const parameters = parametersAt(problem, a, points.b[p]!);
    const values = allocateValues(model, data.samples);
    values[0]!.set(data.inputs);
    const logits = forward(model, (name) => parameters.get(name)!, values, data.samples);
    for (const z of logits) top = Math.max(top, Math.abs(z));
  }
  return units * 2 ** -24 * (layers + top);
}

const units = 16;

/** Errors of first and second derivatives at each point, in units of what is allowed; `sizes` are those of the samples. */
function excess(actual: Derivatives, expected: Derivatives, sizes: Derivatives, allowed: number): number {
  let worst = 0;
  for (const part of parts) {
    for (const [p, value] of expected[part]?.entries() ?? []) {
      const error = Math.abs(actual[part]![p]! - value);
      worst = Math.max(worst, error === 0 ? 0 : error / (allowed * sizes[part]![p]!));
    }
  }
  return worst;
}

/** Sums over samples of the sizes of their derivatives. */
async function sizesOf(
  problem: Problem,
  points: Points,
  { first, count }: SampleRange,
): Promise<Derivatives> {
  const exact = await referenceEngine.prepare(problem);
  const zeros = () => new Float64Array(points.a.length);
  const sums = { a: zeros(), b: zeros(), aa: zeros(), ab: zeros(), bb: zeros() };
  for (let s = first; s < first + count; s++) {
    const own = await exact.derivatives(points, { first: s, count: 1 }, 2);
    // The largest of an order, as an order's parts are made of the same numbers.
    for (const p of points.a.keys()) {
      const firsts = Math.max(Math.abs(own.a[p]!), Math.abs(own.b[p]!));
      const seconds = Math.max(...[own.aa!, own.ab!, own.bb!].map((part) => Math.abs(part[p]!)));
      for (const part of parts) sums[part][p]! += part.length === 1 ? firsts : seconds;
    }
  }
  exact.dispose();
  return sums;
}

/** Asserts both orders at a few points, on all samples but the first two, and that another point's are refused. */
async function expectDerivatives(engine: Engine, problem: Problem, points: Points): Promise<void> {
  const range = { first: 2, count: problem.data.samples - 2 };
  const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
  expect(evaluator.passes.derivatives).toBe('float32');
  const expected = await exact.derivatives(points, range, 2);
  const sizes = await sizesOf(problem, points, range);
  const allowed = tolerance({ problem, points });
  const second = await evaluator.derivatives(points, range, 2);
  expect(excess(second, expected, sizes, allowed)).toBeLessThan(1);
  const first = await evaluator.derivatives(points, range, 1);
  expect([first.aa, first.ab, first.bb]).toEqual([null, null, null]);
  const gradient = { ...expected, aa: null, ab: null, bb: null };
  expect(excess(first, gradient, sizes, allowed)).toBeLessThan(1);
  // The twin: one sample less.
  const fewer = await evaluator.derivatives(points, { ...range, count: range.count - 1 }, 2);
  expect(excess(fewer, expected, sizes, allowed)).toBeGreaterThan(1);
  evaluator.dispose();
  exact.dispose();
}

const allowedIs = `${units}·2⁻²⁴ per layer and unit of the largest logit, of the sum of the samples’ own sizes`;
const points: Points = { a: Float64Array.of(0, 0.31), b: Float64Array.of(0, -0.2) };

const activations: readonly ActivationName[] = [
  'relu',
  'leaky_relu',
  'tanh',
  'sigmoid',
  'gelu',
  'gelu_tanh',
  'silu',
  'elu',
  'softplus',
  'clipped_relu',
  'hardtanh',
];

/** Dense layers of odd widths around an activation, normalised after the second. */
function perceptron(fn: ActivationName, loss: LossName = 'ce', outputs = 5): Sketch {
  const net = new Wiring();
  const h = net.activation('act', net.dense('one', 0, true), fn);
  const normalised = net.batchnorm('bn', net.dense('two', h, true));
  net.dense('three', net.activation('again', normalised, fn), true);
  return {
    input: [7],
    nodes: net.nodes,
    parameters: {
      'one.weight': [9, 7],
      'one.bias': [9],
      'two.weight': [11, 9],
      'two.bias': [11],
      'bn.weight': [11],
      'bn.bias': [11],
      'bn.running_mean': [11],
      'bn.running_var': [11],
      'three.weight': [outputs, 11],
      'three.bias': [outputs],
    },
    samples: 21,
    loss,
  };
}

describe.each([...wasmBuilds])(
  `WASM, %s: derivatives are within ${allowedIs}, of the float64 pass`,
  (_, engine) => {
    it.each([
      ['mlp-plain-relu', 26],
      ['mlp-residual-relu', 26],
      ['mlp-tanh', 26],
      ['bnmlp10-plain', 26],
      ['bnmlp10-residual', 26],
      ['bnmlp20-plain', 26],
      ['bnmlp20-residual', 26],
    ] as const)('%s, %i samples', async (name, count) => {
      const where = { a: Float64Array.of(0, 0.31, -0.7), b: Float64Array.of(0, -0.2, 0.45) };
      await expectDerivatives(engine, referenceProblem(name, count), where);
    });

    it.each(activations)('%s', (fn) => expectDerivatives(engine, randomProblem(perceptron(fn)), points));

    it.each([
      ['mse', 5, false],
      ['mse', 1, false],
      ['mse', 3, true],
      ['bce', 5, false],
      ['bce', 1, false],
      ['ce', 13, false],
    ] as const)('%s of %i outputs, real targets: %s', (loss, outputs, targets) =>
      expectDerivatives(engine, randomProblem({ ...perceptron('tanh', loss, outputs), targets }), points),
    );

    it.each([
      ['weights alone', (name: string) => name.endsWith('e.weight') || name === 'two.weight'],
      ['biases alone', (name: string) => /(one|two|three)\.bias$/.test(name)],
      ['the last layer alone', (name: string) => name.startsWith('three')],
      ['means too', (name: string) => !name.endsWith('running_var')],
    ] as const)('directions that move %s', (_name, moves) =>
      expectDerivatives(engine, randomProblem({ ...perceptron('gelu'), moves }), points),
    );

    it('directions a millionth and a million times as long', async () => {
      const problem = randomProblem(perceptron('tanh'));
      const times = (direction: Problem['d1'], factor: number) =>
        new Map([...direction].map(([name, values]) => [name, values.map((value) => factor * value)]));
      const other = { ...problem, d1: times(problem.d1, 1e-6), d2: times(problem.d2, 1e6) };
      await expectDerivatives(engine, other, { a: Float64Array.of(3e5), b: Float64Array.of(-2e-7) });
    });

    it.each(
      imageSketches.filter(
        ([name, { nodes }]) => nodes.every(({ op }) => op !== 'multiply') && !name.includes('64×64'),
      ),
    )('%s', (_name, sketch) => expectDerivatives(engine, randomProblem(sketch), points));
  },
);

const file = new URL('../fixtures/derivatives/derivatives.npz', import.meta.url);
const arrays = readNpz(new Uint8Array(readFileSync(file)), 'derivatives.npz');

describe(`WASM’s derivatives against PyTorch’s autograd, 2·${units}·2⁻²⁴ per layer and unit of the largest logit`, () => {
  it.each([...arrays.keys()].filter((key) => !key.endsWith('.samples')))('%s', async (name) => {
    const count = Number(arrays.get(`${name}.samples`)!.data[0]);
    const { data, shape } = arrays.get(name)!;
    const [rows, width] = shape as [number, number];
    const at = (row: number, column: number): number => Number(data[row * width + column]);
    const problem = referenceProblem(name, count);
    const evaluator = await wasmBuilds.get('SIMD')!.prepare(problem);
    for (let row = 0; row < rows; row++) {
      const point = { a: Float64Array.of(at(row, 0)), b: Float64Array.of(at(row, 1)) };
      const actual = await evaluator.derivatives(point, { first: 0, count }, 2);
      const allowed = 2 * tolerance({ problem, points: point });
      for (const order of [parts.slice(0, 2), parts.slice(2)]) {
        const expected = order.map((part) => at(row, 3 + parts.indexOf(part)));
        const largest = Math.max(...expected.map(Math.abs));
        for (const [k, part] of order.entries()) {
          const error = Math.abs(actual[part]![0]! / count - expected[k]!) / largest;
          expect(error, `${part} of row ${row}`).toBeLessThan(allowed);
          // The twin: the derivative of another point.
          const other = at((row + 1) % rows, 3 + parts.indexOf(part)) * (rows === 1 ? 1.001 : 1);
          expect(Math.abs(actual[part]![0]! / count - other) / largest).toBeGreaterThan(allowed);
        }
      }
    }
    evaluator.dispose();
  });
});

describe('WASM’s derivatives', () => {
  const engine = wasmBuilds.get('SIMD')!;

  it('are those of float64 where there are no kernels, and say so', async () => {
    const gated = imageSketches.find(([name]) => name.startsWith('gates'))![1];
    const moved = { ...perceptron('relu'), moves: () => true };
    for (const sketch of [gated, moved]) {
      const problem = randomProblem(sketch);
      const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
      expect(evaluator.passes.derivatives).toBe('float64');
      const range = { first: 1, count: 3 };
      expect(await evaluator.derivatives(points, range, 2)).toEqual(
        await exact.derivatives(points, range, 2),
      );
    }
  });

  it('are those of float64 where float32 overflows', async () => {
    const problem = referenceProblem('mlp-residual-relu', 5);
    const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
    const far = { a: Float64Array.of(0.1, 1e9), b: Float64Array.of(0, 1e9) };
    const range = { first: 0, count: 5 };
    const [actual, expected] = [
      await evaluator.derivatives(far, range, 2),
      await exact.derivatives(far, range, 2),
    ];
    for (const part of parts) expect(actual[part]![1]).toBe(expected[part]![1]);
    expect(actual.a[0]).not.toBe(expected.a[0]);
  });

  it('stop when they are not wanted any more', async () => {
    const evaluator = await engine.prepare(referenceProblem('mlp-tanh', 100));
    const many = new Float64Array(1000);
    const control = new AbortController();
    const pending = evaluator.derivatives({ a: many, b: many }, { first: 0, count: 100 }, 2, control.signal);
    control.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});
