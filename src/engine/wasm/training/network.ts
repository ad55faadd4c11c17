/** A network laid out for batches of a size: every node a layer, every gradient a place. */
import type { Mode } from '../../../model/forward.js';
import { elements, type Model, type Node } from '../../../model/graph.js';
import type { Place } from '../../training.js';
import { rowBytes } from '../pack.js';
import { batchnorm } from './batchnorm.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import type { Batch, Layer, Machine, Site, Target } from './layer.js';
import type { Layout } from './layout.js';
import { activation, add, copy, multiply, reduce, scale } from './rows.js';
import { makeTape, rootsOf } from './tape.js';

/** Addresses of the flat vectors of a session. */
export interface Vectors {
  readonly weights: number;
  readonly statistics: number;
  readonly gradient: number;
}

export interface Network {
  /** Address of the input `[groups][units][8]`, and of the logits. */
  readonly input: number;
  readonly logits: number;
  /** Address of the gradient by the logits; null where no weight reaches them. */
  readonly byLogits: number | null;
  forward(machine: Machine, batch: Batch, mode: Mode): void;
  backward(machine: Machine, batch: Batch): void;
}

export function layOutNetwork(
  model: Model,
  groups: number,
  layout: Layout,
  places: readonly Place[],
  vectors: Vectors,
): Network {
  const roots = rootsOf(model);
  const values = new Map<number, number>();
  for (const root of new Set(roots)) {
    values.set(root, layout.take(groups * elements(model.shapes[root]!) * rowBytes));
  }
  const value = (index: number): number => values.get(roots[index]!)!;
  const byName = new Map(places.map((place) => [place.name, place]));
  let scratchBytes = 0;
  let scratchAt = 0;
  const site: Site = {
    model,
    layout,
    groups,
    shapeOf: (index) => model.shapes[index]!,
    value,
    parameter(name) {
      if (name === null) return 0;
      const { kind, offset } = byName.get(name)!;
      return vectors[kind === 'weight' ? 'weights' : 'statistics'] + 4 * offset;
    },
    gradientOf: (name) => (name === null ? 0 : vectors.gradient + 4 * byName.get(name)!.offset),
    scratch(bytes) {
      scratchBytes = Math.max(scratchBytes, bytes);
      return () => scratchAt;
    },
  };
  const layers = model.nodes.map((node, index) =>
    roots[index + 1] === index + 1 ? layerOf(node, index + 1, site) : null,
  );
  scratchAt = layout.take(scratchBytes);
  const tape = makeTape(model, groups);
  const gradients = layout.take(tape.bytes);
  const nobody: Target = { at: 0, added: false };
  const steps = tape.steps.map(({ index, gradient, targets }) => ({
    layer: layers[index]!,
    gradient: gradients + gradient,
    targets: targets.map((target) => (target === null ? nobody : { ...target, at: gradients + target.at })),
  }));
  return {
    input: value(0),
    logits: value(model.nodes.length),
    byLogits: tape.start === null ? null : gradients + tape.start,
    forward(machine, batch, mode) {
      for (const layer of layers) layer?.forward(machine, batch, mode);
    },
    backward(machine, batch) {
      for (const { layer, gradient, targets } of steps) layer.backward(machine, batch, gradient, targets);
    },
  };
}

function layerOf(node: Node, out: number, site: Site): Layer {
  switch (node.op) {
    case 'dense':
      return dense(node, out, site);
    case 'conv2d':
      return conv2d(node, out, site);
    case 'batchnorm':
      return batchnorm(node, out, site);
    case 'activation':
      return activation(node, out, site);
    case 'add':
      return add(node, out, site);
    case 'multiply':
      return multiply(node, out, site);
    case 'scale':
      return scale(node, out, site);
    case 'pool':
    case 'mean':
      return reduce(node, out, site);
    case 'concat':
    case 'pad':
    case 'slice':
      return copy(node, out, site);
    case 'flatten':
      throw new TypeError('flatten renames its input and has no layer');
  }
}
