/** A run on the reference engine, end to end: grid, order, calls, sums. */
import { expect, test } from 'vitest';
import type { Problem } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import {
  accuracy,
  coordinates,
  emptySums,
  type Grid,
  type GridSums,
  type Totals,
  meanLoss,
} from '../../../src/landscape/grid.js';
import { runLandscapes } from '../../../src/landscape/run.js';
import { stratify } from '../../../src/landscape/subsets.js';
import { expectClose } from '../../helpers/compare.js';
import { loadGrid, referenceProblem } from '../../helpers/fixtures.js';

const unit = { from: -1, to: 1, count: 7 };
const square: Grid = { columns: unit, rows: unit };

async function run(
  problem: Problem,
  grid: Grid,
  samples = problem.data.samples,
  sums = emptySums(grid),
): Promise<GridSums> {
  const evaluator = await referenceEngine.prepare(problem);
  await runLandscapes([{ evaluator, sums, samples }]);
  evaluator.dispose();
  return sums;
}

const small = loadGrid('bnmlp10-residual', 'small');
const problem = referenceProblem('bnmlp10-residual', small.samples);
const tolerance = { relative: 1e-11, absolute: 1e-13 };

test("gives PyTorch's 7 × 7 grid within 1e-11 relative + 1e-13 absolute, and its accuracy exactly", async () => {
  const sums = await run(problem, square);
  expectClose(meanLoss(sums), small.loss, tolerance, 'loss');
  expect([...accuracy(sums)]).toEqual([...small.accuracy]);
  // The twin: a loss that is off by 1e-10 of itself is found.
  const off = meanLoss(sums).map((loss, i) => (i === 20 ? loss * (1 + 1e-10) : loss));
  expect(() => expectClose(off, small.loss, tolerance, 'loss')).toThrow();
});

test('fewer samples first and the rest later give the same within 1e-12 relative', async () => {
  const sums = await run(problem, square);
  const later = await run(problem, square, undefined, await run(problem, square, 60));
  expectClose(later.loss, sums.loss, { relative: 1e-12, absolute: 0 }, 'sum of losses');
  expectClose(later.squares, sums.squares, { relative: 1e-12, absolute: 0 }, 'sum of squares');
  expect(later.correct).toEqual(sums.correct);
});

test('subsets of a stratified set, in whatever schedule, give the sums of one call within 1e-12 relative', async () => {
  const evaluator = await referenceEngine.prepare(problem);
  const axis = coordinates(unit);
  const a = Float64Array.from({ length: 49 }, (_, i) => axis[i % 7]!);
  const b = Float64Array.from({ length: 49 }, (_, i) => axis[Math.floor(i / 7)]!);
  const whole = await evaluator.evaluate({ a, b }, { first: 0, count: problem.data.samples });
  evaluator.dispose();
  const stratified = { ...problem, data: stratify(problem.data) };
  for (const waits of [() => false, (_: Totals, index: number) => index % 3 === 0]) {
    const sums = emptySums(square);
    const own = await referenceEngine.prepare(stratified);
    await runLandscapes([{ evaluator: own, sums, samples: problem.data.samples }], { waits });
    own.dispose();
    expectClose(sums.loss, whole.loss, { relative: 1e-12, absolute: 0 }, 'sum of losses');
    expectClose(sums.squares, whole.squares, { relative: 1e-12, absolute: 0 }, 'sum of squares');
    expect(sums.correct).toEqual(whole.correct);
  }
  // The twin: one sample twice and another one never is found.
  const { inputs, shape } = problem.data;
  const width = shape.reduce((x, y) => x * y, 1);
  const wrong = await run(
    { ...problem, data: { ...problem.data, inputs: inputs.slice().copyWithin(0, width, 2 * width) } },
    square,
  );
  expect(() =>
    expectClose(wrong.loss, whole.loss, { relative: 1e-12, absolute: 0 }, 'sum of losses'),
  ).toThrow();
});

test('exchanging the axes transposes the grid, bit by bit', async () => {
  const grid: Grid = { columns: { from: -1, to: 1, count: 5 }, rows: { from: 0, to: 0.5, count: 3 } };
  const sums = await run(problem, grid, 8);
  const swapped: Problem = { ...problem, d1: problem.d2, d2: problem.d1 };
  const other = await run(swapped, { columns: grid.rows, rows: grid.columns }, 8);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 5; column++) {
      expect(other.loss[column * 3 + row]).toBe(sums.loss[row * 5 + column]);
    }
  }
});
