/**
 * The living definition of what every engine computes: plain TypeScript in float64, one point after the
 * other, parameters and inputs being the float32 numbers they are. Fast engines are tested against it.
 */
import { allocateValues, forward, type Values } from '../model/forward.js';
import { elements } from '../model/graph.js';
import { checkData, isCorrect, sampleLoss } from '../model/losses.js';
import {
  type Engine,
  EngineLostError,
  type Evaluator,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from './engine.js';

/** Bytes of intermediate values held at once; more gains no speed, as a batch leaves the cache anyway. */
const batchBytes = 4 * 2 ** 20;
/** Milliseconds between two looks at the event loop, where an abort may be waiting. */
const patience = 10;

export const referenceEngine: Engine = {
  name: 'reference',
  async prepare(problem: Problem, signal?: AbortSignal): Promise<Evaluator> {
    signal?.throwIfAborted();
    checkData(problem.model, problem.data, problem.loss);
    return new ReferenceEvaluator(problem);
  },
};

/** The parameters at θ* + (α·d1 + β·d2), a sum that does not depend on which axis is called which. */
export function parametersAt({ model, d1, d2 }: Problem, a: number, b: number): Map<string, Values> {
  const formed = new Map<string, Values>();
  for (const { name, shape, data } of model.parameters.values()) {
    const first = d1.get(name);
    const second = d2.get(name);
    const values = Float64Array.from(data);
    for (let i = 0; i < values.length; i++) {
      const along = (first === undefined ? 0 : a * first[i]!) + (second === undefined ? 0 : b * second[i]!);
      values[i]! += along;
    }
    formed.set(name, { shape, data: values });
  }
  return formed;
}

class ReferenceEvaluator implements Evaluator {
  readonly info = { engine: 'reference', adapter: 'float64 TypeScript' } as const;
  readonly lanes = 1;
  private readonly disposal = new AbortController();
  private readonly batch: number;

  constructor(private readonly problem: Problem) {
    const sampleBytes = 8 * problem.model.shapes.reduce((sum, shape) => sum + elements(shape), 0);
    this.batch = Math.max(1, Math.floor(batchBytes / sampleBytes));
  }

  async evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    this.check(points, samples);
    const size = points.a.length;
    const sums = {
      loss: new Float64Array(size),
      squares: new Float64Array(size),
      correct: new Float64Array(size),
    };
    const values = allocateValues(this.problem.model, Math.min(this.batch, samples.count));
    const end = samples.first + samples.count;
    let rest = performance.now();
    for (let point = 0; point < size; point++) {
      const parameters = parametersAt(this.problem, points.a[point]!, points.b[point]!);
      for (let first = samples.first; first < end; first += this.batch) {
        this.throwIfStopped(signal);
        const count = Math.min(this.batch, end - first);
        this.addBatch(sums, point, parameters, values, { first, count });
        if (performance.now() - rest < patience) continue;
        await nextTask();
        rest = performance.now();
      }
    }
    this.throwIfStopped(signal);
    return sums;
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

  private check({ a, b }: Points, { first, count }: SampleRange): void {
    if (a.length !== b.length) throw new RangeError(`points have ${a.length} α and ${b.length} β`);
    const { samples } = this.problem.data;
    const whole = Number.isSafeInteger(first) && Number.isSafeInteger(count);
    if (!whole || first < 0 || count < 1 || first + count > samples) {
      throw new RangeError(`samples ${first} … ${first + count - 1} are not among the data's ${samples}`);
    }
  }

  private throwIfStopped(signal: AbortSignal | undefined): void {
    this.disposal.signal.throwIfAborted();
    signal?.throwIfAborted();
  }
}

/** Lets waiting events run. A message, because timers are held back by 4 ms in browsers. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
