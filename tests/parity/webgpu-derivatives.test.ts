import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { LossName } from '../../src/model/data.js';
import {
  allowedIs,
  autogradNetworks,
  expectAutograd,
  expectDerivatives,
  jetActivations,
  normedPerceptron,
  points,
  units,
} from '../helpers/derivatives.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { requireEngine } from '../helpers/gpu.js';
import { behindBatchnorm, imageSketches } from '../helpers/image-sketches.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';

const timeout = 240_000;
/**
 * Set by the test command, which has little time: there each stage is seen once, and on an adapter that is slow (above 1)
 * mostly with the kernels that it is given. A run of this file alone sees every mixture.
 */
const stride = process.env['GRID_STRIDE'];
const isShort = stride !== undefined;
const isSlow = Number(stride ?? 1) > 1;

const losses: readonly (readonly [loss: LossName, outputs: number, targets: boolean])[] = [
  ['mse', 5, false],
  ['mse', 1, false],
  ['mse', 3, true],
  ['bce', 5, false],
  ['bce', 1, false],
  ['ce', 13, false],
];

const moving: readonly (readonly [string, Sketch['moves']])[] = [
  ['biases alone', (name) => /(one|two|three)\.bias$/.test(name)],
  ['the last layer alone', (name) => name.startsWith('three')],
  ['all, running statistics too', () => true],
];

const cases: readonly (readonly [string, Sketch])[] = [
  ...jetActivations.map((fn) => [fn, normedPerceptron(fn)] as const),
  ...losses.map(([loss, outputs, targets]) => {
    const name = `${loss} of ${outputs} outputs${targets ? ', real targets' : ''}`;
    return [name, { ...normedPerceptron('tanh', loss, outputs), targets }] as const;
  }),
  ...moving.map(([name, moves]) => {
    return [`directions that move ${name}`, { ...normedPerceptron('gelu'), moves: moves! }] as const;
  }),
  ...imageSketches
    .filter(([name]) => !name.includes('64×64'))
    // Behind a batchnorm the input of every stage moves.
    .flatMap(([name, sketch]) => [
      [name, sketch] as const,
      [`${name}, input moved`, behindBatchnorm(sketch)] as const,
    ]),
];

/** Every stage of jets once. */
const few = [
  'bce of 5 outputs',
  'directions that move all, running statistics too',
  'gates, slices, padding and concatenation',
  'gates, slices, padding and concatenation, input moved',
  'pool, max, input moved',
];
const seen = isShort ? cases.filter(([name]) => few.includes(name)) : cases;

type Seen = readonly [sketches: typeof cases, autograd: readonly string[]];

/** What each kind of kernels is given. */
const seenBy: Readonly<Record<'tiled' | 'direct', Seen>> = {
  tiled: isSlow
    ? [seen.filter(([name]) => name === 'gates, slices, padding and concatenation, input moved'), []]
    : [seen, ['bnmlp10-residual', 'resnet20-fashion']],
  direct: [seen, isShort ? ['bnmlp10-residual'] : autogradNetworks],
};

describe.each(['tiled', 'direct'] as const)('webgpu, %s', (kernels) => {
  const [sketches, compared] = seenBy[kernels];
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await requireEngine(kernels);
  });
  afterAll(() => engine.dispose());

  it.each(sketches)(
    `%s: derivatives are within ${allowedIs}, of the float64 pass`,
    { timeout },
    (_name, sketch) => expectDerivatives(engine, randomProblem(sketch), points),
  );

  it.each(isShort ? [] : autogradNetworks.filter((name) => !name.startsWith('resnet')))(
    `%s: derivatives are within ${allowedIs}, of the float64 pass`,
    { timeout },
    (name) => expectDerivatives(engine, referenceProblem(name, 26), points),
  );

  it.each(compared)(
    `%s: derivatives are within 2·${units}·2⁻²⁴ per layer and unit of the largest logit of PyTorch’s autograd`,
    { timeout },
    (name) => expectAutograd(engine, name),
  );

  // The rest is the same whatever the kernels.
  if (kernels === 'tiled') return;

  it('derivatives are those of float64 where float32 overflows', { timeout }, async () => {
    const problem = referenceProblem('mlp-residual-relu', 5);
    const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
    const far = { a: Float64Array.of(0.1, 1e9), b: Float64Array.of(0, 1e9) };
    const range = { first: 0, count: 5 };
    const actual = await evaluator.derivatives(far, range, 1);
    const expected = await exact.derivatives(far, range, 1);
    for (const part of ['a', 'b'] as const) expect(actual[part][1]).toBe(expected[part][1]);
    expect(actual.a[0]).not.toBe(expected.a[0]);
    expect(actual.a[0]! / expected.a[0]!).toBeCloseTo(1, 4);
    evaluator.dispose();
  });

  it(
    'do not depend on how long the directions are, and on how points and samples are cut',
    { timeout },
    async () => {
      const problem = randomProblem({ ...normedPerceptron('tanh'), samples: 300 });
      const times = (direction: typeof problem.d1, factor: number) =>
        new Map([...direction].map(([name, values]) => [name, values.map((value) => factor * value)]));
      const other = { ...problem, d1: times(problem.d1, 2 ** -20), d2: times(problem.d2, 2 ** 20) };
      const [one, two] = [await engine.prepare(problem), await engine.prepare(other)];
      const a = Float64Array.from({ length: 3 }, (_, i) => 0.1 * i);
      const scaled = { a: a.map((x) => x * 2 ** 20), b: a.map((x) => x / 2 ** 20) };
      const whole = { first: 0, count: 300 };
      const actual = await two.derivatives(scaled, whole, 1);
      const expected = await one.derivatives({ a, b: a }, whole, 1);
      expect(actual.a.map((x) => x * 2 ** 20)).toEqual(expected.a);
      expect(actual.b.map((x) => x / 2 ** 20)).toEqual(expected.b);
      const halves = await Promise.all(
        [
          { first: 0, count: 151 },
          { first: 151, count: 149 },
        ].map((range) => one.derivatives({ a, b: a }, range, 1)),
      );
      for (const [p, sum] of expected.a.entries()) {
        expect(halves[0]!.a[p]! + halves[1]!.a[p]!).toBeCloseTo(sum, 4);
      }
      for (const evaluator of [one, two]) evaluator.dispose();
    },
  );

  it('derivatives stop when they are not wanted any more', { timeout }, async () => {
    const evaluator = await engine.prepare(referenceProblem('mlp-residual-relu', 5));
    const many = new Float64Array(1000);
    const control = new AbortController();
    const pending = evaluator.derivatives({ a: many, b: many }, { first: 0, count: 5 }, 1, control.signal);
    control.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    evaluator.dispose();
  });
});
