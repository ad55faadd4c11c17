/** Everything of a session in one buffer, the arena, for batches of up to a number of samples. */
import type { Mode } from '../../../model/forward.js';
import { elements, type BatchNormNode, type Model } from '../../../model/graph.js';
import type { Place } from '../../training.js';
import { makeTape, rootsOf } from '../../wasm/training/tape.js';
import type { Call } from './call.js';
import type { Layer, Site } from './layer.js';
import { layerOf } from './layers.js';

/** Floats between two stretches: places stay aligned for copies. */
const line = 64;

export interface Network {
  /** Places in the arena, in floats. */
  readonly weights: number;
  readonly statistics: number;
  readonly truth: number;
  readonly input: number;
  /** What is read back lies together: gradient, batchnorms' moments, logits. */
  readonly outbox: {
    readonly first: number;
    readonly gradient: number;
    readonly moments: ReadonlyMap<BatchNormNode, number>;
    readonly logits: number;
  };
  /** Gradient by the logits; null where no weight reaches them. */
  readonly byLogits: number | null;
  /** Floats of all. */
  readonly size: number;
  forward(samples: number, mode: Mode): Call[];
  backward(samples: number): Call[];
}

/** `truths` are the numbers of truth per sample: one label, or a target for every output. */
export function layOutNetwork(
  model: Model,
  capacity: number,
  places: readonly Place[],
  lengths: { readonly weights: number; readonly statistics: number },
  truths: number,
): Network {
  let end = 0;
  const take = (floats: number): number => {
    const at = end;
    end = Math.ceil((at + floats) / line) * line;
    return at;
  };
  const weights = take(lengths.weights);
  const statistics = take(lengths.statistics);
  const truth = take(capacity * truths);
  const gradient = take(lengths.weights);
  const moments = new Map<BatchNormNode, number>();
  for (const [index, node] of model.nodes.entries()) {
    if (node.op === 'batchnorm') moments.set(node, take(2 * model.shapes[index + 1]![0]!));
  }
  const roots = rootsOf(model);
  const sizeOf = (value: number): number => capacity * elements(model.shapes[value]!);
  const values = new Map([[roots.at(-1)!, take(sizeOf(roots.at(-1)!))]]);
  for (const root of new Set(roots)) if (!values.has(root)) values.set(root, take(sizeOf(root)));
  const value = (index: number): number => values.get(roots[index]!)!;

  const byName = new Map(places.map((place) => [place.name, place]));
  let scratchFloats = 0;
  let scratch = 0;
  const site: Site = {
    capacity,
    shapeOf: (index) => model.shapes[index]!,
    value,
    parameter(name) {
      if (name === null) return -1;
      const { kind, offset } = byName.get(name)!;
      return (kind === 'weight' ? weights : statistics) + offset;
    },
    gradientOf: (name) => (name === null ? -1 : gradient + byName.get(name)!.offset),
    parameterShape: (name) => byName.get(name)!.shape,
    moments: (node) => moments.get(node)!,
    scratch(floats) {
      scratchFloats = Math.max(scratchFloats, floats);
      return () => scratch;
    },
  };
  const layers = model.nodes.map((node, index): Layer | null =>
    roots[index + 1] === index + 1 ? layerOf(node, index + 1, site) : null,
  );
  scratch = take(scratchFloats);
  // The tape counts bytes of groups of eight samples.
  const tape = makeTape(model, Math.ceil(capacity / 8));
  const gradients = take(tape.bytes / 4);
  const at = (offset: number): number => gradients + offset / 4;
  return {
    weights,
    statistics,
    truth,
    input: value(0),
    outbox: { first: gradient, gradient, moments, logits: value(model.nodes.length) },
    byLogits: tape.start === null ? null : at(tape.start),
    size: end,
    forward: (samples, mode) => layers.flatMap((layer) => layer?.forward(samples, mode) ?? []),
    backward: (samples) =>
      tape.steps.flatMap((step) => {
        const targets = step.targets.map((target) => target && { ...target, at: at(target.at) });
        return layers[step.index]!.backward(samples, at(step.gradient), targets);
      }),
  };
}
