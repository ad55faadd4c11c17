/** Accuracy of the kernels' elementary functions, in units in the last place of the float32 next to the truth. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../../src/engine/wasm/kernels.js';
import { instantiate, type Build } from '../../../src/engine/wasm/modules.js';
import { activations } from '../../../src/model/activations.js';
import type { ActivationName } from '../../../src/model/graph.js';
import { crossEntropy, isCorrect } from '../../../src/model/losses.js';
import '../../helpers/wasm-builds.js';

type Kernel = Exclude<ActivationName, 'identity'>;

/** Addresses that the tests use. */
const labelsAt = 64;
const sumsAt = 128;
const dataAt = 4096;

const float32 = new Float32Array(1);
const bits = new Int32Array(float32.buffer);

/** Distance of neighbouring float32 at x; that of the subnormals near 0. */
function ulp(x: number): number {
  float32[0] = Math.min(Math.abs(x), 3.4e38);
  const exponent = Math.max(1, bits[0]! >> 23);
  return 2 ** (exponent - 150);
}

/** Float32 numbers all over [from, to], with those next to 0 densest; a multiple of 4. */
function numbers(from: number, to: number): Float32Array {
  const linear = Array.from({ length: 4000 }, (_, i) => from + ((to - from) * (i + 0.37)) / 4000);
  const powers = Array.from({ length: 1200 }, (_, i) => 10 ** (-36 + i * 0.03));
  const small = powers.flatMap((x) => [x, -x]).filter((x) => x > from && x < to);
  const all = [...linear, ...small];
  return Float32Array.from(all.slice(0, all.length - (all.length % 4)));
}

/** The largest error of y = fn(x) in ulp. */
function errors(fn: Kernel, x: Float32Array, y: Float32Array, slope: number): number {
  return x.reduce((most, value, i) => {
    const truth = activations[fn].value(value, slope);
    return Math.max(most, Math.abs(y[i]! - truth) / ulp(truth));
  }, 0);
}

describe.each(['simd128', 'relaxed'] as const)('elementary functions, %s build', (build: Build) => {
  let kernels: Kernels;
  let memory: WebAssembly.Memory;
  beforeAll(async () => {
    ({ kernels, memory } = await instantiate(build, 2 ** 20));
  });

  function apply(fn: Kernel, x: Float32Array, slope: number): Float32Array {
    const view = new Float32Array(memory.buffer, dataAt, x.length);
    view.set(x);
    kernels[fn](dataAt, dataAt, 4 * x.length, slope);
    return view.slice();
  }

  function worst(fn: Kernel, from: number, to: number): number {
    const x = numbers(from, to);
    return errors(fn, x, apply(fn, x, 0.25), 0.25);
  }

  const bounds = [
    ['relu', 0.01],
    ['leaky_relu', 0.51],
    ['tanh', 2.5],
    ['sigmoid', 1.6],
    ['silu', 3],
    ['elu', 1],
    ['softplus', 1.3],
    ['clipped_relu', 0.01],
    ['hardtanh', 0.01],
    ['gelu', 6],
  ] as const;
  it.each(bounds)('%s is within %f ulp on [−80, 80]', (fn, bound) => {
    expect(worst(fn, -80, 80)).toBeLessThan(bound);
  });

  it('gelu_tanh is within 2.5 ulp above −1 and within 40 ulp above −5, where it is below 1e-6 and rounding of its argument shows', () => {
    expect(worst('gelu_tanh', -1, 80)).toBeLessThan(2.5);
    expect(worst('gelu_tanh', -5, -1)).toBeLessThan(40);
  });

  it('an elu of a slope off by 4e-6 is found out (the twin)', () => {
    const x = Float32Array.of(-3, -2, -1, 1);
    expect(errors('elu', x, apply('elu', x, 0.250001), 0.25)).toBeGreaterThan(1);
  });

  const names = Object.keys(activations).filter((fn) => fn !== 'identity') as Kernel[];
  it.each(names)('%s has the limits of the reference at ±0, ±∞, NaN and the largest numbers', (fn) => {
    const x = Float32Array.of(0, -0, Infinity, -Infinity, NaN, 3e38, -3e38, 1e-45);
    const y = apply(fn, x, 0.5);
    const truth = Float32Array.from(x, (value) => activations[fn].value(value, 0.5));
    expect(Array.from(y, Math.abs)).toEqual(Array.from(truth, Math.abs));
  });

  /** Σℓ, Σℓ² and the count of one sample with these outputs, the sixth of a group whose others are NaN. */
  function crossEntropyOf(z: readonly number[], label: number): [number, number, number] {
    const outputs = new Float32Array(memory.buffer, dataAt, 8 * z.length).fill(NaN);
    for (const [j, value] of z.entries()) outputs[8 * j + 5] = value;
    new Int32Array(memory.buffer, labelsAt, 8).fill(label);
    const sums = new Float64Array(memory.buffer, sumsAt, 3).fill(0);
    kernels.ce(dataAt, labelsAt, z.length, 1, 32 * z.length, 5, 6, sumsAt);
    return [...sums] as [number, number, number];
  }

  it('cross-entropy of two outputs is within 2.5 ulp of log(1 + e^Δ) for Δ of −85 … 100', () => {
    let most = 0;
    for (let i = 0; i < 4000; i++) {
      const difference = Math.fround(-85 + (185 * i) / 4000);
      const truth = Math.max(difference, 0) + Math.log1p(Math.exp(-Math.abs(difference)));
      const [loss, square] = crossEntropyOf([0, difference], 0);
      most = Math.max(most, Math.abs(loss - truth) / ulp(truth));
      expect(square).toBe(loss * loss);
    }
    expect(most).toBeLessThan(2.5);
    // The twin: a logit that is off by 1e-6.
    const off = Math.abs(crossEntropyOf([0, 1.000001], 0)[0] - Math.log1p(Math.E));
    expect(off / ulp(Math.log1p(Math.E))).toBeGreaterThan(2.5);
  });

  it.each([
    [[1, NaN, 0], 0],
    [[1, NaN, 0], 1],
    [[NaN, NaN, 0], 1],
    [[Infinity, 0, 1], 0],
    [[Infinity, 0, 1], 1],
    [[-Infinity, 0, 1], 0],
    [[-Infinity, 0, 1], 2],
    [[-Infinity, -Infinity, -Infinity], 1],
    [[2, 2, 1], 0],
    [[2, 2, 1], 1],
    [[1e30, -1e30, 0], 1],
    [[-500, 0, 80], 0],
  ])('cross-entropy of %j at label %i and its count are what the reference gives', (z, label) => {
    const outputs = { values: Float64Array.from(z, Math.fround), start: 0, count: z.length };
    const [loss, , correct] = crossEntropyOf(z, label);
    const truth = crossEntropy(outputs, label);
    if (Number.isFinite(truth)) expect(Math.abs(loss - truth) / ulp(truth)).toBeLessThan(2.5);
    else expect(loss).toBe(truth);
    expect(correct).toBe(isCorrect('ce', outputs, label));
  });
});
