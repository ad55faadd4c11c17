/**
 * What a lowered step means for jets (assembly/jets.ts). What is linear and has no parameters runs its kernel over the parts
 * of a jet as over more groups of samples. A product of moving weights W + α·D1 + β·D2 with a jet takes nine products
 * instead of twelve, as Karatsuba multiplies polynomials: (W+D1)(v+a) − Wv − D1·a is W·a + D1·v.
 */
import { elements } from '../../model/graph.js';
import type { Placed, Slot } from './arena.js';
import { convolution } from './convolution.js';
import type { Kernels } from './kernels.js';
import { type Step } from './lower.js';
import type { Bind, Machine, Of, Play } from './machine.js';
import { rowBytes } from './pack.js';
import { scratchOf, type Site, type Storage } from './plan.js';
import type { Vectors } from './plane.js';
import { dense } from './products.js';
import { copy, reduce } from './rows.js';
import { poolTable } from './tables.js';

/** Which weights a product takes, each a copy of the arena's moving stretch at an address of its own. */
export type Weights = 'base' | 'w' | 'd1' | 'd2' | 'wPlusD1' | 'wPlusD2' | 'd1PlusD2';

/** The memory of a problem's jets. */
export interface JetMachine {
  readonly kernels: Kernels;
  readonly placed: Placed;
  readonly weights: Readonly<Record<Weights, number>>;
  /** First part of a value's jet in the block's buffers. */
  value(value: number): number;
  scratch(offset: number): number;
  /** Samples of the whole data set, and a first layer's x·W, x·D1 and x·D2, or null where they are not kept. */
  readonly inputs: number;
  readonly kept: readonly [number, number, number] | null;
  /** Groups of samples of the whole data set. */
  readonly all: number;
}

/** A block at a point: its first group, and the point's coordinates as `combine` takes them. */
export interface JetBlock {
  readonly first: number;
  readonly a: number;
  readonly aLow: number;
  readonly b: number;
  readonly bLow: number;
}

export type JetPlay = (block: JetBlock) => void;
type JetBind = (machine: JetMachine) => JetPlay;

/** What all steps of a problem share. */
export interface JetSite extends Omit<Site, 'storage' | 'blockGroups'> {
  /** 3 with first derivatives alone, 6 with second ones. */
  readonly parts: 3 | 6;
  /** Groups of samples of a block; all of them are always computed. */
  readonly groups: number;
  /** Values without second derivatives (straight.ts). */
  readonly straight: ReadonlySet<number>;
}

/** `jet_finish`'s modes. */
const modes = { parts: 0, nine: 1, five: 2, first: 3, six: 4 } as const;

/** Bytes of scratch memory of a step, a group: inputs' sums, products, and what a convolution needs. */
export function jetScratch(
  step: Step,
  { problem, plane, parts }: Omit<JetSite, 'groups' | 'arena' | 'straight'>,
): number {
  if (step.kind !== 'product') return 0;
  const { shapes } = problem.model;
  const input = elements(shapes[step.inputs[0]!]!) * rowBytes;
  const output = elements(shapes[step.out]!) * rowBytes;
  const { sums, products, atOnce } = sizesOf(step.inputs[0] === 0, plane.moves(step.node.weight), parts);
  return sums * input + products * output + atOnce * scratchOf(step, shapes, plane);
}

/** How many sums and products a layer needs at a time, and how many products go in one call at most. */
function sizesOf(isFirst: boolean, moves: boolean, parts: 3 | 6) {
  if (isFirst) return { sums: 0, products: 3, atOnce: 1 };
  if (!moves) return { sums: 0, products: parts, atOnce: parts };
  return parts === 3 ? { sums: 0, products: 5, atOnce: 3 } : { sums: 3, products: 9, atOnce: 4 };
}

/** `scratch` is the step's offset in bytes a group, −1 without. Call it before the arena is laid out. */
export function prepareJet(step: Step, scratch: number, site: JetSite): JetBind {
  switch (step.kind) {
    case 'product':
      return product(step, scratch, site);
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

/** Bytes of one part of a value. */
function partBytes({ problem, groups }: JetSite, value: number): number {
  return elements(problem.model.shapes[value]!) * rowBytes * groups;
}

function product(step: Of<'product'>, scratch: number, site: JetSite): JetBind {
  const { node, epilogue, inputs, out } = step;
  const { plane, arena, parts, groups } = site;
  const input = inputs[0]!;
  const isFirst = input === 0;
  const moves = plane.moves(node.weight);
  const { sums, products, atOnce } = sizesOf(isFirst, moves, parts);
  const shape = site.problem.model.shapes[out]!;
  const channels = shape[0]!;
  const [source, target] = [input, out].map((value): Storage => {
    return { kind: 'block', offset: 0, stride: partBytes(site, value) / groups };
  }) as [Storage, Storage];
  const bare: Of<'product'> = {
    ...step,
    node: { ...node, bias: null },
    epilogue: { norm: null, residual: null, activation: null, slope: 0 },
  };
  const [xPart, yPart] = [partBytes(site, input), partBytes(site, out)];
  const own: Site = {
    ...site,
    storage: new Map([
      [input, source],
      [out, target],
    ]),
    blockGroups: atOnce * groups,
  };
  // The kernel's own scratch memory comes behind sums and products.
  const ownScratch = sums * xPart + products * yPart;
  const bind = node.op === 'dense' ? dense(bare, own) : convolution(bare, 0, own);
  const vectors = plane.vectors(arena, channels, node.bias, epilogue.norm);
  return (machine) => {
    const { kernels } = machine;
    const start = machine.scratch(scratch);
    const m = start + sums * xPart;
    const run = (weights: Weights, from: number, to: number): Play =>
      bind({
        kernels,
        slot: slotsAt(machine, weights),
        scratch: () => start + ownScratch,
        ...placedAt(source, from, to),
      });
    const many = (count: number) => ({ first: 0, groups: count * groups });
    const nowhere = { a: 0, aLow: 0, b: 0, bLow: 0 };
    const x = isFirst ? machine.inputs : machine.value(input);
    const finish = finisher(step, vectors, machine, site);
    if (isFirst && machine.kept !== null) {
      const [w, d1, d2] = machine.kept;
      const stride = yPart / groups;
      const whole = { first: 0, groups: machine.all };
      run('base', x, w)(whole, nowhere);
      run('d1', x, d1)(whole, nowhere);
      run('d2', x, d2)(whole, nowhere);
      return ({ first, a, aLow, b, bLow }) => {
        const from = first * stride;
        kernels.combine(
          w + from,
          d1 + from,
          d2 + from,
          0,
          0,
          0,
          0,
          m,
          channels,
          groups,
          stride,
          0,
          stride,
          a,
          aLow,
          b,
          bLow,
          0,
          0,
        );
        finish(modes.first, m, d1 + from, d2 + from);
      };
    }
    if (isFirst) {
      const value = run('w', x, m);
      const along = moves ? [run('d1', x, m + yPart), run('d2', x, m + 2 * yPart)] : [];
      return ({ first }) => {
        const block = { first, groups };
        value(block, nowhere);
        for (const one of along) one(block, nowhere);
        if (!moves) kernels.fill(m + yPart, 2 * yPart, 0);
        finish(modes.first, m, m + yPart, m + 2 * yPart);
      };
    }
    if (!moves) {
      const all = run('w', x, m);
      return () => {
        all(many(parts), nowhere);
        finish(modes.parts, m);
      };
    }
    if (parts === 3) {
      const three = run('w', x, m);
      const along = [run('d1', x, m + 3 * yPart), run('d2', x, m + 4 * yPart)];
      return () => {
        three(many(3), nowhere);
        for (const one of along) one(many(1), nowhere);
        finish(modes.five, m);
      };
    }
    const four = run('w', x, m);
    const singles = [
      run('d1', x + 4 * xPart, m + 4 * yPart),
      run('d2', x + 5 * xPart, m + 5 * yPart),
      run('wPlusD1', start, m + 6 * yPart),
      run('wPlusD2', start + xPart, m + 7 * yPart),
      run('d1PlusD2', start + 2 * xPart, m + 8 * yPart),
    ];
    // What has no second derivatives has no products with them.
    const isStraight = site.straight.has(input);
    return () => {
      kernels.jet_sums(x, start, xPart);
      four(many(isStraight ? 1 : 4), nowhere);
      for (const one of singles) one(many(1), nowhere);
      finish(isStraight ? modes.six : modes.nine, m);
    };
  };
}

/** A product's input at `from`, on from the block's first group, its output at `to`; told apart by the input's storage. */
function placedAt(source: Storage, from: number, to: number): Pick<Machine, 'value'> {
  return {
    value: (storage) => {
      const { stride } = storage;
      if (storage === source) return { start: from, step: stride, stride };
      return { start: to, step: 0, stride };
    },
  };
}

function slotsAt({ placed, weights }: JetMachine, which: Weights): Machine['slot'] {
  return (slot) => {
    if (slot === null) return 0;
    return slot.moves ? weights[which] + 4 * slot.offset : placed.address(slot);
  };
}

/** `jet_finish` for a step's output, all but what it reads. */
function finisher(
  step: Of<'product'> | Of<'affine'>,
  { centre, scale, shift }: Vectors,
  machine: JetMachine,
  site: JetSite,
): (mode: number, from: number, alongA?: number, alongB?: number) => void {
  const { kernels, placed } = machine;
  const { parts, groups, problem } = site;
  const shape = problem.model.shapes[step.out]!;
  const channels = step.kind === 'affine' && step.node.op === 'scale' ? 1 : shape[0]!;
  const area = elements(shape) / channels;
  const at = (slot: Slot | null): number => (slot === null ? 0 : placed.address(slot));
  const along = (slot: Slot | null, start: number): number =>
    slot === null || !slot.moves ? 0 : start + 4 * slot.offset;
  const threeOf = (slot: Slot | null): [number, number, number] => [
    at(slot),
    along(slot, placed.d1),
    along(slot, placed.d2),
  ];
  const [middle, factor, offset] = [threeOf(centre), threeOf(scale), threeOf(shift)];
  const out = machine.value(step.out);
  const {
    residual,
    activation: fn,
    slope,
  } = step.kind === 'product' ? step.epilogue : { residual: null, activation: null, slope: 0 };
  const added = residual === null ? 0 : machine.value(residual);
  const code = fn === 'relu' ? 1 : fn === 'leaky_relu' ? 2 : 0;
  return (mode, from, alongA = 0, alongB = 0) =>
    kernels.jet_finish(
      mode,
      parts,
      from,
      alongA,
      alongB,
      added,
      out,
      ...middle,
      ...factor,
      ...offset,
      channels,
      area,
      groups,
      code,
      slope,
    );
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
