/** What tests of an engine's derivatives share: the float64 pass as truth, and what rounding may do. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Derivatives, Engine, Points, Problem, SampleRange } from '../../src/engine/engine.js';
import { parametersAt } from '../../src/engine/float64.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { readNpz } from '../../src/io/npz.js';
import type { LossName } from '../../src/model/data.js';
import { allocateValues, forward } from '../../src/model/forward.js';
import type { ActivationName } from '../../src/model/graph.js';
import { Wiring } from '../../src/model/wiring.js';
import { referenceProblem } from './fixtures.js';
import type { Sketch } from './random-problem.js';

export const parts = ['a', 'b', 'aa', 'ab', 'bb'] as const;

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

export const units = 16;

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
export async function expectDerivatives(engine: Engine, problem: Problem, points: Points): Promise<void> {
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

const file = new URL('../fixtures/derivatives/derivatives.npz', import.meta.url);
const autograd = readNpz(new Uint8Array(readFileSync(file)), 'derivatives.npz');
/** Networks whose derivatives PyTorch's autograd computed. */
export const autogradNetworks = [...autograd.keys()].filter((key) => !key.endsWith('.samples'));

/** Asserts both orders at every point of the fixture against autograd, and that another point's are refused. */
export async function expectAutograd(engine: Engine, name: string): Promise<void> {
  const count = Number(autograd.get(`${name}.samples`)!.data[0]);
  const { data, shape } = autograd.get(name)!;
  const [rows, width] = shape as [number, number];
  const at = (row: number, column: number): number => Number(data[row * width + column]);
  const problem = referenceProblem(name, count);
  const evaluator = await engine.prepare(problem);
  // Else it would be the float64 pass that is compared.
  if (engine.name !== 'reference') expect(evaluator.passes.derivatives).toBe('float32');
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
}

export const allowedIs = `${units}·2⁻²⁴ per layer and unit of the largest logit, of the sum of the samples’ own sizes`;
export const points: Points = { a: Float64Array.of(0, 0.31), b: Float64Array.of(0, -0.2) };

export const jetActivations: readonly ActivationName[] = [
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
export function normedPerceptron(fn: ActivationName, loss: LossName = 'ce', outputs = 5): Sketch {
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
