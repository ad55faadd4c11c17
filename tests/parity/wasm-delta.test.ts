import { describe, expect, it } from 'vitest';
import type { Direction, Points, Problem } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const tolerance = 1e-5;
const minimum = { a: 0, b: 0 };
const generic = { a: 0.31, b: -0.2 };
const halfWidths = [1e-1, 1e-2, 1e-3, 1e-6, 1e-9, 1e-12];

/** Offsets all over a window, its corner among them. */
function offsetsIn(halfWidth: number): Points {
  return {
    a: Float64Array.of(-1, 1, 0.3, -0.55, 0).map((x) => x * halfWidth),
    b: Float64Array.of(-1, 0.2, -0.7, 0.9, 0).map((x) => x * halfWidth),
  };
}

/** Largest error over largest |Δ|. */
function error(delta: Float64Array, truth: Float64Array): number {
  const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));
  return largest(delta.map((value, i) => value - truth[i]!)) / largest(truth);
}

describe.each(['SIMD', 'relaxed SIMD'])(
  `%s: differences are within ${tolerance} of the window’s largest of the float64 pass, half-widths 1e-1 to 1e-12`,
  (build) => {
    it.each([
      ['mlp-plain-relu', 12],
      ['mlp-residual-relu', 12],
      ['mlp-tanh', 12],
      ['bnmlp10-plain', 12],
      ['bnmlp10-residual', 12],
      ['bnmlp20-plain', 12],
      ['bnmlp20-residual', 12],
      ['resnet20-fashion', 1],
    ] as const)('%s, %i samples', { timeout: 100_000 }, async (name, count) => {
      const problem = referenceProblem(name, count);
      const samples = { first: 0, count };
      const evaluator = await wasmBuilds.get(build)!.prepare(problem);
      const exact = await referenceEngine.prepare(problem);
      expect(evaluator.passes.differences).toBe('float32');
      for (const centre of count === 1 ? [generic] : [minimum, generic]) {
        for (const halfWidth of count === 1 ? [1e-2] : halfWidths) {
          const offsets = offsetsIn(halfWidth);
          const { delta } = await evaluator.differences(centre, offsets, samples);
          const truth = await exact.differences(centre, offsets, samples);
          const where = `α ${centre.a}, half-width ${halfWidth}`;
          expect(error(delta, truth.delta), where).toBeLessThan(tolerance);
          expect(delta[4]).toBe(0);
          // The twin: a window one ten-thousandth wider.
          const wider = await evaluator.differences(centre, offsetsIn(1.0001 * halfWidth), samples);
          expect(error(wider.delta, truth.delta), `twin at ${where}`).toBeGreaterThan(tolerance);
        }
      }
      evaluator.dispose();
      exact.dispose();
    });
  },
);

/** The reference network's problem with two more directions' worth of moving biases. */
function withBiases(problem: Problem): Problem {
  const moved = (direction: Direction, factor: number): Direction =>
    new Map(
      [...problem.model.parameters.values()].map(({ name, kind, data }) => {
        const own = direction.get(name);
        const isSet = own?.some((value) => value !== 0) ?? false;
        if (isSet || kind === 'statistic' || name.includes('.bn')) return [name, own ?? data.map(() => 0)];
        return [name, data.map((value) => factor * value)];
      }),
    );
  return { ...problem, d1: moved(problem.d1, 0.7), d2: moved(problem.d2, -0.4) };
}

describe('beyond the reference networks, WASM’s differences are within 1e-5 of the largest of the float64 pass', () => {
  const count = 19;
  const samples = { first: 2, count: 15 };
  const offsets = offsetsIn(1e-2);

  async function errorOf(problem: Problem, at: Points = offsets): Promise<number> {
    const [evaluator, exact] = [
      await wasmBuilds.get('SIMD')!.prepare(problem),
      await referenceEngine.prepare(problem),
    ];
    expect(evaluator.passes.differences).toBe('float32');
    const { delta } = await evaluator.differences(generic, at, samples);
    const truth = await exact.differences(generic, at, samples);
    return error(delta, truth.delta);
  }

  it.each(['mse', 'bce', 'ce'] as const)('%s, moving biases', async (loss) => {
    const problem = { ...withBiases(referenceProblem('mlp-residual-relu', count)), loss };
    expect(await errorOf(problem)).toBeLessThan(tolerance);
  });

  it('the curvature too, where the linear part cancels: of Δ(o) + Δ(−o), half-widths 1e-1 to 1e-4', async () => {
    const problem = referenceProblem('mlp-tanh', count);
    const [evaluator, exact] = [
      await wasmBuilds.get('SIMD')!.prepare(problem),
      await referenceEngine.prepare(problem),
    ];
    for (const halfWidth of [1e-1, 1e-2, 1e-3, 1e-4]) {
      const there = offsetsIn(halfWidth);
      const both = {
        a: new Float64Array([...there.a, ...there.a.map((x) => -x)]),
        b: new Float64Array([...there.b, ...there.b.map((x) => -x)]),
      };
      const even = (delta: Float64Array) => delta.subarray(0, 5).map((value, i) => value + delta[5 + i]!);
      const { delta } = await evaluator.differences(minimum, both, samples);
      const truth = await exact.differences(minimum, both, samples);
      expect(error(even(delta), even(truth.delta)), `half-width ${halfWidth}`).toBeLessThan(tolerance);
      const linear = delta.map((value, i) => (value - delta[(i + 5) % 10]!) / 2);
      expect(error(even(linear), even(truth.delta))).toBeGreaterThan(0.9);
    }
  });

  it.each([
    ['leaky_relu', 0.01],
    ['clipped_relu', 1.5],
    ['hardtanh', 0.8],
    ['sigmoid', 0],
    ['silu', 0],
  ] as const)('%s (%f), half-widths 1e-1 to 1e-12', async (fn, slope) => {
    const problem = referenceProblem('mlp-tanh', count);
    const nodes = problem.model.nodes.map((node) =>
      node.op === 'activation' ? { ...node, fn, slope } : node,
    );
    const other = { ...problem, model: { ...problem.model, nodes } };
    for (const halfWidth of halfWidths) {
      expect(await errorOf(other, offsetsIn(halfWidth)), `half-width ${halfWidth}`).toBeLessThan(tolerance);
    }
  });

  const ofImages = imageSketches.filter(
    ([name, { nodes }]) =>
      !name.includes('64×64') &&
      nodes.every((node) => node.op !== 'multiply' && (node.op !== 'pool' || node.mode === 'average')),
  );
  it.each(ofImages)('%s', async (_name, sketch) => {
    const weights = (name: string): boolean => /(conv\d?|head)\.(weight|bias)$/.test(name);
    const problem = randomProblem({ ...sketch, samples: count, moves: sketch.moves ?? weights });
    expect(await errorOf(problem)).toBeLessThan(tolerance);
  });

  it.each(['mlp-tanh', 'mlp-residual-relu'])(
    '%s, whatever was asked before: another centre, other samples, more offsets',
    async (name) => {
      const problem = referenceProblem(name, 150);
      const [evaluator, exact] = [
        await wasmBuilds.get('SIMD')!.prepare(problem),
        await referenceEngine.prepare(problem),
      ];
      const [wide, half] = [offsets, offsetsIn(5e-3)];
      const twice = {
        a: new Float64Array([...half.a, ...wide.a]),
        b: new Float64Array([...half.b, ...wide.b]),
      };
      for (const [centre, first, of] of [
        [generic, 0, 8],
        [generic, 0, 40],
        [generic, 9, 20],
        [minimum, 9, 20],
        [generic, 9, 141],
        [generic, 0, 40],
      ] as const) {
        const range = { first, count: of };
        const { delta } = await evaluator.differences(centre, twice, range);
        const truth = await exact.differences(centre, twice, range);
        expect(error(delta, truth.delta), `samples ${first} on`).toBeLessThan(tolerance);
      }
    },
  );

  it('goes to float64 for what has no kernel, and says so', async () => {
    const problem = referenceProblem('mlp-tanh', count);
    const nodes = problem.model.nodes.map((node) =>
      node.op === 'activation' ? { ...node, fn: 'gelu' as const } : node,
    );
    const other = { ...problem, model: { ...problem.model, nodes } };
    const [evaluator, exact] = [
      await wasmBuilds.get('SIMD')!.prepare(other),
      await referenceEngine.prepare(other),
    ];
    expect(evaluator.passes.differences).toBe('float64');
    expect(await evaluator.differences(generic, offsets, samples)).toEqual(
      await exact.differences(generic, offsets, samples),
    );
  });

  it('is 0 for offsets of 0, and what float64 says where float32 overflows', async () => {
    const problem = referenceProblem('mlp-residual-relu', count);
    const [evaluator, exact] = [
      await wasmBuilds.get('SIMD')!.prepare(problem),
      await referenceEngine.prepare(problem),
    ];
    const zero = { a: new Float64Array(2), b: new Float64Array(2) };
    expect([...(await evaluator.differences(generic, zero, samples)).delta]).toEqual([0, 0]);
    const far = { a: Float64Array.of(1e4), b: Float64Array.of(1e4) };
    const { delta } = await evaluator.differences(generic, far, samples);
    expect(delta).toEqual((await exact.differences(generic, far, samples)).delta);
    expect(delta[0]).toBeGreaterThan(1e40);
  });
});
