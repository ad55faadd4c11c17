import { describe, expect, it } from 'vitest';
import { EngineLostError, type Points, type Problem } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { sampleLoss } from '../../../src/model/losses.js';
import { allocateValues, forward } from '../../../src/model/forward.js';
import { expectClose } from '../../helpers/compare.js';
import { referenceProblem } from '../../helpers/fixtures.js';

const samples = 60;
const problem = referenceProblem('bnmlp10-residual', samples);
const all = { first: 0, count: samples };
const points: Points = { a: Float64Array.of(0, -0.5, 0.25), b: Float64Array.of(0, 0.5, 1) };
/** Enough work to be interrupted: several seconds. */
const many: Points = { a: new Float64Array(2000), b: new Float64Array(2000) };
const rounding = { relative: 1e-13, absolute: 0 };

async function evaluate(changed: Problem, at: Points = points, range = all) {
  const evaluator = await referenceEngine.prepare(changed);
  return evaluator.evaluate(at, range);
}

describe('reference engine', () => {
  it('gives at the centre exactly the plain loss of the network', async () => {
    const { model, data } = problem;
    const values = allocateValues(model, samples);
    values[0]!.set(data.inputs);
    const parameter = (name: string) => {
      const { shape, data: weights } = model.parameters.get(name)!;
      return { shape, data: Float64Array.from(weights) };
    };
    const logits = forward(model, parameter, values, samples);
    let plain = 0;
    for (let s = 0; s < samples; s++) {
      plain += sampleLoss('ce', { values: logits, start: s * 10, count: 10 }, data, s);
    }
    const { loss } = await evaluate(problem);
    expect(loss[0]).toBe(plain);
  });

  it('gives the transposed picture, bit by bit, when the axes are swapped', async () => {
    const there = await evaluate(problem);
    const swapped = { ...problem, d1: problem.d2, d2: problem.d1 };
    expect(await evaluate(swapped, { a: points.b, b: points.a })).toEqual(there);
    // The twin: without swapping the coordinates it is another picture.
    expect((await evaluate(swapped)).loss).not.toEqual(there.loss);
  });

  it('changes by rounding alone (1e-13 relative) when samples are permuted or come in parts', async () => {
    const { inputs, labels } = problem.data;
    const order = Array.from({ length: samples }, (_, i) => (i * 7) % samples);
    const permuted = {
      ...problem.data,
      inputs: Float32Array.from(inputs, (_, i) => inputs[order[Math.floor(i / 64)]! * 64 + (i % 64)]!),
      labels: labels!.map((_, i) => labels![order[i]!]!),
    };
    const whole = await evaluate(problem);
    const other = await evaluate({ ...problem, data: permuted });
    expect(other.correct).toEqual(whole.correct);
    expectClose(other.loss, whole.loss, rounding);
    expectClose(other.squares, whole.squares, rounding);
    const parts = [
      await evaluate(problem, points, { first: 0, count: 23 }),
      await evaluate(problem, points, { first: 23, count: samples - 23 }),
    ];
    for (const key of ['loss', 'squares', 'correct'] as const) {
      expectClose(
        parts[0]![key].map((x, i) => x + parts[1]![key][i]!),
        whole[key],
        rounding,
        key,
      );
    }
    const mislabelled = { ...permuted, labels: labels! };
    expect(() =>
      expectClose(
        whole.loss,
        other.loss.map((x) => x * (1 + 1e-12)),
        rounding,
      ),
    ).toThrow();
    expect((await evaluate({ ...problem, data: mislabelled })).correct).not.toEqual(whole.correct);
  });

  it('takes a parameter that a direction does not name as standing still', async () => {
    const some = new Map([['head.weight', problem.d1.get('head.weight')!]]);
    const spelled = new Map(
      [...problem.d1].map(([name, d]) => [name, some.get(name) ?? new Float32Array(d.length)]),
    );
    const none: ReadonlyMap<string, Float32Array> = new Map();
    const short = await evaluate({ ...problem, d1: some, d2: none });
    expect(short).toEqual(await evaluate({ ...problem, d1: spelled, d2: none }));
    expect(short.loss[1]).not.toBe(short.loss[0]);
  });

  it('counts correct samples as NaN when targets are real', async () => {
    const targets = new Float32Array(samples * 10).fill(0.5);
    const data = { ...problem.data, labels: null, targets };
    const { loss, correct } = await evaluate({ ...problem, data, loss: 'mse' });
    expect([...correct]).toEqual([NaN, NaN, NaN]);
    expect(loss[0]).toBeGreaterThan(0);
  });

  it('checks its arguments', async () => {
    const evaluator = await referenceEngine.prepare(problem);
    const uneven = { a: new Float64Array(2), b: new Float64Array(3) };
    await expect(evaluator.evaluate(uneven, all)).rejects.toThrow('points have 2 α and 3 β');
    await expect(evaluator.evaluate(points, { first: 1, count: samples })).rejects.toThrow(
      "samples 1 … 60 are not among the data's 60",
    );
    await expect(
      referenceEngine.prepare({ ...problem, data: { ...problem.data, shape: [8, 8] } }),
    ).rejects.toThrow('a sample has shape [8, 8]');
  });

  it('stops with the signal’s reason, even when the abort arrives as an event in mid-run', async () => {
    const evaluator = await referenceEngine.prepare(problem);
    await expect(evaluator.evaluate(points, all, AbortSignal.abort('before'))).rejects.toBe('before');
    const controller = new AbortController();
    const started = performance.now();
    setTimeout(() => controller.abort('enough'), 20);
    await expect(evaluator.evaluate(many, all, controller.signal)).rejects.toBe('enough');
    expect(performance.now() - started).toBeLessThan(1000);
    // It is still good for more.
    expect((await evaluator.evaluate(points, all)).loss).toHaveLength(3);
  });

  it('serves overlapping calls', async () => {
    const evaluator = await referenceEngine.prepare(problem);
    const here = { a: new Float64Array(40).fill(0.25), b: new Float64Array(40).fill(1) };
    const [first, second] = await Promise.all([
      evaluator.evaluate(points, all),
      evaluator.evaluate(here, all),
    ]);
    expect(second!.loss[39]).toBe(first!.loss[2]);
  });

  it('rejects what is pending when it is disposed of', async () => {
    const evaluator = await referenceEngine.prepare(problem);
    setTimeout(() => evaluator.dispose(), 20);
    await expect(evaluator.evaluate(many, all)).rejects.toThrow(EngineLostError);
    await expect(evaluator.evaluate(points, all)).rejects.toThrow(EngineLostError);
  });
});
