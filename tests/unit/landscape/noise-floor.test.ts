import { describe, expect, it } from 'vitest';
import type { Evaluator, Points } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import {
  derivativeFloor,
  DIFFERENCE_FACTOR,
  differenceFloor,
  isDrowned,
  NOISE_FACTOR,
  noiseFloor,
} from '../../../src/landscape/noise-floor.js';
import type { Window } from '../../../src/landscape/scatter.js';
import { referenceProblem } from '../../helpers/fixtures.js';
import { wasmBuilds } from '../../helpers/wasm-builds.js';

const wasm = wasmBuilds.get('SIMD')!;
const minimum = { a: 0, b: 0 };
const generic = { a: 0.31, b: -0.2 };

/** Points all over a window, on no lattice. */
function scattered({ centre, halfWidth }: Window, size: number): Points {
  const at = (middle: number, step: number) =>
    Float64Array.from({ length: size }, (_, i) => middle + halfWidth * (2 * ((i * step) % 1) - 1));
  return { a: at(centre.a, 0.7548776662466927), b: at(centre.b, 0.5698402909980532) };
}

/** Standard deviation of the errors of means over `count` samples. */
function scatter(rounded: Float64Array, truth: Float64Array, count: number): number {
  const errors = rounded.map((value, i) => (value - truth[i]!) / count);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1));
}

/** That of what `evaluator` and `exact` make of the points of a window, as mean losses. */
async function spread(
  evaluator: Evaluator,
  exact: Evaluator,
  window: Window,
  count: number,
): Promise<number> {
  const points = scattered(window, 10);
  const samples = { first: 0, count };
  const [rounded, truth] = [await evaluator.evaluate(points, samples), await exact.evaluate(points, samples)];
  return scatter(rounded.loss, truth.loss, count);
}

function expectWithin(noise: number, truth: number, factor: number): void {
  expect(noise).toBeGreaterThan(truth / factor);
  expect(noise).toBeLessThan(truth * factor);
}

describe(`the noise of WASM’s plain pass is within a factor of ${NOISE_FACTOR} of its errors’ standard deviation, of ${NOISE_FACTOR / 2} up to half-width 0.01`, () => {
  it.each([
    ['mlp-plain-relu', 60, [0.1, 1e-2, 1e-4]],
    ['mlp-residual-relu', 60, [0.1, 1e-2, 1e-4]],
    ['mlp-tanh', 60, [0.1, 1e-2, 1e-4, 1e-6]],
    ['bnmlp10-plain', 60, [0.1, 1e-2, 1e-4]],
    ['bnmlp10-residual', 60, [0.1, 1e-2, 1e-4, 1e-6]],
    ['bnmlp20-plain', 60, [0.1, 1e-2, 1e-4, 1e-6]],
    ['bnmlp20-residual', 60, [0.1, 1e-2, 1e-4]],
    ['resnet20-fashion', 1, [1e-2]],
  ] as const)('%s, %i samples, half-widths %j', { timeout: 60_000 }, async (name, count, halfWidths) => {
    const problem = referenceProblem(name, count);
    const samples = { first: 0, count };
    const evaluator = await wasm.prepare(problem);
    const exact = await referenceEngine.prepare(problem);
    try {
      for (const centre of count === 1 ? [generic] : [minimum, generic]) {
        for (const halfWidth of halfWidths) {
          const window = { centre, halfWidth };
          const { noise } = await noiseFloor(problem, evaluator, window, samples);
          const factor = halfWidth > 0.01 ? NOISE_FACTOR : NOISE_FACTOR / 2;
          expectWithin(noise, await spread(evaluator, exact, window, count), factor);
        }
      }
    } finally {
      evaluator.dispose();
      exact.dispose();
    }
  });

  it('and that of another place, a thousand times as loud, is not', async () => {
    const problem = referenceProblem('bnmlp10-residual', 60);
    const samples = { first: 0, count: 60 };
    const evaluator = await wasm.prepare(problem);
    const exact = await referenceEngine.prepare(problem);
    const { noise } = await noiseFloor(problem, evaluator, { centre: generic, halfWidth: 1e-4 }, samples);
    const truth = await spread(evaluator, exact, { centre: minimum, halfWidth: 1e-4 }, 60);
    expect(() => expectWithin(noise, truth, NOISE_FACTOR)).toThrow('to be less than');
  });
});

const others = [
  ['mlp-plain-relu', 20],
  ['mlp-residual-relu', 20],
  ['mlp-tanh', 20],
  ['bnmlp10-plain', 20],
  ['bnmlp10-residual', 20],
  ['bnmlp20-plain', 10],
  ['bnmlp20-residual', 10],
] as const;

describe(`the noise of WASM’s other passes is near their errors’ standard deviation`, () => {
  const bothOn = async (name: string, count: number) => {
    const problem = referenceProblem(name, count);
    return [problem, await wasm.prepare(problem), await referenceEngine.prepare(problem)] as const;
  };

  it.each(others)(
    `that of differences within a factor of ${DIFFERENCE_FACTOR}, half-widths 1e-2 to 1e-9, and they are never drowned: %s, %i samples`,
    { timeout: 60_000 },
    async (name, count) => {
      const [, evaluator, exact] = await bothOn(name, count);
      const samples = { first: 0, count };
      for (const centre of [minimum, generic]) {
        for (const halfWidth of [1e-2, 1e-4, 1e-6, 1e-9]) {
          const floor = await differenceFloor(evaluator, { centre, halfWidth }, samples);
          const offsets = scattered({ centre: minimum, halfWidth }, 20);
          const [rounded, truth] = [
            await evaluator.differences(centre, offsets, samples),
            await exact.differences(centre, offsets, samples),
          ];
          expectWithin(floor.noise, scatter(rounded.delta, truth.delta, count), DIFFERENCE_FACTOR);
          expect(floor.range / floor.noise).toBeGreaterThan(1e5);
        }
      }
      evaluator.dispose();
      exact.dispose();
    },
  );

  it.each(others)(
    `those of gradients and second derivatives within a factor of ${NOISE_FACTOR}, half-widths 1e-2 to 1e-6: %s, %i samples`,
    { timeout: 60_000 },
    async (name, count) => {
      const [problem, evaluator, exact] = await bothOn(name, count);
      const samples = { first: 0, count };
      for (const centre of [minimum, generic]) {
        for (const halfWidth of [1e-2, 1e-4, 1e-6]) {
          const window = { centre, halfWidth };
          const points = scattered(window, 10);
          const [rounded, truth] = [
            await evaluator.derivatives(points, samples, 2),
            await exact.derivatives(points, samples, 2),
          ];
          const errorOf = (name: 'a' | 'b' | 'aa' | 'ab' | 'bb') =>
            scatter(rounded[name]!, truth[name]!, count);
          const first = await derivativeFloor(problem, evaluator, window, samples, 1);
          expectWithin(first.noise, Math.hypot(errorOf('a'), errorOf('b')), NOISE_FACTOR);
          const second = await derivativeFloor(problem, evaluator, window, samples, 2);
          const norm = Math.hypot(errorOf('aa'), Math.SQRT2 * errorOf('ab'), errorOf('bb'));
          expectWithin(second.noise, norm, NOISE_FACTOR);
        }
      }
      evaluator.dispose();
      exact.dispose();
    },
  );

  it('gradients drown where a minimum is looked at from near by, unless they are in float64; curvature does not', async () => {
    const [problem, evaluator, exact] = await bothOn('mlp-tanh', 60);
    const samples = { first: 0, count: 60 };
    const at = async (on: Evaluator, halfWidth: number, order: 1 | 2) =>
      isDrowned(await derivativeFloor(problem, on, { centre: minimum, halfWidth }, samples, order));
    expect(await at(evaluator, 1e-3, 1)).toBe(false);
    expect(await at(evaluator, 2 ** -30, 1)).toBe(true);
    expect(await at(exact, 2 ** -30, 1)).toBe(false);
    expect(await at(evaluator, 2 ** -30, 2)).toBe(false);
    evaluator.dispose();
    exact.dispose();
  });
});

describe('which pass serves a window', () => {
  const samples = { first: 0, count: 60 };
  const problem = referenceProblem('bnmlp20-plain', 60);

  it('the plain one in float32 as long as its picture has three digits, then the differences', async () => {
    const evaluator = await wasm.prepare(problem);
    const wide = await noiseFloor(problem, evaluator, { centre: generic, halfWidth: 0.1 }, samples);
    expect(wide.pass).toBe('plain');
    expect(isDrowned(wide)).toBe(false);
    const close = await noiseFloor(problem, evaluator, { centre: generic, halfWidth: 2 ** -30 }, samples);
    expect(close.pass).toBe('delta');
    expect(isDrowned(close)).toBe(true);
    expect(close.noise / wide.noise).toBeLessThan(16);
  });

  it('the differences in float64 where an engine has no others', async () => {
    const evaluator = await wasm.prepare(problem);
    const passes = { ...evaluator.passes, differences: 'float64' } as const;
    const without = Object.create(evaluator, { passes: { value: passes } }) as Evaluator;
    const { pass } = await noiseFloor(problem, without, { centre: generic, halfWidth: 2 ** -30 }, samples);
    expect(pass).toBe('float64');
  });

  it('the plain one in float64, whose noise is eight digits smaller', async () => {
    const [rounded, exact] = [await wasm.prepare(problem), await referenceEngine.prepare(problem)];
    const window = { centre: generic, halfWidth: 1e-6 };
    const coarse = await noiseFloor(problem, rounded, window, samples);
    const fine = await noiseFloor(problem, exact, window, samples);
    expect(fine.pass).toBe('plain');
    expect(fine.noise).toBeLessThan(coarse.noise / 1e7);
    expect(isDrowned(fine)).toBe(false);
    expect(Math.abs(fine.range - coarse.range)).toBeLessThan(10 * coarse.noise);
  });

  it('takes a loss that does not change at all as known to its last place', async () => {
    const still = { ...problem, d1: new Map(), d2: new Map() };
    const evaluator = await wasm.prepare(still);
    const { noise, range } = await noiseFloor(still, evaluator, { centre: generic, halfWidth: 1 }, samples);
    expect(range).toBe(0);
    expect(noise).toBeGreaterThan(1e-9);
    expect(noise).toBeLessThan(1e-7);
    expect(isDrowned({ range, noise })).toBe(true);
  });

  it('is plain where the loss is no number', async () => {
    const evaluator = await wasm.prepare(problem);
    const far = await noiseFloor(problem, evaluator, { centre: { a: 1e38, b: 0 }, halfWidth: 1 }, samples);
    expect(far.noise).toBeNaN();
    expect(far.pass).toBe('plain');
    expect(isDrowned(far)).toBe(false);
  });
});
