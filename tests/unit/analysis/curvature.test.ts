import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference.js';
import { bendOf, eigenvalues, flatness } from '../../../src/analysis/curvature.js';
import { productOfTwoWeights } from '../../helpers/product.js';

describe('eigenvalues', () => {
  it('are those of the matrix, the larger one first', () => {
    expect(eigenvalues({ aa: 2, ab: 0, bb: -3 })).toEqual([2, -3]);
    expect(eigenvalues({ aa: 1, ab: 2, bb: 1 })).toEqual([3, -1]);
    const [p, q] = eigenvalues({ aa: 0.3, ab: -1.7, bb: 5 });
    expect(p + q).toBeCloseTo(5.3, 14);
    expect(p * q).toBeCloseTo(0.3 * 5 - 1.7 ** 2, 13);
  });
});

describe('the bend of a point', () => {
  it('is the sign of both eigenvalues, small ones counting as none', () => {
    const of = (aa: number, bb: number) => bendOf({ aa, ab: 0, bb }, 0.1);
    expect([of(1, 2), of(1, -2), of(-1, -2), of(0.05, -0.05)]).toEqual(['bowl', 'saddle', 'dome', 'flat']);
    expect([of(1, 0.05), of(-1, 0.05)]).toEqual(['bowl', 'dome']);
    expect(of(NaN, 1)).toBe(null);
    expect(of(Infinity, 1)).toBe(null);
  });

  it('of w1·w2·x with x = y = 1 is a saddle at the origin, where the gradient is 0', async () => {
    const evaluator = await referenceEngine.prepare(productOfTwoWeights());
    const origin = { a: new Float64Array([0]), b: new Float64Array([0]) };
    const { a, b, aa, ab, bb } = await evaluator.derivatives(origin, { first: 0, count: 1 }, 2);
    expect([a[0], b[0]].map((slope) => slope! + 0)).toEqual([0, 0]);
    const hessian = { aa: aa![0]! + 0, ab: ab![0]!, bb: bb![0]! + 0 };
    expect(hessian).toEqual({ aa: 0, ab: -2, bb: 0 });
    expect(bendOf(hessian, flatness([hessian]))).toBe('saddle');
  });
});

describe('the threshold of flat', () => {
  it('is a hundredth of the median curvature, whatever the rim does', () => {
    const rim = Array.from({ length: 10 }, () => ({ aa: 1e9, ab: 0, bb: 1e9 }));
    const middle = Array.from({ length: 11 }, () => ({ aa: -3, ab: 0, bb: 2 }));
    expect(flatness([...rim, ...middle])).toBeCloseTo(0.03, 12);
    expect(flatness([{ aa: NaN, ab: 0, bb: 0 }])).toBe(0);
  });
});
