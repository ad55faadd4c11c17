import { describe, expect, it } from 'vitest';
import type { Evaluator, Points, SampleRange } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { type Base, centreOf, gridOf, type View, wholeView, zoomed } from '../../../src/landscape/view.js';
import { coordinates } from '../../../src/landscape/grid.js';
import { referenceProblem } from '../../helpers/fixtures.js';
import { gridPoints } from '../../helpers/points.js';
import { wasmBuilds } from '../../helpers/wasm-builds.js';

const base: Base = { range: 1, size: 3 };
const steps = 30;
const wasm = wasmBuilds.get('SIMD')!;
const tolerance = 1e-5;

/** A view of 3 × 3 points: its middle and the offsets of its nodes from there. */
function windowOf(view: View) {
  const centre = centreOf(base, view);
  const { columns, rows } = gridOf(base, view);
  const points = gridPoints({ a: coordinates(columns), b: coordinates(rows) });
  const offsets = { a: points.a.map((a) => a - centre.a), b: points.b.map((b) => b - centre.b) };
  return { centre, points, offsets };
}

/** L − L(centre) by subtracting plain float64 losses. */
async function subtracted(exact: Evaluator, points: Points, samples: SampleRange): Promise<Float64Array> {
  const { loss } = await exact.evaluate(points, samples);
  const middle = loss[(loss.length - 1) / 2]!;
  return loss.map((value) => value - middle);
}

/** Largest error over largest |Δ|. */
function error(delta: Float64Array, truth: Float64Array): number {
  const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));
  return largest(delta.map((value, i) => value - truth[i]!)) / largest(truth);
}

describe(`WASM’s differences on each of ${steps} zooms by two are within ${tolerance} of the window’s largest of plain float64`, () => {
  it.each([
    ['bnmlp20-plain', 'into its plateau', 1, 0],
    ['mlp-tanh', 'to its minimum', 0, 0],
  ] as const)('%s %s', { timeout: 60_000 }, async (name, _where, right, up) => {
    const count = 8;
    const samples = { first: 0, count };
    const problem = referenceProblem(name, count);
    const [evaluator, exact] = [await wasm.prepare(problem), await referenceEngine.prepare(problem)];
    let view = zoomed(base, wholeView, 2);
    for (let step = 0; step < steps; step++) {
      view = zoomed(base, view, 1, right, up);
      const { centre, points, offsets } = windowOf(view);
      const { delta } = await evaluator.differences(centre, offsets, samples);
      const truth = await subtracted(exact, points, samples);
      expect(error(delta, truth), `step ${step + 1}`).toBeLessThan(tolerance);
      if (step % 10 > 0) continue;
      // The twin: the window's centre a thousandth of its half-width off.
      const off = { a: offsets.a.map((a) => a + 1e-3 * offsets.a[0]!), b: offsets.b };
      const other = await evaluator.differences(centre, off, samples);
      expect(error(other.delta, truth), `twin of step ${step + 1}`).toBeGreaterThan(tolerance);
    }
    expect(view.zoom).toBe(2 + steps);
    evaluator.dispose();
    exact.dispose();
  });
});
