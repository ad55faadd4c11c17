/**
 * Derivatives and differences in float64, plain TypeScript: the definition of both, and what an engine uses where
 * it has no kernels of its own that are as good.
 */
import { CompensatedSums } from '../math/sum.js';
import { allocateValues, forward, type Values } from '../model/forward.js';
import { elements } from '../model/graph.js';
import { type Order, partsOf } from '../model/jet.js';
import { lossDifference, lossTangent, softmaxRows } from '../model/loss-derivatives.js';
import { allocateJets, differences, tangents } from '../model/tangent.js';
import { checkCall } from './calls.js';
import type { Derivatives, Differences, Direction, Point, Points, Problem, SampleRange } from './engine.js';
import { nextTask } from './pause.js';

/** Bytes of intermediate values held at once; more gains no speed, as a batch leaves the cache anyway. */
const batchBytes = 4 * 2 ** 20;
/** Milliseconds between two looks at the event loop, where an abort may be waiting. */
const patience = 10;

/** Samples that go through the network together when each element of a value takes `numbers` float64. */
export function batchSamples({ model }: Problem, numbers: number): number {
  const sampleBytes = 8 * numbers * model.shapes.reduce((sum, shape) => sum + elements(shape), 0);
  return Math.max(1, Math.floor(batchBytes / sampleBytes));
}

/** A range in batches of at most `size`. */
export function batchesOf({ first, count }: SampleRange, size: number): SampleRange[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    return { first: first + i * size, count: Math.min(size, count - i * size) };
  });
}

/** Lets waiting events run once in a while; `stop` throws when the work is no longer wanted. */
export function breather(stop: () => void): () => Promise<void> {
  let rest = performance.now();
  return async () => {
    stop();
    if (performance.now() - rest < patience) return;
    await nextTask();
    stop();
    rest = performance.now();
  };
}

/** The parameters at θ* + (α·d1 + β·d2), a sum that does not depend on which axis is called which. */
export function parametersAt({ model, d1, d2 }: Problem, a: number, b: number): Map<string, Values> {
  const formed = new Map<string, Values>();
  for (const { name, shape, data } of model.parameters.values()) {
    const values = new Float64Array(data);
    const change = changeAlong(d1.get(name), d2.get(name), a, b);
    if (change !== null) for (let i = 0; i < values.length; i++) values[i]! += change[i]!;
    formed.set(name, { shape, data: values });
  }
  return formed;
}

type Along = Float32Array | Float64Array | null | undefined;

/** α·d1 + β·d2 of one parameter; null when neither direction has it. */
function changeAlong(first: Along, second: Along, a: number, b: number): Float64Array | null {
  if (!first && !second) return null;
  const change = new Float64Array((first ?? second!).length);
  for (let i = 0; i < change.length; i++) {
    change[i] = (first ? a * first[i]! : 0) + (second ? b * second[i]! : 0);
  }
  return change;
}

/** Both directions by parameter name, null where it stays. */
export type WideDirections = ReadonlyMap<string, readonly [Float64Array | null, Float64Array | null]>;

/** The directions as `tangents` takes them. */
export function wideDirections({ model, d1, d2 }: Problem): WideDirections {
  const wide = (direction: Direction, name: string): Float64Array | null => {
    const values = direction.get(name);
    return values === undefined || values.every((value) => value === 0) ? null : Float64Array.from(values);
  };
  return new Map([...model.parameters.keys()].map((name) => [name, [wide(d1, name), wide(d2, name)]]));
}

/** A problem's passes in float64, one point after the other. */
export class Float64Passes {
  private readonly directions: WideDirections;

  constructor(private readonly problem: Problem) {
    this.directions = wideDirections(problem);
  }

  /** As `Evaluator.derivatives`; `stop` throws when the work is no longer wanted. */
  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    stop: () => void,
  ): Promise<Derivatives> {
    const { problem } = this;
    const { model, data, loss } = problem;
    checkCall(problem, points, samples);
    const parts = partsOf(order);
    const batch = Math.min(samples.count, batchSamples(problem, 1 + parts));
    const values = allocateValues(model, batch);
    const jets = allocateJets(model, batch, order);
    const sums = Array.from({ length: parts }, () => new CompensatedSums(points.a.length));
    const own = new Float64Array(parts);
    const breathe = breather(stop);
    for (const [point, a] of points.a.entries()) {
      const parameters = parametersAt(problem, a, points.b[point]!);
      const parameter = (name: string): Values => parameters.get(name)!;
      for (const { first, count } of batchesOf(samples, batch)) {
        await breathe();
        const logits = this.values(parameter, values, first, count);
        const along = (name: string) => this.directions.get(name)!;
        const jet = tangents(model, parameter, along, values, jets, count);
        const outputs = logits.length / count;
        for (let s = 0; s < count; s++) {
          const row = { values: logits, start: s * outputs, count: outputs };
          lossTangent(loss, row, jet, data, first + s, own);
          for (const [part, sum] of sums.entries()) sum.add(point, own[part]!);
        }
      }
    }
    stop();
    const [a, b, aa = null, ab = null, bb = null] = sums.map((sum) => sum.values()) as [
      Float64Array,
      Float64Array,
      ...Float64Array[],
    ];
    return { a, b, aa, ab, bb };
  }

  /** As `Evaluator.differences`. */
  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    stop: () => void,
  ): Promise<Differences> {
    const { problem } = this;
    const { model, data, loss } = problem;
    checkCall(problem, offsets, samples);
    const batch = Math.min(samples.count, batchSamples(problem, 2));
    const values = allocateValues(model, batch);
    const moved = allocateValues(model, batch);
    const sums = new CompensatedSums(offsets.a.length);
    const parameters = parametersAt(problem, centre.a, centre.b);
    const parameter = (name: string): Values => parameters.get(name)!;
    const breathe = breather(stop);
    for (const { first, count } of batchesOf(samples, batch)) {
      const logits = this.values(parameter, values, first, count);
      const outputs = logits.length / count;
      const softmaxes = softmaxRows(logits, outputs);
      for (const [point, a] of offsets.a.entries()) {
        await breathe();
        const change = this.changes(a, offsets.b[point]!);
        const difference = differences(model, parameter, change, values, moved, count);
        for (let s = 0; s < count; s++) {
          const row = { values: logits, start: s * outputs, count: outputs };
          sums.add(point, lossDifference(loss, row, difference, data, first + s, softmaxes));
        }
      }
    }
    stop();
    return { delta: sums.values() };
  }

  /** Fills `values` with those of a batch and gives its logits. */
  private values(
    parameter: (name: string) => Values,
    values: readonly Float64Array[],
    first: number,
    count: number,
  ): Float64Array {
    const { model, data } = this.problem;
    const width = elements(data.shape);
    values[0]!.set(data.inputs.subarray(first * width, (first + count) * width));
    return forward(model, parameter, values, count);
  }

  /** What an offset adds to each parameter, formed once. */
  private changes(a: number, b: number): (name: string) => Float64Array | null {
    const formed = new Map<string, Float64Array | null>();
    return (name) => {
      let change = formed.get(name);
      if (change === undefined) {
        const [first, second] = this.directions.get(name)!;
        change = changeAlong(first, second, a, b);
        formed.set(name, change);
      }
      return change;
    };
  }
}
