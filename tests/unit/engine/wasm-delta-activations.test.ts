/** Remainders of the activations' differences, step by step: also steps far longer than those of a window of a network. */
import { beforeAll, describe, expect, it } from 'vitest';
import { remainderNeeds } from '../../../src/engine/remainder-needs.js';
import type { Kernels } from '../../../src/engine/wasm/kernels.js';
import { type Build, instantiate } from '../../../src/engine/wasm/modules.js';
import { activations } from '../../../src/model/activations.js';
import '../../helpers/wasm-builds.js';

type Kernel = Exclude<keyof typeof remainderNeeds, 'identity'>;

/** Addresses that the test uses. */
const [restAt, outAt, centreAt] = [4096, 2 ** 18, 2 ** 19];
const { fround } = Math;

const tolerance = 1e-6;
const slopes: Readonly<Partial<Record<Kernel, number>>> = {
  leaky_relu: 0.01,
  clipped_relu: 1.5,
  hardtanh: 0.8,
  elu: 0.7,
};

/** Inputs at the centre and their steps over ρ, all of either; a multiple of four pairs. */
function pairs(rho: number) {
  const z = Array.from({ length: 88 }, (_, i) => fround(-11 + (i + 0.37) / 4));
  const sizes = [1e-5, 1e-3, 0.03, 0.12, 0.24, 0.26, 0.4, 0.49, 0.51, 0.8, 1.3, 2.1, 3.7, 6.2, 10.9, 20];
  const steps = sizes.flatMap((x) => [x, -x]).map((x) => x / rho);
  return z.flatMap((centre) => steps.map((step) => ({ centre, step })));
}

describe.each(['simd128', 'relaxed'] as const)('%s build', (build: Build) => {
  let kernels: Kernels;
  let memory: WebAssembly.Memory;
  beforeAll(async () => {
    ({ kernels, memory } = await instantiate(build, 2 ** 21));
  });

  /** The largest error of f(z + x) − f(z), over the smaller of |x| and x², if the kernel reads a centre shifted by `shift`. */
  function worst(fn: Kernel, rho: number, shift: number): number {
    const needs = remainderNeeds[fn];
    const slope = slopes[fn] ?? 0;
    const { derivative, difference } = activations[fn];
    const all = pairs(rho);
    const count = all.length;
    const floats = (at: number) => new Float32Array(memory.buffer, at, count);
    // Half of a step is linear in the offset along α, a quarter along β; then there is a remainder as of a network.
    floats(restAt).set(all.map(({ step }) => (step / 4 / rho) * Math.min(1, Math.abs(rho * step))));
    floats(centreAt).set(all.map(({ step }) => step));
    floats(centreAt + 4 * count).set(all.map(({ step }) => step));
    for (const [k, need] of needs.entries()) {
      floats(centreAt + 4 * count * (2 + k)).set(all.map(({ centre }) => need(centre + shift, slope)));
    }
    kernels[`delta_${fn}`](restAt, centreAt, outAt, 4 * count, 0.5, 0.25, rho, slope);
    const [rest, t, out] = [floats(restAt), floats(centreAt), floats(outAt)];
    return all.reduce((most, { centre: z }, i) => {
      const linear = rho * 0.75 * t[i]!;
      const x = linear + rho * rho * rest[i]!;
      const found = derivative(z, slope) * linear + rho * rho * out[i]!;
      const scale = Math.min(Math.abs(x), x * x) * Math.max(1, Math.abs(z) / 4);
      return Math.max(most, Math.abs(found - difference(z, x, slope)) / scale);
    }, 0);
  }

  it.each(Object.keys(remainderNeeds).filter((fn) => fn !== 'identity') as Kernel[])(
    `%s: differences of steps from 1e-5 to 20 are within ${tolerance} of their square, or of their length where that is less`,
    (fn) => {
      for (const rho of [1, 0.03]) {
        expect(worst(fn, rho, 0), `ρ = ${rho}`).toBeLessThan(tolerance);
        // The twin: a centre that is elsewhere.
        expect(worst(fn, rho, 1e-4), `twin, ρ = ${rho}`).toBeGreaterThan(2 * tolerance);
      }
    },
  );
});
