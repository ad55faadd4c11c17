/**
 * Which gradients a network's way back needs, and where they lie: found by first fit in the order of the way
 * back, given back after their own node, and taken over by what works element by element.
 */
import { elements, type Model, type Node } from '../../../model/graph.js';
import { opOf } from '../../../model/ops/index.js';
import { Space } from '../buffers.js';
import { rowBytes } from '../pack.js';
import type { Target } from './layer.js';

/** A node's part of the way back. */
export interface Step {
  readonly index: number;
  /** Offset of the gradient by its output. */
  readonly gradient: number;
  /** By its inputs, `at` an offset; null where nobody asks. */
  readonly targets: readonly (Target | null)[];
}

export interface Tape {
  /** In the order of the way back; nodes that no weight feeds, or that do not reach the loss, have none. */
  readonly steps: readonly Step[];
  /** Offset of the gradient by the logits; null where no weight reaches them. */
  readonly start: number | null;
  /** Bytes of all of them. */
  readonly bytes: number;
}

/** Nodes that leave every element where it is. */
const renames = (node: Node): boolean =>
  node.op === 'flatten' || (node.op === 'activation' && node.fn === 'identity');

/** For every value the one whose memory it is. */
export function rootsOf(model: Model): number[] {
  const roots = [0];
  for (const [index, node] of model.nodes.entries()) {
    roots.push(renames(node) ? roots[node.inputs[0]!]! : index + 1);
  }
  return roots;
}

/** Nodes whose gradient by an input may stand where that by the output was. */
const inPlace: readonly Node['op'][] = ['activation', 'batchnorm', 'scale', 'add'];

export function makeTape(model: Model, groups: number): Tape {
  const roots = rootsOf(model);
  const fed = feedings(model);
  const space = new Space();
  const offsets = new Map<number, number>();
  const size = (value: number): number => groups * elements(model.shapes[value]!) * rowBytes;
  const take = (value: number): number => {
    const offset = space.take(size(value));
    offsets.set(value, offset);
    return offset;
  };
  const last = roots.at(-1)!;
  const start = fed[last]! ? take(last) : null;
  const steps: Step[] = [];
  for (let index = model.nodes.length - 1; index >= 0; index--) {
    const node = model.nodes[index]!;
    const gradient = offsets.get(index + 1);
    if (gradient === undefined || renames(node)) continue;
    const inputs = node.inputs.map((value) => roots[value]!);
    const heir = inPlace.includes(node.op)
      ? inputs.findLastIndex(
          (value) =>
            fed[value]! && !offsets.has(value) && inputs.indexOf(value) === inputs.lastIndexOf(value),
        )
      : -1;
    const targets = inputs.map((value, k): Target | null => {
      if (!fed[value]!) return null;
      const known = offsets.get(value);
      if (known !== undefined) return { at: known, added: true };
      if (k !== heir) return { at: take(value), added: false };
      offsets.set(value, gradient);
      return { at: gradient, added: false };
    });
    steps.push({ index, gradient, targets });
    if (heir < 0) space.give(gradient, size(index + 1));
  }
  return { steps, start, bytes: space.end };
}

/** For every value whether a weight feeds it. */
function feedings(model: Model): boolean[] {
  const fed = [false];
  for (const node of model.nodes) {
    fed.push(opOf(node).parameters(node).weights.length > 0 || node.inputs.some((value) => fed[value]!));
  }
  return fed;
}
