import { expect } from 'vitest';
import type { Engine, Points, Problem, SampleRange } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { elements } from '../../src/model/graph.js';
import { expectClose, type Tolerance } from './compare.js';
import { evaluateOnce, perturbed } from './evaluate.js';

/** The centre, a corner beyond the usual range, and coordinates that float32 does not have. */
const points: Points = {
  a: Float64Array.of(0, 0.7, -1, 1 / 3, 1.7),
  b: Float64Array.of(0, -0.3, 1, 0.1, -1.3),
};

/**
 * Asserts that an engine's Σℓ and Σℓ² per sample are within tolerance of the float64 reference's (twice
 * that for the squares) and its counts equal, at a few points and on all samples as on a part of them;
 * and that the losses are not (the twin) when the engine is given the network with its last weights a tenth
 * larger, unless it has one class alone.
 */
export async function expectReferenceSums(
  engine: Engine,
  problem: Problem,
  tolerance: Tolerance,
): Promise<void> {
  const { samples } = problem.data;
  const part: SampleRange = { first: Math.floor(samples / 3), count: Math.ceil(samples / 2) };
  const [actual, truth] = await Promise.all([engine.prepare(problem), referenceEngine.prepare(problem)]);
  try {
    for (const range of [{ first: 0, count: samples }, part]) {
      const sums = await actual.evaluate(points, range);
      const expected = await truth.evaluate(points, range);
      const mean = (values: Float64Array): Float64Array => values.map((value) => value / range.count);
      const losses = mean(expected.loss);
      expectClose(mean(sums.loss), losses, tolerance, 'loss');
      const doubled = { relative: 2 * tolerance.relative, absolute: 2 * tolerance.absolute };
      expectClose(mean(sums.squares), mean(expected.squares), doubled, 'squares');
      expect(Array.from(sums.correct)).toEqual(Array.from(expected.correct));
    }
    if (problem.loss === 'ce' && elements(problem.model.shapes.at(-1)!) === 1) {
      // One class is always right, whatever the weights.
      expect((await actual.evaluate(points, part)).loss).toEqual(new Float64Array(points.a.length));
      return;
    }
    const there = { a: points.a.slice(3, 4), b: points.b.slice(3, 4) };
    const off = await evaluateOnce(engine, { ...problem, model: perturbed(problem.model, 1.1) }, there, part);
    const { loss } = await truth.evaluate(there, part);
    const scale = { relative: tolerance.relative, absolute: part.count * tolerance.absolute };
    expect(() => expectClose(off.loss, loss, scale)).toThrow('first at 0');
  } finally {
    actual.dispose();
    truth.dispose();
  }
}
