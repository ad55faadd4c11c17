/** A problem's arrays in the layouts that the shaders read. */
import type { Dataset } from '../../model/data.js';
import { elements, type Model } from '../../model/graph.js';
import type { Direction } from '../engine.js';
import type { LinearStep, Program } from './program.js';
import { DEPTH, OCTET, outputLanes, OUTPUTS_EACH } from './stages.js';

/** Samples of a vector. */
export const LANE = 4;

/** The next multiple of `multiple`. */
export const padTo = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;

/** Tile that weights are padded to. */
export interface WeightTile {
  readonly depth: number;
  /** Outputs of a workgroup. */
  readonly outputs: number;
}

/** Numbers of one of W, D1 and D2 with their padding. */
export function weightCount({ inputs, outputs, groups, windows }: LinearStep): number {
  const taps = windows.taps[0] * windows.taps[1];
  return groups * taps * padTo(inputs, DEPTH) * padTo(outputs, outputLanes(outputs) * OUTPUTS_EACH);
}

/** W, D1 and D2 as `[3][group][tap][inputs padded][outputs padded]`, zeros in the padding. */
export function packWeights(
  { parameters }: Model,
  directions: readonly Direction[],
  { inputs, outputs, groups, weight, windows }: LinearStep,
  tile: WeightTile,
): Float32Array<ArrayBuffer> {
  const depth = padTo(inputs, tile.depth);
  const width = padTo(outputs, tile.outputs);
  const taps = windows.taps[0] * windows.taps[1];
  const packed = new Float32Array(3 * groups * taps * depth * width);
  const sections = [parameters.get(weight)!.data, ...directions.map((direction) => direction.get(weight))];
  for (const [section, data] of sections.entries()) {
    if (!data) continue;
    let at = 0;
    for (let group = 0; group < groups; group++) {
      const first = (section * groups + group) * taps * depth * width;
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < inputs; k++) {
          for (let tap = 0; tap < taps; tap++) packed[first + (tap * depth + k) * width + o] = data[at++]!;
        }
      }
    }
  }
  return packed;
}

/** 32-bit words of a `Channel` in affine.wgsl. */
const CHANNEL_WORDS = 18;

/** Every channel's bias and batchnorm parameters as affine.wgsl's `Channel` records. */
export function packChannels(
  { parameters }: Model,
  directions: readonly Direction[],
  { channels, channelCount }: Program,
): ArrayBuffer {
  const buffer = new ArrayBuffer(Math.max(1, channelCount) * CHANNEL_WORDS * 4);
  const floats = new Float32Array(buffer);
  const words = new Uint32Array(buffer);
  let at = 0;
  for (const { bias, norm, count } of channels) {
    const rows: readonly (readonly [name: string | null, absent: number])[] = [
      [bias, 0],
      [norm && norm.mean, 0],
      [norm && norm.scale, 1],
      [norm && norm.shift, 0],
      [norm && norm.variance, 1],
    ];
    const arrays = rows.map(([name, absent]) => ({
      absent,
      triple: [
        name === null ? undefined : parameters.get(name)!.data,
        ...directions.map((d) => d.get(name ?? '')),
      ],
    }));
    const variance = norm && parameters.get(norm.variance)!.data;
    const moving = arrays[4]!.triple.slice(1).some((d) => d?.some((value) => value !== 0));
    for (let c = 0; c < count; c++) {
      for (const { absent, triple } of arrays) {
        floats[at++] = triple[0]?.[c] ?? absent;
        floats[at++] = triple[1]?.[c] ?? 0;
        floats[at++] = triple[2]?.[c] ?? 0;
      }
      floats[at++] = norm ? 1 / Math.sqrt(variance![c]! + norm.epsilon) : 1;
      floats[at++] = norm?.epsilon ?? 0;
      words[at++] = moving ? 1 : 0;
    }
  }
  return buffer;
}

/** Rows of `count` values per sample turned to `[value][sample]`, samples padded with zeros to `OCTET`. */
function bySample<A extends Float32Array | Int32Array>(
  data: A,
  samples: number,
  count: number,
  packed: A,
): A {
  const row = padTo(samples, OCTET);
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < count; j++) packed[j * row + i] = data[i * count + j]!;
  }
  return packed;
}

/** Inputs as `[input][sample]`. */
export function packInputs({ inputs, samples, shape }: Dataset): Float32Array<ArrayBuffer> {
  const count = elements(shape);
  return bySample(
    inputs,
    samples,
    count,
    new Float32Array(count * padTo(samples, OCTET)),
  ) as Float32Array<ArrayBuffer>;
}

/** Labels as `[sample]`, or targets as `[output][sample]`. */
export function packTruth(
  { labels, targets, samples }: Dataset,
  outputs: number,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const row = padTo(samples, OCTET);
  if (labels) return bySample(labels, samples, 1, new Int32Array(row)) as Int32Array<ArrayBuffer>;
  return bySample(targets!, samples, outputs, new Float32Array(outputs * row)) as Float32Array<ArrayBuffer>;
}
