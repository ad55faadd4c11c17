import { expect } from 'vitest';
import type { Engine, Problem, Sums } from '../../src/engine/engine.js';
import { parametersAt } from '../../src/engine/float64.js';
import { allocateValues, forward } from '../../src/model/forward.js';
import { expectClose, type Tolerance } from './compare.js';
import { loadGrid, type ReferenceGrid, referenceProblem } from './fixtures.js';
import { gridPoints } from './points.js';
import { expectSameCounts } from './ties.js';

/** What an engine made of a reference network's grid, beside PyTorch's float64 numbers. */
export interface GridRun {
  readonly problem: Problem;
  readonly grid: ReferenceGrid;
  readonly sums: Sums;
}

/** Every `stride`-th row and column of a grid; corners and centre stay where half its size is divisible by it. */
function thinned(grid: ReferenceGrid, stride: number): ReferenceGrid {
  const columns = grid.a.length;
  const kept = (_: number, i: number) =>
    (i % columns) % stride === 0 && Math.floor(i / columns) % stride === 0;
  const along = (_: number, i: number) => i % stride === 0;
  return {
    ...grid,
    a: grid.a.filter(along),
    b: grid.b.filter(along),
    loss: grid.loss.filter(kept),
    accuracy: grid.accuracy.filter(kept),
  };
}

/** Evaluates PyTorch's full grid, or its small twin, of a reference network in one call. */
export async function runGrid(
  engine: Engine,
  name: string,
  which: 'grid' | 'small',
  stride = 1,
): Promise<GridRun> {
  const grid = thinned(loadGrid(name, which), stride);
  const problem = referenceProblem(name, grid.samples);
  const evaluator = await engine.prepare(problem);
  try {
    const sums = await evaluator.evaluate(gridPoints(grid), { first: 0, count: grid.samples });
    return { problem, grid, sums };
  } finally {
    evaluator.dispose();
  }
}

/**
 * Asserts that losses are within tolerance of PyTorch's at every point, that accuracies are equal up to
 * samples whose two largest logits differ by less than `rounding` relative, and that the same assertion
 * fails (the twin) when one loss is off by twice what is allowed, or one count by one sample.
 */
export function expectParity({ problem, grid, sums }: GridRun, tolerance: Tolerance, rounding: number): void {
  const { samples } = grid;
  const points = gridPoints(grid);
  const losses = sums.loss.map((loss) => loss / samples);
  const counts = grid.accuracy.map((accuracy) => Math.round(accuracy * samples));
  expectClose(losses, grid.loss, tolerance, 'loss');
  expectSameCounts(problem, points, samples, sums.correct, counts, rounding);

  const middle = Math.floor(losses.length / 2);
  const off = losses.slice();
  off[middle]! += 2 * (tolerance.absolute + tolerance.relative * grid.loss[middle]!);
  expect(() => expectClose(off, grid.loss, tolerance)).toThrow(`first at ${middle}`);
  const miscounted = sums.correct.slice();
  miscounted[middle]! -= 1;
  expect(() => expectSameCounts(problem, points, samples, miscounted, counts, rounding)).toThrow(
    `point ${middle} `,
  );
}

/**
 * Asserts that the reference's logits of the first 8 samples at the centre are PyTorch's, the largest of
 * them being the scale of the relative tolerance (a logit near 0 is a difference of large numbers), and
 * that the same assertion fails for one logit off by twice what is allowed.
 */
export function expectLogits(name: string, { relative, absolute }: Tolerance): void {
  const samples = 8;
  const logits = loadGrid(name, 'small').logits!;
  const problem = referenceProblem(name, samples);
  const parameters = parametersAt(problem, 0, 0);
  const values = allocateValues(problem.model, samples);
  values[0]!.set(problem.data.inputs);
  const actual = forward(problem.model, (parameter) => parameters.get(parameter)!, values, samples);
  const allowed = absolute + relative * Math.max(...logits.map(Math.abs));
  expectClose(actual, logits, { relative: 0, absolute: allowed }, 'logits');
  const off = actual.map((z, i) => (i === 13 ? z + 2 * allowed : z));
  expect(() => expectClose(off, logits, { relative: 0, absolute: allowed })).toThrow('first at 13');
}
