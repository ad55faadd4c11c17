/**
 * The centre of differences in float64, sample by sample: what keeps.ts names, rounded once, and the losses' derivatives along
 * the plane, which stay float64 as the largest part of a small difference.
 */
import { logistic } from '../../../math/special.js';
import { allocateValues, forward, type Values } from '../../../model/forward.js';
import { elements } from '../../../model/graph.js';
import type { Jet } from '../../../model/jet.js';
import { lossTangent, softmaxRows } from '../../../model/loss-derivatives.js';
import { targetOf } from '../../../model/losses.js';
import { opOf } from '../../../model/ops/index.js';
import { allocateJets, tangents } from '../../../model/tangent.js';
import type { Point, Problem, SampleRange } from '../../engine.js';
import {
  batchesOf,
  batchSamples,
  breather,
  parametersAt,
  type WideDirections,
  wideDirections,
} from '../../float64.js';
import { arraysOf, type Block, type Keep, type Keeps, type PoolKeep, TAP_ARRAYS } from './keeps.js';

/** Float64 numbers of each element of a value: itself, its two derivatives, and what products are formed in. */
const NUMBERS = 6;

export interface FormedCentre {
  /** `[array][row][sample]`, as long as the block. */
  readonly data: Float32Array<ArrayBuffer>;
  /** ∂ℓ/∂α and ∂ℓ/∂β of every sample of the range. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** Where a batch is written: from sample `first` on, `stride` samples a row. */
interface Target {
  readonly data: Float32Array;
  readonly stride: number;
  readonly first: number;
  readonly count: number;
}

export class CentreMaker {
  private readonly directions: WideDirections;

  constructor(
    private readonly problem: Problem,
    private readonly keeps: Keeps,
  ) {
    this.directions = wideDirections(problem);
  }

  /** Of a block of `stride` samples that begins with the range's first; `stop` throws when it is no longer wanted. */
  async form(point: Point, range: SampleRange, stride: number, stop: () => void): Promise<FormedCentre> {
    const { problem, keeps } = this;
    const { model, data, loss } = problem;
    const out = new Float32Array(keeps.rows * stride);
    const [a, b] = [new Float64Array(range.count), new Float64Array(range.count)];
    const batch = Math.min(range.count, batchSamples(problem, NUMBERS));
    const values = allocateValues(model, batch);
    const jets = allocateJets(model, batch, 1);
    const largest = Math.max(0, ...[...keeps.steps.values()].map(({ rows }) => rows));
    const scratch = [new Float64Array(batch * largest), new Float64Array(batch * largest)] as const;
    const parameters = parametersAt(problem, point.a, point.b);
    const parameter = (name: string): Values => parameters.get(name)!;
    const along = (name: string) => this.directions.get(name)!;
    const breathe = breather(stop);
    const width = elements(data.shape);
    const own = new Float64Array(2);
    for (const { first, count } of batchesOf(range, batch)) {
      await breathe();
      values[0]!.set(data.inputs.subarray(first * width, (first + count) * width));
      const logits = forward(model, parameter, values, count);
      const jet = tangents(model, parameter, along, values, jets, count);
      const target: Target = { data: out, stride, first: first - range.first, count };
      for (const keep of keeps.steps.values()) {
        if (keep.layer !== null) this.keepLayer(keep, jets, scratch, target);
        if (keep.norm !== null) this.keepNorm(keep, keep.norm, jets, target);
        if (keep.input !== null) keepActivation(keep, values[keep.input]!, jets[keep.input]!, target);
      }
      for (const keep of keeps.pools.values())
        keepMaxima(keep, values[keep.input]!, jets[keep.input]!, target);
      for (const keep of [...keeps.factors.values()].flat()) {
        for (const [array, part] of [...jets[keep.value]!, values[keep.value]!].entries()) {
          write(target, keep, array, part);
        }
      }
      this.keepLoss(logits, jet, first, target);
      const outputs = logits.length / count;
      for (let s = 0; s < count; s++) {
        const row = { values: logits, start: s * outputs, count: outputs };
        lossTangent(loss, row, jet, data, first + s, own);
        a[target.first + s] = own[0]!;
        b[target.first + s] = own[1]!;
      }
    }
    return { data: out, a, b };
  }

  /** q11 = D1·t1, q12 = D1·t2 + D2·t1, q22 = D2·t2. */
  private keepLayer(
    keep: Keep,
    jets: readonly Jet[],
    scratch: readonly [Float64Array, Float64Array],
    target: Target,
  ): void {
    const { model } = this.problem;
    const own = model.nodes[keep.layer!]!;
    if (own.op !== 'dense' && own.op !== 'conv2d') throw new TypeError(`${own.name} is no layer`);
    const node = { ...own, bias: null };
    const input = own.inputs[0]!;
    const { count } = target;
    const size = count * elements(model.shapes[input]!);
    const [t1, t2] = jets[input]!.map((part) => part.subarray(0, size)) as [Float64Array, Float64Array];
    const { shape } = model.parameters.get(own.weight)!;
    const product = (direction: 0 | 1, x: Float64Array, output: Float64Array): Float64Array => {
      const weights = this.directions.get(own.weight)![direction];
      const room = output.subarray(0, count * keep.rows);
      if (weights === null) return room.fill(0);
      opOf(node).forward({
        node,
        samples: count,
        inputs: [x],
        shapes: [model.shapes[input]!],
        output: room,
        shape: model.shapes[keep.layer! + 1]!,
        parameter: () => ({ shape, data: weights }),
      });
      return room;
    };
    const [one, other] = scratch;
    write(target, keep, 0, product(0, t1, one));
    const mixed = product(0, t2, one);
    const turned = product(1, t1, other);
    for (let i = 0; i < mixed.length; i++) mixed[i]! += turned[i]!;
    write(target, keep, 1, mixed);
    write(target, keep, 2, product(1, t2, one));
  }

  /** With F_α and F_β the scale's derivatives: F_α·t1, F_α·t2 + F_β·t1, F_β·t2. */
  private keepNorm(
    keep: Keep,
    { node, input }: NonNullable<Keep['norm']>,
    jets: readonly Jet[],
    target: Target,
  ): void {
    const variance = this.problem.model.parameters.get(node.variance)!.data;
    const [t1, t2] = jets[input] as readonly [Float64Array, Float64Array];
    const plane = keep.rows / variance.length;
    const along = this.directions.get(node.scale!)!;
    const size = target.count * keep.rows;
    const part = (of: (fa: number, fb: number, i: number) => number): Float64Array => {
      return Float64Array.from({ length: size }, (_, i) => {
        const channel = Math.floor((i % keep.rows) / plane);
        const deviation = Math.sqrt(variance[channel]! + node.epsilon);
        const [fa = 0, fb = 0] = along.map((direction) => (direction?.[channel] ?? 0) / deviation);
        return of(fa, fb, i);
      });
    };
    const { norm } = arraysOf(keep);
    write(
      target,
      keep,
      norm,
      part((fa, _, i) => fa * t1[i]!),
    );
    write(
      target,
      keep,
      norm + 1,
      part((fa, fb, i) => fa * t2[i]! + fb * t1[i]!),
    );
    write(
      target,
      keep,
      norm + 2,
      part((_, fb, i) => fb * t2[i]!),
    );
  }

  /** Of cross-entropy the derivatives less the label's and the softmax, else the derivatives and what shaders/delta_loss.wgsl says. */
  private keepLoss(logits: Float64Array, jet: Jet, sample: number, target: Target): void {
    const { data, loss } = this.problem;
    const { count } = target;
    const outputs = logits.length / count;
    const block = this.keeps.loss;
    const [t1, t2] = jet.map((part) => part.slice()) as [Float64Array, Float64Array];
    const third = loss === 'ce' ? softmaxRows(logits, outputs) : new Float64Array(logits.length);
    const fourth = new Float64Array(logits.length);
    for (let s = 0; s < count; s++) {
      const start = s * outputs;
      if (loss === 'ce') {
        const label = start + data.labels![sample + s]!;
        const [a, b] = [t1[label]!, t2[label]!];
        for (let j = start; j < start + outputs; j++) {
          t1[j]! -= a;
          t2[j]! -= b;
        }
        continue;
      }
      const wanted = targetOf(data, sample + s, outputs);
      for (let j = 0; j < outputs; j++) {
        const z = logits[start + j]!;
        const t = wanted(j);
        third[start + j] = loss === 'mse' ? z - t : (1 - t) * logistic(z) - t * logistic(-z);
        fourth[start + j] = z > 0 ? logistic(-z) : -logistic(z);
      }
    }
    for (const [array, values] of [t1, t2, third, fourth].slice(0, this.keeps.loss.arrays).entries()) {
      write(target, block, array, values);
    }
  }
}

function keepActivation(keep: Keep, z: Float64Array, [t1, t2]: Jet, target: Target): void {
  const first = arraysOf(keep).activation;
  write(target, keep, first, t1!);
  write(target, keep, first + 1, t2!);
  const size = target.count * keep.rows;
  for (const [k, need] of keep.needs.entries()) {
    write(
      target,
      keep,
      first + 2 + k,
      z.subarray(0, size).map((value) => need(value, keep.slope)),
    );
  }
}

/** Taps of a window that lie beyond the border keep zeros, which nobody reads. */
function keepMaxima(keep: PoolKeep, z: Float64Array, [t1, t2]: Jet, target: Target): void {
  const { windows, rows } = keep;
  const { taps, stride, dilation, padding, input, output } = windows;
  const pixels = output[0] * output[1];
  const size = (rows / pixels) * input[0] * input[1];
  const { count } = target;
  const parts = Array.from({ length: TAP_ARRAYS * taps[0] * taps[1] }, () => new Float64Array(count * rows));
  for (let s = 0; s < count; s++) {
    for (let row = 0; row < rows; row++) {
      const channel = Math.floor(row / pixels);
      const pixel = row % pixels;
      const inside: (readonly [tap: number, at: number])[] = [];
      for (let tap = 0; tap < taps[0] * taps[1]; tap++) {
        const y =
          Math.floor(pixel / output[1]) * stride[0] - padding[0] + Math.floor(tap / taps[1]) * dilation[0];
        const x = (pixel % output[1]) * stride[1] - padding[1] + (tap % taps[1]) * dilation[1];
        if (y < 0 || y >= input[0] || x < 0 || x >= input[1]) continue;
        inside.push([tap, s * size + (channel * input[0] + y) * input[1] + x]);
      }
      // The first of several, as in PyTorch.
      const winner = inside.reduce((best, [, at]) => (best < 0 || z[at]! > z[best]! ? at : best), -1);
      for (const [tap, at] of inside) {
        for (const [k, part] of [z, t1!, t2!].entries()) {
          parts[TAP_ARRAYS * tap + k]![s * rows + row] = part[at]! - part[winner]!;
        }
      }
    }
  }
  for (const [array, part] of parts.entries()) write(target, keep, array, part);
}

/** Rows of samples turned to rows of elements. */
function write(
  { data, stride, first, count }: Target,
  keep: Block,
  array: number,
  values: Float64Array,
): void {
  const { rows } = keep;
  const start = (keep.first + array * rows) * stride + first;
  for (let row = 0; row < rows; row++) {
    const to = start + row * stride;
    for (let s = 0; s < count; s++) data[to + s] = values[s * rows + row]!;
  }
}
