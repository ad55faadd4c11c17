/** What holds of every plane whatever the numbers are, on the engines that people use, and what is not a number. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Problem, SampleRange } from '../../src/engine/engine.js';
import type { WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import type { Kernels } from '../../src/engine/webgpu/recipe.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { drawDirection } from '../../src/landscape/directions.js';
import type { Model } from '../../src/model/graph.js';
import { expectClose } from '../helpers/compare.js';
import { evaluateOnce } from '../helpers/evaluate.js';
import { loadDigits, referenceProblem } from '../helpers/fixtures.js';
import { requireEngine } from '../helpers/gpu.js';
import { rescaled } from '../helpers/rescale.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const samples = 40;
const all: SampleRange = { first: 0, count: samples };
const points = { a: Float64Array.of(0, -0.5, 0.25), b: Float64Array.of(0, 0.5, 1) };
const rounding = { relative: 5e-6, absolute: samples * 2e-8 };

/** The network with one parameter's data changed. */
function changed(problem: Problem, name: string, change: (data: Float32Array) => void): Problem {
  const parameter = problem.model.parameters.get(name)!;
  const data = parameter.data.slice();
  change(data);
  const parameters = new Map(problem.model.parameters).set(name, { ...parameter, data });
  return { ...problem, model: { ...problem.model, parameters } };
}

/** The plane of seed 7, filter-normalised or not. */
function plane(model: Model, normalise: 'filter' | 'none'): Problem {
  const draw = (index: 0 | 1) => drawDirection(model, { seed: 7, index, normalise, bias: 'scale' });
  return { model, d1: draw(0), d2: draw(1), data: loadDigits(samples), loss: 'ce' };
}

const kernels: readonly Kernels[] = ['chain', 'tiled', 'direct'];
const webgpu = new Map<Kernels, WebgpuEngine>();
beforeAll(async () => {
  for (const each of kernels) webgpu.set(each, await requireEngine(each));
});
afterAll(() => {
  for (const engine of webgpu.values()) engine.dispose();
});

const engines: readonly (readonly [string, () => Engine])[] = [
  ...[...wasmBuilds].map(([build, engine]) => [`WASM, ${build}`, () => engine] as const),
  ...kernels.map((each) => [`webgpu, ${each}`, () => webgpu.get(each)!] as const),
];

describe.each(engines)('%s', (_name, engine) => {
  const problem = referenceProblem('mlp-residual-relu', samples);
  const evaluate = (of: Problem, at = points) => evaluateOnce(engine(), of, at, all);

  it('gives at the centre, within 5e-6 relative + 2e-8 absolute, the loss of the network that nothing moves', async () => {
    const still = { ...problem, d1: new Map(), d2: new Map() };
    const { loss } = await evaluate(still);
    expect(loss).toEqual(new Float64Array(3).fill(loss[0]!));
    const moved = (await evaluate(problem)).loss;
    expectClose(moved.slice(0, 1), loss.slice(0, 1), rounding);
    // The twin: away from the centre it is another loss.
    expect(() => expectClose(moved.slice(1), loss.slice(1), rounding)).toThrow('first at 0');
  });

  it('gives the transposed picture within 5e-6 relative + 2e-8 absolute when the axes are swapped', async () => {
    const there = await evaluate(problem);
    const swapped = { ...problem, d1: problem.d2, d2: problem.d1 };
    expectClose((await evaluate(swapped, { a: points.b, b: points.a })).loss, there.loss, rounding);
    // The twin: without swapping the coordinates it is another picture.
    const other = (await evaluate(swapped)).loss;
    expect(() => expectClose(other, there.loss, rounding)).toThrow('differ');
  });

  it('gives bit by bit the same filter-normalised plane after one layer is doubled and the next halved', async () => {
    const { model } = problem;
    const before = await evaluate(plane(model, 'filter'));
    expect(await evaluate(plane(rescaled(model), 'filter'))).toEqual(before);
    // The twin: another plane when nothing is normalised.
    const bare = await evaluate(plane(model, 'none'));
    expect((await evaluate(plane(rescaled(model), 'none'))).loss[2]).not.toBe(bare.loss[2]);
  });

  it('changes by less than 5e-6 relative + 2e-8 absolute when samples are permuted', async () => {
    const { inputs, labels } = problem.data;
    const order = Array.from({ length: samples }, (_, i) => (i * 7) % samples);
    const data = {
      ...problem.data,
      inputs: Float32Array.from(inputs, (_, i) => inputs[order[Math.floor(i / 64)]! * 64 + (i % 64)]!),
      labels: labels!.map((_, i) => labels![order[i]!]!),
    };
    const whole = await evaluate(problem);
    const other = await evaluate({ ...problem, data });
    expect(other.correct).toEqual(whole.correct);
    expectClose(other.loss, whole.loss, rounding);
    // The twin: labels that stay behind.
    const mislabelled = await evaluate({ ...problem, data: { ...data, labels: labels! } });
    expect(() => expectClose(mislabelled.loss, whole.loss, rounding)).toThrow('differ');
  });

  it('keeps what is not a number: NaN in the first layer, logits that overflow, −∞ at a label', async () => {
    const broken = changed(problem, 'stem.weight', (data) => void (data[20] = NaN));
    const first = await evaluate(broken);
    expect([...first.loss, ...first.squares].every(Number.isNaN)).toBe(true);
    expect(first.correct).toEqual((await evaluateOnce(referenceEngine, broken, points, all)).correct);
    const overflow = await evaluate(changed(problem, 'head.weight', (data) => void data.fill(3e38)));
    expect(overflow.loss.every(Number.isNaN)).toBe(true);
    const infinite = await evaluate(changed(problem, 'head.bias', (data) => void (data[3] = -Infinity)));
    expect(infinite.loss.every((loss) => loss === Infinity)).toBe(true);
    expect((await evaluate(problem)).loss.every(Number.isFinite)).toBe(true);
  });
});
