import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import {
  allowedIs,
  autogradNetworks,
  expectAutograd,
  expectDerivatives,
  jetActivations,
  normedPerceptron,
  parts,
  points,
  units,
} from '../helpers/derivatives.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { behindBatchnorm, behindConvolution, imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

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

    it.each(jetActivations)('%s', (fn) =>
      expectDerivatives(engine, randomProblem(normedPerceptron(fn)), points),
    );

    it.each([
      ['mse', 5, false],
      ['mse', 1, false],
      ['mse', 3, true],
      ['bce', 5, false],
      ['bce', 1, false],
      ['ce', 13, false],
    ] as const)('%s of %i outputs, real targets: %s', (loss, outputs, targets) =>
      expectDerivatives(
        engine,
        randomProblem({ ...normedPerceptron('tanh', loss, outputs), targets }),
        points,
      ),
    );

    it.each([
      ['weights alone', (name: string) => name.endsWith('e.weight') || name === 'two.weight'],
      ['biases alone', (name: string) => /(one|two|three)\.bias$/.test(name)],
      ['the last layer alone', (name: string) => name.startsWith('three')],
      ['means too', (name: string) => !name.endsWith('running_var')],
    ] as const)('directions that move %s', (_name, moves) =>
      expectDerivatives(engine, randomProblem({ ...normedPerceptron('gelu'), moves }), points),
    );

    it('directions a millionth and a million times as long', async () => {
      const problem = randomProblem(normedPerceptron('tanh'));
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

    it.each(imageSketches.filter(([name]) => name.startsWith('pool')))(
      '%s, of inputs that move',
      async (_name, sketch) => {
        await expectDerivatives(engine, randomProblem(behindBatchnorm(sketch)), points);
        await expectDerivatives(engine, randomProblem(behindConvolution(sketch)), points);
      },
    );
  },
);

describe(`WASM’s derivatives against PyTorch’s autograd, 2·${units}·2⁻²⁴ per layer and unit of the largest logit`, () => {
  it.each(autogradNetworks)('%s', (name) => expectAutograd(wasmBuilds.get('SIMD')!, name));
});

describe('WASM’s derivatives', () => {
  const engine = wasmBuilds.get('SIMD')!;

  it('are those of float64 where there are no kernels, and say so', async () => {
    const gated = imageSketches.find(([name]) => name.startsWith('gates'))![1];
    const moved = { ...normedPerceptron('relu'), moves: () => true };
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
