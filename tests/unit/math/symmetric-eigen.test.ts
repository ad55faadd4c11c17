import { describe, expect, test } from 'vitest';
import { leadingEigenpairs, symmetricEigen } from '../../../src/math/symmetric-eigen.js';
import { expectClose } from '../../helpers/compare.js';

/** Q·diag(values)·Qᵀ with Q = I − 2uuᵀ, whose column i is an eigenvector of value i. */
function reflected(values: readonly number[]) {
  const n = values.length;
  const u = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
  const norm = Math.hypot(...u);
  const q = (i: number, j: number) => (i === j ? 1 : 0) - (2 * u[i]! * u[j]!) / norm ** 2;
  const matrix = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return values.reduce((sum, value, k) => sum + value * q(i, k) * q(j, k), 0);
  });
  const vector = (k: number) => Float64Array.from({ length: n }, (_, i) => q(i, k));
  return { n, matrix, vector };
}

/** A vector and its negative are the same. */
function expectParallel(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  const product = actual.reduce((sum, x, i) => sum + x * expected[i]!, 0);
  expect(Math.abs(Math.abs(product) - 1)).toBeLessThan(tolerance);
}

describe('eigenpairs of a symmetric matrix', () => {
  test('of two by two in closed form', () => {
    const { values, vectors } = symmetricEigen([2, -3, -3, 10], 2);
    expectClose(values, [11, 1], { relative: 1e-15, absolute: 0 });
    // (−1, 3) and (3, 1) over √10, each with its largest entry positive.
    expectClose(
      vectors,
      [-1, 3, 3, 1].map((entry) => entry / Math.sqrt(10)),
      { relative: 1e-14, absolute: 0 },
    );
  });

  test.each([
    ['rotations', 20],
    ['a subspace', 150],
  ])('by %s: values within 1e-13 of the largest, vectors within 1e-12', (_, n) => {
    const spectrum = Array.from({ length: n }, (_, i) => 5 / (i + 1) ** 2);
    const { matrix, vector } = reflected(spectrum);
    const { values, vectors } = leadingEigenpairs(matrix, n, 3);
    expectClose(values, spectrum.slice(0, 3), { relative: 0, absolute: 5e-13 });
    for (let k = 0; k < 3; k++) expectParallel(vectors.subarray(k * n, (k + 1) * n), vector(k), 1e-12);
    expect(() => expectParallel(vectors.subarray(0, n), vector(1), 1e-12)).toThrow();
  });

  test('two equal largest values are both found', () => {
    const spectrum = Array.from({ length: 100 }, (_, i) => (i < 2 ? 3 : 1 / i));
    const { values } = leadingEigenpairs(reflected(spectrum).matrix, 100, 2);
    expectClose(values, [3, 3], { relative: 1e-12, absolute: 0 });
  });

  test('zeros stay zeros, and one row is its own', () => {
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    expect([...leadingEigenpairs(Float64Array.of(4), 1, 1).values]).toEqual([4]);
    expect([...leadingEigenpairs(new Float64Array(80 * 80), 80, 2).values]).toEqual([0, 0]);
  });
});
