import { describe, expect, it } from 'vitest';
import type { Evaluator, Point, Points, Problem, SampleRange } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import {
  errorIn,
  even,
  firstOf,
  generic,
  halfWidths,
  minimum,
  offsetsIn,
  tolerance,
  withBiases,
  withOpposites,
} from '../helpers/differences.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { behindBatchnorm, behindConvolution, imageSketches } from '../helpers/image-sketches.js';
import { randomProblem, type Sketch } from '../helpers/random-problem.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

/** Within which float64's differences are those of its losses, relative to the largest, down to half-widths of 1e-3. */
const digits = 1e-9;
/** Reference networks with so many samples; those of images in fewer windows and at fewer offsets, as float64 takes its time. */
const networks: readonly [name: string, count: number, halfWidths: readonly number[], offsets: number][] = [
  ['mlp-plain-relu', 12, halfWidths, 5],
  ['mlp-residual-relu', 12, halfWidths, 5],
  ['mlp-tanh', 12, halfWidths, 5],
  ['bnmlp10-plain', 12, halfWidths, 5],
  ['bnmlp10-residual', 12, halfWidths, 5],
  ['bnmlp20-plain', 12, halfWidths, 5],
  ['bnmlp20-residual', 12, halfWidths, 5],
  ['resnet20-fashion', 1, [1e-1, 1e-3, 1e-6, 1e-9, 1e-12], 2],
  ['resnet20-noshort-fashion', 1, [1e-1, 1e-3, 1e-6, 1e-9, 1e-12], 2],
];

/** L(centre + offset) − L(centre) by the float64 losses. */
async function subtracted(exact: Evaluator, centre: Point, { a, b }: Points, samples: SampleRange) {
  const there = { a: Float64Array.of(0, ...a), b: Float64Array.of(0, ...b) };
  const moved = { a: there.a.map((x) => centre.a + x), b: there.b.map((x) => centre.b + x) };
  const { loss } = await exact.evaluate(moved, samples);
  return loss.subarray(1).map((value) => value - loss[0]!);
}

it('the centre alone differs from itself by nothing, as fast as any other offset', async () => {
  const problem = referenceProblem('bnmlp10-residual', 64);
  const samples = { first: 0, count: 64 };
  for (const engine of wasmBuilds.values()) {
    const evaluator = await engine.prepare(problem);
    const took = async (...offsets: number[]): Promise<number> => {
      const at = Float64Array.from(offsets);
      const begin = performance.now();
      const { delta } = await evaluator.differences(generic, { a: at, b: at }, samples);
      expect(delta[offsets.indexOf(0)] ?? 0).toBe(0);
      return performance.now() - begin;
    };
    await took(0.01);
    // In float64 it takes a hundred times as long.
    expect(await took(0)).toBeLessThan(20 * (await took(0.01, 0)) + 5);
    evaluator.dispose();
  }
});

describe(`differences of the reference networks at a minimum and at a generic point, half-widths 1e-1 to 1e-12`, () => {
  it.each(networks)(
    `%s, %i samples: float64’s are those of its losses where these have digits, both builds’ within ${tolerance} of the largest`,
    { timeout: 100_000 },
    async (name, count, widths, most) => {
      const problem = referenceProblem(name, count);
      const samples = { first: 0, count };
      const exact = await referenceEngine.prepare(problem);
      const builds = await Promise.all([...wasmBuilds.values()].map((engine) => engine.prepare(problem)));
      for (const centre of [minimum, generic]) {
        for (const halfWidth of widths) {
          const offsets = firstOf(offsetsIn(halfWidth), most);
          const where = `α ${centre.a}, half-width ${halfWidth}`;
          const truth = (await exact.differences(centre, offsets, samples)).delta;
          if (halfWidth >= 1e-3) {
            const plain = await subtracted(exact, centre, offsets, samples);
            expect(errorIn(truth, plain), `float64 at ${where}`).toBeLessThan(digits);
            expect(
              errorIn(
                truth.map((x) => x * (1 + 2 * digits)),
                plain,
              ),
            ).toBeGreaterThan(digits);
          }
          for (const evaluator of builds) {
            expect(evaluator.passes.differences).toBe('float32');
            const { delta } = await evaluator.differences(centre, offsets, samples);
            expect(errorIn(delta, truth), `${evaluator.info.adapter}, ${where}`).toBeLessThan(tolerance);
            // The twin: a window one ten-thousandth wider.
            const wide = firstOf(offsetsIn(1.0001 * halfWidth), most);
            const wider = (await evaluator.differences(centre, wide, samples)).delta;
            expect(errorIn(wider, truth), `twin at ${where}`).toBeGreaterThan(tolerance);
            const still = { a: new Float64Array(1), b: new Float64Array(1) };
            expect([...(await evaluator.differences(centre, still, samples)).delta]).toEqual([0]);
          }
        }
      }
      for (const evaluator of [exact, ...builds]) evaluator.dispose();
    },
  );
});

describe('beyond the reference networks, WASM’s differences are within 1e-5 of the largest of the float64 pass', () => {
  const count = 19;
  const samples = { first: 2, count: 15 };
  const offsets = offsetsIn(1e-2);

  /**
   * The error in a window, and that of Δ(o) + Δ(−o), in which the linear part cancels and remainders alone are left, where
   * float64 still has digits of it.
   */
  async function errorOf(problem: Problem, halfWidth = 1e-2): Promise<number> {
    const [evaluator, exact] = [
      await wasmBuilds.get('SIMD')!.prepare(problem),
      await referenceEngine.prepare(problem),
    ];
    expect(evaluator.passes.differences).toBe('float32');
    const both = withOpposites(offsetsIn(halfWidth));
    const { delta } = await evaluator.differences(generic, both, samples);
    const truth = await exact.differences(generic, both, samples);
    evaluator.dispose();
    exact.dispose();
    const own = errorIn(delta, truth.delta);
    return halfWidth < 1e-6 ? own : Math.max(own, errorIn(even(delta), even(truth.delta)));
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
      const both = withOpposites(offsetsIn(halfWidth));
      const { delta } = await evaluator.differences(minimum, both, samples);
      const truth = await exact.differences(minimum, both, samples);
      expect(errorIn(even(delta), even(truth.delta)), `half-width ${halfWidth}`).toBeLessThan(tolerance);
      const linear = delta.map((value, i) => (value - delta[(i + 5) % 10]!) / 2);
      expect(errorIn(even(linear), even(truth.delta))).toBeGreaterThan(0.9);
    }
  });

  it.each([
    ['leaky_relu', 0.01],
    ['clipped_relu', 1.5],
    ['hardtanh', 0.8],
    ['sigmoid', 0],
    ['silu', 0],
    ['gelu', 0],
    ['gelu_tanh', 0],
    ['elu', 1],
    ['elu', 0.6],
    ['softplus', 0],
  ] as const)('%s (%f), half-widths 1e-1 to 1e-12', async (fn, slope) => {
    const problem = referenceProblem('mlp-tanh', count);
    const nodes = problem.model.nodes.map((node) =>
      node.op === 'activation' ? { ...node, fn, slope } : node,
    );
    const other = { ...problem, model: { ...problem.model, nodes } };
    for (const halfWidth of halfWidths) {
      expect(await errorOf(other, halfWidth), `half-width ${halfWidth}`).toBeLessThan(tolerance);
    }
  });

  const everything = (): boolean => true;
  const ofImages = imageSketches
    .filter(([name]) => !name.includes('64×64'))
    .flatMap(([name, sketch]): [string, Omit<Sketch, 'samples'>][] => {
      const weights = (parameter: string): boolean => /(conv\d?|head)\.(weight|bias)$/.test(parameter);
      const own: [string, typeof sketch] = [name, { ...sketch, moves: sketch.moves ?? weights }];
      if (sketch.moves !== undefined) return [own];
      const behind = behindBatchnorm(sketch);
      return [
        own,
        [`${name}, behind a normalisation whose scale moves`, behind],
        [`${name}, behind one whose variance moves too`, { ...behind, moves: everything }],
        [`${name}, behind a convolution and a relu`, behindConvolution(sketch)],
      ];
    });
  it.each(ofImages)('%s, half-widths 1, 1e-1, 1e-4 and 1e-12', async (_name, sketch) => {
    const problem = randomProblem({ ...sketch, samples: count });
    for (const halfWidth of [1, 1e-1, 1e-4, 1e-12]) {
      expect(await errorOf(problem, halfWidth), `half-width ${halfWidth}`).toBeLessThan(tolerance);
    }
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
        expect(errorIn(delta, truth.delta), `samples ${first} on`).toBeLessThan(tolerance);
      }
    },
  );

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
