/** Which nodes that follow a product or a sum its stage takes in. */
import type { ActivationName, BatchNormNode, Node } from '../../model/graph.js';
import type { Wires } from './wires.js';

/** What a step does after its own op. */
interface Epilogue {
  norm: BatchNormNode | null;
  residual: number | null;
  activation: ActivationName;
  slope: number;
}

/** A node, those after it that its stage takes in, by index, and the value that all of them give. */
interface Fused {
  readonly names: readonly string[];
  readonly taken: readonly number[];
  readonly output: number;
  readonly epilogue: Epilogue;
}

/**
 * Takes in the nodes that follow as far as one stage can, when nothing else reads what lies between. `isKnown` tells which
 * values are computed by then.
 */
export function fuse(
  wires: Wires,
  i: number,
  node: Node,
  takesNorm: boolean,
  isKnown: (value: number) => boolean,
): Fused {
  const names = [node.name];
  const taken: number[] = [];
  let output = i + 1;
  const epilogue: Epilogue = { norm: null, residual: null, activation: 'identity', slope: 0 };
  const take = (found: { readonly index: number; readonly node: Node }): void => {
    taken.push(found.index);
    names.push(found.node.name);
    output = found.index + 1;
  };
  if (node.op === 'activation') {
    Object.assign(epilogue, { activation: node.fn, slope: node.slope });
  } else if (node.op === 'add') {
    epilogue.residual = wires.value(node, 1);
  } else {
    const norm = takesNorm ? wires.onlyReader(output, 'batchnorm') : null;
    if (norm) {
      epilogue.norm = norm.node;
      take(norm);
    }
    const sum = wires.onlyReader(output, 'add');
    const other = sum === null ? undefined : wires.values(sum.node).find((value) => value !== output);
    if (sum !== null && other !== undefined && isKnown(other)) {
      epilogue.residual = other;
      take(sum);
    }
  }
  const next = node.op === 'activation' ? null : wires.onlyReader(output, 'activation');
  if (next) {
    Object.assign(epilogue, { activation: next.node.fn, slope: next.node.slope });
    take(next);
  }
  return { names, taken, output, epilogue };
}
