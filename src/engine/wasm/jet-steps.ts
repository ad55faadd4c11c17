/**
 * What a lowered step means for jets (assembly/jets.ts). What is linear and has no parameters runs its kernel over the parts
 * of a jet as over more groups of samples; products are those of jet-products.ts.
 */
import { elements } from '../../model/graph.js';
import { finisher, type JetBind, type JetSite, modes, partBytes, slotsAt } from './jet-machine.js';
import { jetProduct } from './jet-products.js';
import type { Step } from './lower.js';
import type { Bind, Of } from './machine.js';
import { rowBytes } from './pack.js';
import type { Site, Storage } from './plan.js';
import { copy, reduce } from './rows.js';
import { poolTable } from './tables.js';

/** `scratch` is the step's offset in bytes a group, −1 without. Call it before the arena is laid out. */
export function prepareJet(step: Step, scratch: number, site: JetSite): JetBind {
  switch (step.kind) {
    case 'product':
      return jetProduct(step, scratch, site);
    case 'activation':
      return activation(step, site);
    case 'affine':
      return affine(step, site);
    case 'add':
      return add(step, site);
    case 'copy':
      return copies(step, site);
    case 'reduce':
      return step.node.op === 'pool' && step.node.mode === 'max'
        ? maximum(step, site)
        : linear((plan) => reduce(step, plan), step, site);
    case 'multiply':
      throw new TypeError(`${step.node.name} multiplies two values and has no jet`);
  }
}

function activation({ node, inputs, out }: Of<'activation'>, site: JetSite): JetBind {
  return (machine) => {
    if (node.fn === 'identity') throw new TypeError('identity renames its input and has no step');
    const kernel = machine.kernels[`jet_${node.fn}`];
    const [x, y] = [machine.value(inputs[0]!), machine.value(out)];
    const part = partBytes(site, out);
    return () => kernel(x, y, part, site.parts, node.slope);
  };
}

/** Batch normalisation where no product takes it in, and scaling by two numbers. */
function affine(step: Of<'affine'>, site: JetSite): JetBind {
  const { node, inputs, out } = step;
  const { arena, plane, problem } = site;
  const vectors =
    node.op === 'batchnorm'
      ? plane.vectors(arena, problem.model.shapes[out]![0]!, null, node)
      : { centre: null, scale: arena.constant([node.factor]), shift: arena.constant([node.offset]) };
  return (machine) => {
    const finish = finisher(step, vectors, machine, site);
    const x = machine.value(inputs[0]!);
    return () => finish(modes.parts, x);
  };
}

function add({ inputs, out }: Of<'add'>, site: JetSite): JetBind {
  return (machine) => {
    const [x, y, z] = [inputs[0]!, inputs[1]!, out].map((value) => machine.value(value)) as [
      number,
      number,
      number,
    ];
    const bytes = site.parts * partBytes(site, out);
    return () => machine.kernels.add(x, y, z, bytes);
  };
}

/** A constant that pads belongs to the value alone. */
function copies(step: Of<'copy'>, site: JetSite): JetBind {
  const { node } = step;
  if (node.op !== 'pad' || node.value === 0) return linear((plan) => copy(step, plan), step, site);
  const value = linear((plan) => copy(step, plan), step, site, 0, 1);
  const rest: Of<'copy'> = { ...step, node: { ...node, value: 0 } };
  const others = linear((plan) => copy(rest, plan), step, site, 1, site.parts - 1);
  return (machine) => {
    const plays = [value(machine), others(machine)];
    return (block) => {
      for (const play of plays) play(block);
    };
  };
}

/** A step whose kernel takes `count` parts from number `from` on as groups of samples. */
function linear(
  prepare: (plan: Site) => Bind,
  step: Step,
  site: JetSite,
  from = 0,
  count: number = site.parts,
): JetBind {
  const { groups } = site;
  const storage = new Map(
    [...step.inputs, step.out].map((value): [number, Storage] => [
      value,
      { kind: 'block', offset: value, stride: partBytes(site, value) / groups },
    ]),
  );
  const bind = prepare({ ...site, storage, blockGroups: site.parts * groups });
  return (machine) => {
    const play = bind({
      kernels: machine.kernels,
      slot: slotsAt(machine, 'w'),
      value: ({ offset, stride }) => ({ start: machine.value(offset), step: stride, stride }),
      scratch: () => 0,
    });
    const block = { first: from * groups, groups: count * groups };
    return () => play(block, { a: 0, aLow: 0, b: 0, bLow: 0 });
  };
}

function maximum({ node, inputs, out }: Of<'reduce'>, site: JetSite): JetBind {
  if (node.op !== 'pool') throw new TypeError(`${node.name} is no pool`);
  const { arena, problem, parts, groups } = site;
  const [input, shape] = [problem.model.shapes[inputs[0]!]!, problem.model.shapes[out]!];
  const table = poolTable(node, problem.model.shapes[node.inputs[0]!]!, shape);
  const [starts, taps] = [arena.table(table.starts), arena.table(table.taps)];
  const count = elements(shape);
  const stride = elements(input) * rowBytes;
  return (machine) => {
    const { kernels, placed } = machine;
    const [x, y] = [machine.value(inputs[0]!), machine.value(out)];
    const [first, from] = [placed.address(starts), placed.address(taps)];
    const [xPart, yPart] = [partBytes(site, inputs[0]!), partBytes(site, out)];
    return () => kernels.jet_max(x, y, first, from, count, groups, stride, parts, xPart, yPart);
  };
}
