/** Calls of the kernels that work on rows as they come: activations, sums, copies, pools. */
import { elements, type ActivationName } from '../../model/graph.js';
import type { Slot } from './arena.js';
import type { Kernels } from './kernels.js';
import { at, type Bind, type Of, shapeOf, storageOf } from './machine.js';
import type { Site } from './plan.js';
import { copyTables, meanTable, poolTable, repeatedRows } from './tables.js';

/** The kernel of an activation; identity has none, as it is no step. */
function activationKernel(kernels: Kernels, fn: ActivationName): Kernels['elu'] {
  if (fn === 'identity') throw new TypeError('identity renames its input and has no step');
  return kernels[fn];
}

export function activation({ node, inputs, out }: Of<'activation'>, plan: Site): Bind {
  return (machine) => {
    const kernel = activationKernel(machine.kernels, node.fn);
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    return (block) => kernel(at(x, block), at(y, block), x.stride * block.groups, node.slope);
  };
}

/** Batch normalisation where no product takes it in, and scaling by two numbers. */
export function affine({ node, inputs, out }: Of<'affine'>, plan: Site): Bind {
  const shape = shapeOf(plan, out);
  const isNorm = node.op === 'batchnorm';
  const channels = isNorm ? shape[0]! : 1;
  const vectors = isNorm
    ? plan.plane.vectors(plan.arena, channels, null, node)
    : {
        centre: plan.arena.constant([0]),
        scale: plan.arena.constant([node.factor]),
        shift: plan.arena.constant([node.offset]),
      };
  const area = elements(shape) / channels;
  return (machine) => {
    const { kernels } = machine;
    const [centre, scale, shift] = [vectors.centre, vectors.scale, vectors.shift].map((slot) =>
      machine.slot(slot),
    ) as [number, number, number];
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    return (block) =>
      kernels.affine(at(x, block), centre, scale, shift, at(y, block), channels, area, block.groups);
  };
}

export function add({ inputs, out }: Of<'add'>, plan: Site): Bind {
  return (machine) => {
    const { kernels } = machine;
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, inputs[1]!));
    const z = machine.value(storageOf(plan, out));
    return (block) => kernels.add(at(x, block), at(y, block), at(z, block), x.stride * block.groups);
  };
}

export function multiply({ node, inputs, out }: Of<'multiply'>, plan: Site): Bind {
  const shape = shapeOf(plan, out);
  const [left, right] = node.inputs.map((value) =>
    plan.arena.table(repeatedRows(shapeOf(plan, value), shape)),
  ) as [Slot, Slot];
  const count = elements(shape);
  return (machine) => {
    const { kernels } = machine;
    const [xRows, yRows] = [machine.slot(left), machine.slot(right)];
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, inputs[1]!));
    const z = machine.value(storageOf(plan, out));
    return (block) => {
      const { groups } = block;
      kernels.multiply_rows(
        at(x, block),
        at(y, block),
        at(z, block),
        xRows,
        yRows,
        count,
        groups,
        x.stride,
        y.stride,
      );
    };
  };
}

export function copy({ node, inputs, out }: Of<'copy'>, plan: Site): Bind {
  const tables = copyTables(
    node,
    node.inputs.map((value) => shapeOf(plan, value)),
    shapeOf(plan, out),
  ).map(({ from, to }) => {
    return { from: plan.arena.table(from), to: plan.arena.table(to), count: from.length };
  });
  return (machine) => {
    const { kernels } = machine;
    const y = machine.value(storageOf(plan, out));
    const copies = tables.map(({ from, to, count }, i) => {
      const x = machine.value(storageOf(plan, inputs[i]!));
      return { x, from: machine.slot(from), to: machine.slot(to), count };
    });
    return (block) => {
      const { groups } = block;
      const target = at(y, block);
      if (node.op === 'pad') kernels.fill(target, y.stride * groups, node.value);
      for (const { x, from, to, count } of copies) {
        kernels.copy_rows(at(x, block), target, from, to, count, groups, x.stride, y.stride);
      }
    };
  };
}

/** Pools and means. */
export function reduce({ node, inputs, out }: Of<'reduce'>, plan: Site): Bind {
  const input = shapeOf(plan, node.inputs[0]!);
  const shape = shapeOf(plan, out);
  const { starts, taps, factors } =
    node.op === 'mean' ? meanTable(node, input) : poolTable(node, input, shape);
  const startsSlot = plan.arena.table(starts);
  const tapsSlot = plan.arena.table(taps);
  const isMaximum = node.op === 'pool' && node.mode === 'max';
  const factorsSlot = isMaximum ? null : plan.arena.constant(factors);
  const count = elements(shape);
  return (machine) => {
    const { kernels } = machine;
    const [first, from, factor] = [
      machine.slot(startsSlot),
      machine.slot(tapsSlot),
      machine.slot(factorsSlot),
    ];
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    return (block) => {
      const { groups } = block;
      if (isMaximum) kernels.max_rows(at(x, block), at(y, block), first, from, count, groups, x.stride);
      else kernels.sum_rows(at(x, block), at(y, block), first, from, factor, count, groups, x.stride);
    };
  };
}
