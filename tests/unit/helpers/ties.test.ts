import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/engine/engine.js';
import { buildModel } from '../../../src/model/build.js';
import { closeCalls, expectSameCounts } from '../../helpers/ties.js';

/** A network whose logits are its inputs, and six samples: clear, tied, nearly tied, barely clear, NaN, ∞. */
const problem: Problem = {
  model: buildModel(
    'identity',
    [2],
    [{ op: 'activation', name: 'same', inputs: [0], fn: 'identity', slope: 0 }],
    [],
  ),
  d1: new Map(),
  d2: new Map(),
  data: {
    name: 'six',
    samples: 6,
    shape: [2],
    inputs: Float32Array.of(3, 1, 2, 2, 1024, 1024.0009765625, 1024, 1024.125, NaN, 1, Infinity, 1),
    labels: new Int32Array(6),
    targets: null,
  },
  loss: 'ce',
};
const here = { a: Float64Array.of(0), b: Float64Array.of(0) };

describe('ties', () => {
  it('are samples whose two largest logits are within rounding of each other, or not comparable', () => {
    expect(closeCalls(problem, 0, 0, 1, 1e-5)).toBe(0);
    expect(closeCalls(problem, 0, 0, 3, 1e-5)).toBe(2);
    expect(closeCalls(problem, 0, 0, 4, 1e-5)).toBe(2);
    expect(closeCalls(problem, 0, 0, 6, 1e-5)).toBe(4);
    expect(closeCalls(problem, 0, 0, 4, 1e-3)).toBe(3);
  });

  it('excuse as many counts as there are of them, and no more', () => {
    expectSameCounts(problem, here, 4, [2], [2], 1e-5);
    expectSameCounts(problem, here, 4, [2], [4], 1e-5);
    expect(() => expectSameCounts(problem, here, 4, [1], [4], 1e-5)).toThrow(
      'point 0 (α 0, β 0): 1 of 4 correct, expected 4; only 2 have two logits within 0.00001 relative',
    );
    expect(() => expectSameCounts(problem, here, 4, [1, 1], [1], 1e-5)).toThrow('2 counts');
    expect(() => expectSameCounts(problem, here, 4, [NaN], [1], 1e-5)).toThrow('point 0');
  });
});
