/** The way of the page: a data set in its stratified order, subset by subset, several points a call. */
import { describe, expect, test } from 'vitest';
import type { Engine, Problem } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { emptySums } from '../../src/landscape/grid.js';
import { runLandscapes } from '../../src/landscape/run.js';
import { stratify, subsetSizes } from '../../src/landscape/subsets.js';
import { expectClose } from '../helpers/compare.js';
import { loadGrid, referenceProblem } from '../helpers/fixtures.js';
import { expectParity } from '../helpers/parity.js';
import { gridPoints } from '../helpers/points.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const name = 'mlp-residual-relu';
const grid = loadGrid(name, 'grid');
const problem = referenceProblem(name, grid.samples);
const ordered: Problem = { ...problem, data: stratify(problem.data) };
const points = gridPoints(grid);
const [from, to] = [grid.a[0]!, grid.a.at(-1)!];

/** A sample's place decides in which order a kernel adds for it: of the mean, a fifth of what PyTorch's allows. */
const rounding = { relative: 1e-6, absolute: 4e-9 };
const mean = (values: Float64Array, samples: number) => values.map((value) => value / samples);

/** Sums over all stages, as a run adds them, and how often samples were evaluated. */
async function stageByStage(engine: Engine, asked: Problem, count: number) {
  const evaluator = await engine.prepare(asked);
  const sums = emptySums({ columns: { from, to, count }, rows: { from, to, count } });
  const ranges = new Map<number, number>();
  const counted: typeof evaluator = Object.create(evaluator, {
    evaluate: {
      value: (...given: Parameters<typeof evaluator.evaluate>) => {
        const [{ a }, { first, count: size }] = given;
        for (let i = first; i < first + size; i++) ranges.set(i, (ranges.get(i) ?? 0) + a.length);
        return evaluator.evaluate(...given);
      },
    },
  });
  await runLandscapes([{ evaluator: counted, sums, samples: asked.data.samples }]);
  evaluator.dispose();
  return { sums, evaluations: new Set(ranges.values()) };
}

describe.each([...wasmBuilds])('subsets of the samples, WASM, %s', (_build, engine) => {
  test('all stages together are one call over all samples within 1e-6 relative + 4e-9 absolute, and PyTorch within 5e-6 relative + 2e-8 absolute at 21×21 points', async () => {
    const evaluator = await engine.prepare(problem);
    const whole = await evaluator.evaluate(points, { first: 0, count: grid.samples });
    evaluator.dispose();
    const { sums, evaluations } = await stageByStage(engine, ordered, grid.a.length);
    expect(evaluations).toEqual(new Set([grid.loss.length]));
    const losses = mean(whole.loss, grid.samples);
    expectClose(mean(sums.loss, grid.samples), losses, rounding, 'loss');
    const doubled = { relative: 2e-6, absolute: 8e-9 };
    expectClose(mean(sums.squares, grid.samples), mean(whole.squares, grid.samples), doubled, 'squares');
    expect(sums.correct).toEqual(whole.correct);
    await expectParity({ engine, problem: ordered, grid, sums }, { relative: 5e-6, absolute: 2e-8 }, 1e-6);

    // The twin: one of 1,400 samples twice, another one not at all.
    const { inputs, labels } = ordered.data;
    const twice = { inputs: inputs.slice(), labels: labels!.slice() };
    twice.inputs.copyWithin(0, 64, 128);
    twice.labels[0] = labels![1]!;
    const off = await stageByStage(engine, { ...ordered, data: { ...ordered.data, ...twice } }, 1);
    const corner = mean(off.sums.loss, grid.samples);
    expect(() => expectClose(corner, losses.slice(0, 1), rounding)).toThrow('first at 0');
  });

  test("each subset's own samples: within 5e-6 relative + 2e-8 absolute of the reference", async () => {
    const sizes = subsetSizes(grid.samples);
    expect(sizes).toHaveLength(4);
    const some = { a: Float64Array.of(0, 1, 0.3), b: Float64Array.of(0, -1, 0.7) };
    const [actual, truth] = await Promise.all([engine.prepare(ordered), referenceEngine.prepare(ordered)]);
    for (const [i, end] of sizes.entries()) {
      const first = sizes[i - 1] ?? 0;
      const range = { first, count: end - first };
      const sums = await actual.evaluate(some, range);
      const expected = await truth.evaluate(some, range);
      const losses = mean(expected.loss, range.count);
      const tolerance = { relative: 5e-6, absolute: 2e-8 };
      expectClose(mean(sums.loss, range.count), losses, tolerance, 'loss');
      expect(sums.correct).toEqual(expected.correct);
      // The twin: the same number of samples, one further on.
      const shifted = await actual.evaluate(some, { ...range, first: first === 0 ? 1 : first - 1 });
      expect(() => expectClose(mean(shifted.loss, range.count), losses, tolerance)).toThrow('first at 0');
    }
    actual.dispose();
    truth.dispose();
  });
});
