import { describe, expect, it } from 'vitest';
import { type Build, instantiateTraining } from '../../../src/engine/wasm/modules.js';
import { activations } from '../../../src/model/activations.js';
import type { ActivationName } from '../../../src/model/graph.js';
import { expectClose } from '../../helpers/compare.js';
import '../../helpers/wasm-builds.js';

const names = (Object.keys(activations) as ActivationName[]).filter((fn) => fn !== 'identity');

/** Kinks and their neighbours, the ends of float32, and what lies between; a multiple of 4. */
const special = [0, -0, 1, -1, 6, 1.5, -1.5, 1e-30, -1e-30, 1e20, -1e20, 88, -88, 104, -104, NaN];
const x = Float32Array.from([...special, ...Array.from({ length: 4000 }, (_, i) => -20 + i * 0.01)]);

describe.each(['simd128', 'relaxed'] as const)('derivatives of the activations, %s build', (build: Build) => {
  it.each(names)('%s times a gradient: 2e-6 relative + 2e-6', async (fn) => {
    const { kernels, memory } = await instantiateTraining(build, 2 ** 20);
    const slope = fn === 'clipped_relu' ? 6 : fn === 'hardtanh' ? 1.5 : 0.3;
    const [at, gradientAt, outAt] = [4096, 2 ** 17, 2 ** 18];
    const gradient = x.map((_, i) => 1 + (i % 3));
    new Float32Array(memory.buffer, at, x.length).set(x);
    new Float32Array(memory.buffer, gradientAt, x.length).set(gradient);
    const out = new Float32Array(memory.buffer, outAt, x.length);
    kernels[`${fn}_backward`](at, gradientAt, outAt, x.byteLength, false, slope);
    const expected = Float64Array.from(x, (v, i) => gradient[i]! * activations[fn].derivative(v, slope));
    const tolerance = { relative: 2e-6, absolute: 2e-6 };
    // Where x is NaN a derivative that is a choice between two numbers may be either.
    const numbers = (all: ArrayLike<number>): number[] =>
      Array.from(all).filter((_, i) => !Number.isNaN(x[i]!));
    expectClose(numbers(out), numbers(expected), tolerance, fn);
    expect(() =>
      expectClose(
        numbers(out),
        numbers(expected).map((v) => v + 1e-4),
        tolerance,
      ),
    ).toThrow('differ');
    // Added to what is there, in place.
    const once = out.slice();
    kernels[`${fn}_backward`](at, gradientAt, outAt, x.byteLength, true, slope);
    expectClose(
      numbers(out),
      numbers(once.map((v) => 2 * v)),
      { relative: 1e-7, absolute: 0 },
      `${fn} added`,
    );
    // Exactly at the kinks.
    if (fn.includes('relu') || fn === 'hardtanh') {
      const kinks = [0, 4, 5, 6].map((i) => [out[i]!, 2 * expected[i]!]);
      for (const [found, truth] of kinks) expect(found).toBeCloseTo(truth!, 5);
    }
  });
});
