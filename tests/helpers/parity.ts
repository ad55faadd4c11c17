import { expect } from 'vitest';
import type { Engine, Problem, Sums } from '../../src/engine/engine.js';
import { parametersAt } from '../../src/engine/float64.js';
import { allocateValues, forward } from '../../src/model/forward.js';
import type { Model } from '../../src/model/graph.js';
import { expectClose, type Tolerance } from './compare.js';
import { evaluateOnce, perturbed } from './evaluate.js';
import { loadGrid, type ReferenceGrid, referenceProblem } from './fixtures.js';
import { gridPoints } from './points.js';
import { expectSameCounts } from './ties.js';

/** What an engine made of a reference network's grid, beside PyTorch's float64 numbers. */
export interface GridRun {
  readonly engine: Engine;
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
  const sums = await evaluateOnce(engine, problem, gridPoints(grid), {
    first: 0,
    count: grid.samples,
  });
  return { engine, problem, grid, sums };
}

/**
 * Asserts that losses are within tolerance of PyTorch's at every point, and that accuracies are equal up to
 * samples whose two largest logits differ by less than `rounding` relative; that the losses fail (the twin)
 * at the middle point where the engine is given the network with its last weights off by a thousandth, and
 * the counts where one is off by one sample.
 */
export async function expectParity(
  { engine, problem, grid, sums }: GridRun,
  tolerance: Tolerance,
  rounding: number,
): Promise<void> {
  const { samples } = grid;
  const points = gridPoints(grid);
  const means = (values: Float64Array): Float64Array => values.map((value) => value / samples);
  const counts = grid.accuracy.map((accuracy) => Math.round(accuracy * samples));
  expectClose(means(sums.loss), grid.loss, tolerance, 'loss');
  expectSameCounts(problem, points, samples, sums.correct, counts, rounding);

  const middle = Math.floor(grid.loss.length / 2);
  const there = { a: points.a.slice(middle, middle + 1), b: points.b.slice(middle, middle + 1) };
  const other = { ...problem, model: perturbed(problem.model, 1.001) };
  const off = await evaluateOnce(engine, other, there, { first: 0, count: samples });
  expect(() => expectClose(means(off.loss), [grid.loss[middle]!], tolerance)).toThrow('first at 0');
  const miscounted = sums.correct.slice();
  miscounted[middle]! -= 1;
  expect(() => expectSameCounts(problem, points, samples, miscounted, counts, rounding)).toThrow(
    `point ${middle} `,
  );
}

/**
 * Asserts that the reference's logits of the first 8 samples at the centre are PyTorch's, the largest of
 * them being the scale of the relative tolerance (a logit near 0 is a difference of large numbers), and
 * that those of the network with its last weights off by a thousandth are not.
 */
export function expectLogits(name: string, { relative, absolute }: Tolerance): void {
  const samples = 8;
  const logits = loadGrid(name, 'small').logits!;
  const problem = referenceProblem(name, samples);
  const allowed = { relative: 0, absolute: absolute + relative * Math.max(...logits.map(Math.abs)) };
  const at = (model: Model): Float64Array => {
    const parameters = parametersAt({ ...problem, model }, 0, 0);
    const values = allocateValues(model, samples);
    values[0]!.set(problem.data.inputs);
    return forward(model, (parameter) => parameters.get(parameter)!, values, samples);
  };
  expectClose(at(problem.model), logits, allowed, 'logits');
  expect(() => expectClose(at(perturbed(problem.model, 1.001)), logits, allowed)).toThrow('elements differ');
}
