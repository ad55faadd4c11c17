/**
 * The living definition of what every engine computes: plain TypeScript in float64, one point after the
 * other, parameters and inputs being the float32 numbers they are. Fast engines are tested against it.
 */
import { allocateValues, forward, type Values } from '../model/forward.js';
import { elements } from '../model/graph.js';
import type { Order } from '../model/jet.js';
import { checkData, isCorrect, sampleLoss } from '../model/losses.js';
import { checkCall } from './calls.js';
import {
  type Derivatives,
  type Differences,
  type Engine,
  EngineLostError,
  type Evaluator,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from './engine.js';
import { batchesOf, batchSamples, breather, Float64Passes, parametersAt } from './float64.js';

export const referenceEngine: Engine = {
  name: 'reference',
  async prepare(problem: Problem, signal?: AbortSignal): Promise<Evaluator> {
    signal?.throwIfAborted();
    checkData(problem.model, problem.data, problem.loss);
    return new ReferenceEvaluator(problem);
  },
};

class ReferenceEvaluator implements Evaluator {
  readonly info = { engine: 'reference', adapter: 'float64 TypeScript' } as const;
  readonly lanes = 1;
  readonly passes = { evaluate: 'float64', derivatives: 'float64', differences: 'float64' } as const;
  private readonly disposal = new AbortController();
  private readonly exact: Float64Passes;

  constructor(private readonly problem: Problem) {
    this.exact = new Float64Passes(problem);
  }

  async evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    checkCall(this.problem, points, samples);
    const size = points.a.length;
    const sums = {
      loss: new Float64Array(size),
      squares: new Float64Array(size),
      correct: new Float64Array(size),
    };
    const batch = Math.min(samples.count, batchSamples(this.problem, 1));
    const values = allocateValues(this.problem.model, batch);
    const stop = (): void => this.throwIfStopped(signal);
    const breathe = breather(stop);
    for (let point = 0; point < size; point++) {
      const parameters = parametersAt(this.problem, points.a[point]!, points.b[point]!);
      for (const range of batchesOf(samples, batch)) {
        await breathe();
        this.addBatch(sums, point, parameters, values, range);
      }
    }
    stop();
    return sums;
  }

  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    signal?: AbortSignal,
  ): Promise<Derivatives> {
    return this.exact.derivatives(points, samples, order, () => this.throwIfStopped(signal));
  }

  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    return this.exact.differences(centre, offsets, samples, () => this.throwIfStopped(signal));
  }

  dispose(): void {
    this.disposal.abort(new EngineLostError('this evaluator was disposed of; prepare the problem again'));
  }

  private addBatch(
    sums: Sums,
    point: number,
    parameters: ReadonlyMap<string, Values>,
    values: readonly Float64Array[],
    { first, count }: SampleRange,
  ): void {
    const { model, data, loss } = this.problem;
    const width = elements(data.shape);
    values[0]!.set(data.inputs.subarray(first * width, (first + count) * width));
    const logits = forward(model, (name) => parameters.get(name)!, values, count);
    const outputs = logits.length / count;
    for (let s = 0; s < count; s++) {
      const row = { values: logits, start: s * outputs, count: outputs };
      const sample = first + s;
      const l = sampleLoss(loss, row, data, sample);
      sums.loss[point]! += l;
      sums.squares[point]! += l * l;
      sums.correct[point]! += data.labels === null ? NaN : isCorrect(loss, row, data.labels[sample]!);
    }
  }

  private throwIfStopped(signal: AbortSignal | undefined): void {
    this.disposal.signal.throwIfAborted();
    signal?.throwIfAborted();
  }
}
