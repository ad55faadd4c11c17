/** What the steps of a centre keep for the delta pass, in float32: how much, and how it comes about. */
import { elements, type Model } from '../../model/graph.js';
import { itself, remainderNeeds } from '../remainder-needs.js';
import type { Kernels } from './kernels.js';
import { rescales, type Step } from './lower.js';
import type { Of } from './machine.js';
import { groupSamples } from './pack.js';
import type { Plane } from './plane.js';
import { poolTable, type ReduceTable } from './tables.js';
import { hasSecond } from './wide-products.js';
import type { Part, WideJet } from './wide-rows.js';
import { vectorCount } from './wide-vectors.js';

/** The windows of a pool that takes maxima; null for every other reduction. */
export function maximumTable({ node, out }: Of<'reduce'>, { shapes }: Model): ReduceTable | null {
  if (node.op !== 'pool' || node.mode !== 'max') return null;
  return poolTable(node, shapes[node.inputs[0]!]!, shapes[out]!);
}

/** A normalisation that stands alone because its scale moves; null for every other step. */
export function movedNorm(step: Step, plane: Plane) {
  if (step.kind !== 'affine' || step.node.op !== 'batchnorm') return null;
  return rescales(step.node, (name) => plane.moves(name)) ? step.node : null;
}

/** Rows of a group that a step keeps. */
export function keptRows(step: Step, model: Model, plane: Plane): number {
  const units = (value: number): number => elements(model.shapes[value]!);
  switch (step.kind) {
    case 'product':
      return hasSecond(step, plane) ? 3 * units(step.out) : 0;
    case 'activation':
      return (2 + remainderNeeds[step.node.fn].length) * units(step.out);
    case 'affine':
      return movedNorm(step, plane) === null ? 0 : 3 * units(step.out);
    case 'multiply':
      return 3 * (units(step.inputs[0]!) + units(step.inputs[1]!));
    case 'reduce':
      return 3 * (maximumTable(step, model)?.taps.length ?? 0);
    default:
      return 0;
  }
}

/** Rounds parts one after the other to float32, from address `at` on. */
function keep(kernels: Kernels, parts: readonly Part[], at: number): number {
  let end = at;
  for (const part of parts) {
    kernels.wide_narrow(part.byteOffset, end, part.byteLength);
    end += part.byteLength / 2;
  }
  return end;
}

/** The slopes of an activation's input, and what its kernel needs. */
export function keepActivation(
  { node: { fn, slope } }: Of<'activation'>,
  [z, a, b]: WideJet,
  at: number,
  kernels: Kernels,
): void {
  let end = keep(kernels, [a, b], at);
  for (const need of remainderNeeds[fn]) {
    if (need === itself) {
      end = keep(kernels, [z], end);
      continue;
    }
    const out = new Float32Array(z.buffer, end, z.length);
    for (let i = 0; i < z.length; i++) out[i] = need(z[i]!, slope);
    end += out.byteLength;
  }
}

/** The slopes and the value of each factor of a product. */
export function keepFactors(factors: readonly WideJet[], at: number, kernels: Kernels): void {
  let end = at;
  for (const [v, a, b] of factors) end = keep(kernels, [a, b, v], end);
}

/** The slopes and the value of x + centre for an input x of channels of `area` rows; `vectors` are the step's (wide-vectors.ts). */
export function keepCentred(input: WideJet, vectors: Float64Array, area: number, at: number): void {
  const [v, a, b] = input;
  const channels = vectors.length / vectorCount;
  for (const [k, [part, centre]] of [[a, 1] as const, [b, 2] as const, [v, 0] as const].entries()) {
    const out = new Float32Array(part.buffer, at + 4 * part.length * k, part.length);
    const line = area * groupSamples;
    for (let start = 0; start < part.length; start += line) {
      const added = vectors[centre * channels + ((start / line) % channels)]!;
      for (let i = start; i < start + line; i++) out[i] = part[i]! + added;
    }
  }
}

/**
 * Maxima, and for every tap of a group how far it is below the winner, the first of equals as in PyTorch, and how much
 * faster than that it grows along α and β: three arrays in `kept`.
 */
export function keepMaxima(
  { starts, taps }: ReduceTable,
  input: WideJet,
  output: WideJet,
  groups: number,
  kept: Float32Array,
): void {
  const [z] = input;
  const stride = z.length / groups;
  const count = starts.length - 1;
  const part = taps.length * groupSamples;
  for (let i = 0; i < groups * count * groupSamples; i++) {
    const lane = i % groupSamples;
    const window = ((i - lane) / groupSamples) % count;
    const group = Math.floor(i / (count * groupSamples));
    const origin = group * stride + lane;
    const [first, end] = [starts[window]!, starts[window + 1]!];
    let winner = -1;
    for (let j = first; j < end; j++) {
      const at = origin + taps[j]! * groupSamples;
      // NaN counts as largest.
      if (winner < 0 || z[at]! > z[winner]! || (Number.isNaN(z[at]!) && !Number.isNaN(z[winner]!)))
        winner = at;
    }
    for (const [k, out] of output.entries()) {
      const from = input[k]!;
      const own = from[winner];
      out[i] = own ?? (k === 0 ? -Infinity : 0);
      for (let j = first; j < end; j++) {
        const at = origin + taps[j]! * groupSamples;
        kept[(k * groups + group) * part + j * groupSamples + lane] = at === winner ? 0 : from[at]! - own!;
      }
    }
  }
}
