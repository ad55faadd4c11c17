import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Point, Points, Problem, SampleRange } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { ActivationName } from '../../src/model/graph.js';
import {
  errorIn,
  even,
  generic,
  halfWidths,
  minimum,
  offsetsIn,
  tolerance,
  withBiases,
  withOpposites,
} from '../helpers/differences.js';
import { referenceProblem } from '../helpers/fixtures.js';
import { requireEngine } from '../helpers/gpu.js';
import { behindConvolution, imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { fewer, isSlow } from '../helpers/slow.js';

const timeout = 240_000;
/** A slow adapter sees each stage and activation once, and with the kernels that are for GPUs one network. */
const widths = fewer(halfWidths, 1e-1, 1e-3, 1e-6, 1e-12);

const networks = [
  'mlp-plain-relu',
  'mlp-residual-relu',
  'mlp-tanh',
  'bnmlp10-plain',
  'bnmlp10-residual',
  'bnmlp20-plain',
  'bnmlp20-residual',
] as const;
/** Two blocks of losses, the second one short. */
const count = 270;
const all = { first: 0, count };
const few = { first: 3, count: 16 };
const window = offsetsIn(1e-2);

/** One corner of a window, and its centre: float64 takes its time for images. */
function atBothEnds(halfWidth: number): Points {
  const { a, b } = offsetsIn(halfWidth);
  return { a: Float64Array.of(a[0]!, 0), b: Float64Array.of(b[0]!, 0) };
}

/** The problem with another activation everywhere. */
function activated(problem: Problem, fn: ActivationName, slope = 0): Problem {
  const nodes = problem.model.nodes.map((node) => (node.op === 'activation' ? { ...node, fn, slope } : node));
  return { ...problem, model: { ...problem.model, nodes } };
}

/** The problem with parameters that move along both directions besides. */
function moving(problem: Problem, ...names: readonly string[]): Problem {
  const own = (factor: number): [string, Float32Array][] =>
    names.map((name) => [name, problem.model.parameters.get(name)!.data.map((x) => factor * x)]);
  return {
    ...problem,
    d1: new Map([...problem.d1, ...own(0.5)]),
    d2: new Map([...problem.d2, ...own(-0.3)]),
  };
}

describe.each(['tiled', 'direct'] as const)(
  `webgpu, %s: differences are within ${tolerance} of the window’s largest of the float64 pass`,
  (kernels) => {
    let engine: WebgpuEngine;
    beforeAll(async () => {
      engine = await requireEngine(kernels);
    });
    afterAll(() => engine.dispose());

    /** For every window at a point, with offsets one ten-thousandth wider as the twin that is beyond it. */
    async function compare(
      problem: Problem,
      centres: readonly Point[],
      windows: readonly Points[],
      samples: SampleRange,
    ): Promise<void> {
      const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
      expect(evaluator.passes.differences).toBe('float32');
      for (const centre of centres) {
        for (const offsets of windows) {
          const where = `at α ${centre.a}, half-width ${Math.abs(offsets.a[0]!)}`;
          const { delta } = await evaluator.differences(centre, offsets, samples);
          const truth = await exact.differences(centre, offsets, samples);
          expect(errorIn(delta, truth.delta), where).toBeLessThan(tolerance);
          expect(delta.at(-1)).toBe(0);
          const wide = { a: offsets.a.map((x) => 1.0001 * x), b: offsets.b.map((x) => 1.0001 * x) };
          const wider = await evaluator.differences(centre, wide, samples);
          expect(errorIn(wider.delta, truth.delta), `twin ${where}`).toBeGreaterThan(tolerance);
        }
      }
      evaluator.dispose();
      exact.dispose();
    }

    const slowly = {
      tiled: ['mlp-tanh'],
      direct: ['mlp-residual-relu', 'mlp-tanh', 'bnmlp20-plain'],
    } as const;
    const seen: readonly string[] = isSlow ? slowly[kernels] : networks;
    it.each(seen)('%s, half-widths 1e-1 to 1e-12, at the minimum and elsewhere', { timeout }, (name) =>
      compare(referenceProblem(name, 20), [minimum, generic], widths.map(offsetsIn), few),
    );

    // The rest is the same whatever the kernels.
    if (kernels === 'tiled') return;

    it('two blocks of losses, a range that begins and ends within one', { timeout }, () =>
      compare(referenceProblem('mlp-tanh', count), [generic], [window], { first: 5, count: count - 7 }),
    );

    const images: readonly (readonly [name: string, sizes: readonly number[]])[] = isSlow
      ? [['resnet20-fashion', [1e-2]]]
      : [
          ['resnet20-fashion', [1e-1, 1e-6, 1e-12]],
          ['resnet20-noshort-fashion', [1e-1, 1e-6, 1e-12]],
        ];
    it.each(images)('%s, one image, half-widths %s', { timeout }, (name, sizes) =>
      compare(referenceProblem(name, 1), [generic], sizes.map(atBothEnds), { first: 0, count: 1 }),
    );

    it.each(['mse', 'bce', 'ce'] as const)('%s, moving biases', { timeout }, (loss) =>
      compare(
        { ...withBiases(referenceProblem('mlp-residual-relu', 20)), loss },
        [generic, minimum],
        [1e-1, 1e-2, 1e-6].map(offsetsIn),
        few,
      ),
    );

    it.each([
      ['leaky_relu', 0.01],
      ['clipped_relu', 1.5],
      ['hardtanh', 0.8],
      ['sigmoid', 0],
      ['silu', 0],
      ['identity', 0],
      ['gelu', 0],
      ['gelu_tanh', 0],
      ['elu', 1],
      ['softplus', 0],
    ] as const)('%s (%f), half-widths 1e-1 to 1e-12', { timeout }, (fn, slope) =>
      compare(activated(referenceProblem('mlp-tanh', 20), fn, slope), [generic], widths.map(offsetsIn), few),
    );

    const sketches = imageSketches.flatMap(([name, sketch]) => [
      [name, sketch] as const,
      ...(name.includes('64×64') ? [] : [[`${name}, input moved`, behindConvolution(sketch)] as const]),
    ]);
    const stages = [
      'convolution, stride 2 by 3, input moved',
      'pool, max, rounding up, padded, input moved',
      'pool, average, input moved',
      'gates, slices, padding and concatenation, input moved',
      'a residual block with projection',
    ];
    const shown = isSlow ? sketches.filter(([name]) => stages.includes(name)) : sketches;
    if (shown.length < stages.length) throw new Error('a sketch has another name');
    it.each(shown)('%s', { timeout }, (_name, sketch) => {
      const weights = (name: string): boolean => /(conv\d?|head|stem|before)\.(weight|bias)$/.test(name);
      const problem = randomProblem({ ...sketch, samples: 20, moves: sketch.moves ?? weights });
      return compare(problem, [generic], [1e-1, 1e-6].map(offsetsIn), few);
    });

    it(
      'the curvature too, where the linear part cancels: of Δ(o) + Δ(−o), half-widths 1e-1 to 1e-4',
      { timeout },
      async () => {
        const problem = referenceProblem('mlp-tanh', 20);
        const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
        for (const halfWidth of [1e-1, 1e-2, 1e-3, 1e-4]) {
          const both = withOpposites(offsetsIn(halfWidth));
          const { delta } = await evaluator.differences(minimum, both, few);
          const truth = await exact.differences(minimum, both, few);
          const where = `half-width ${halfWidth}`;
          expect(errorIn(even(delta), even(truth.delta)), where).toBeLessThan(tolerance);
        }
      },
    );

    it('whatever was asked before or is asked at once', { timeout }, async () => {
      const problem = referenceProblem('mlp-residual-relu', count);
      const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
      const calls = [
        [generic, { first: 0, count: 8 }],
        [generic, { first: 9, count: 200 }],
        [minimum, { first: 9, count: 200 }],
        [generic, all],
      ] as const;
      const answers = await Promise.all(
        calls.map(([centre, range]) => evaluator.differences(centre, window, range)),
      );
      for (const [i, [centre, range]] of calls.entries()) {
        const truth = await exact.differences(centre, window, range);
        expect(errorIn(answers[i]!.delta, truth.delta), `call ${i}`).toBeLessThan(tolerance);
      }
    });

    it('in float64 where a direction moves a variance, with the reason', { timeout }, async () => {
      const other = moving(referenceProblem('bnmlp10-residual', 20), 'blocks.0.bn1.running_var');
      const [evaluator, exact] = [await engine.prepare(other), await referenceEngine.prepare(other)];
      expect(evaluator.passes.differences).toBe('float64');
      expect(evaluator.passes.obstacles?.differences).toBe('a direction moves blocks.0.bn1.running_var');
      expect(await evaluator.differences(generic, window, few)).toEqual(
        await exact.differences(generic, window, few),
      );
    });

    it('scales of normalisations that move, half-widths 1e-1 to 1e-12', { timeout }, () =>
      compare(
        moving(referenceProblem('bnmlp10-residual', 20), 'blocks.0.bn1.weight', 'blocks.3.bn2.weight'),
        [generic, minimum],
        widths.map(offsetsIn),
        few,
      ),
    );

    it('0 for offsets of 0, and what float64 says where float32 overflows', { timeout }, async () => {
      const problem = referenceProblem('mlp-residual-relu', 20);
      const [evaluator, exact] = [await engine.prepare(problem), await referenceEngine.prepare(problem)];
      const zero = { a: new Float64Array(2), b: new Float64Array(2) };
      expect([...(await evaluator.differences(generic, zero, few)).delta]).toEqual([0, 0]);
      const far = { a: Float64Array.of(1e4), b: Float64Array.of(1e4) };
      const { delta } = await evaluator.differences(generic, far, few);
      expect(delta).toEqual((await exact.differences(generic, far, few)).delta);
      expect(delta[0]).toBeGreaterThan(1e40);
    });

    it('not any longer when the work is unwanted', { timeout }, async () => {
      const evaluator = await engine.prepare(referenceProblem('mlp-tanh', 20));
      const controller = new AbortController();
      const call = evaluator.differences(generic, window, few, controller.signal);
      controller.abort();
      await expect(call).rejects.toThrow('aborted');
      // The next one has its turn.
      expect((await evaluator.differences(generic, window, few)).delta.at(-1)).toBe(0);
      evaluator.dispose();
    });
  },
);
