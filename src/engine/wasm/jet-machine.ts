/** What the jets of all steps share: the memory they find, and `jet_finish`, which ends a product. */
import { elements } from '../../model/graph.js';
import type { Placed, Slot } from './arena.js';
import type { Kernels } from './kernels.js';
import type { Machine, Of } from './machine.js';
import { rowBytes } from './pack.js';
import type { Site } from './plan.js';
import type { Vectors } from './plane.js';

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
export type JetBind = (machine: JetMachine) => JetPlay;

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
export const modes = { parts: 0, nine: 1, five: 2, first: 3, six: 4 } as const;

/** Bytes of one part of a value. */
export function partBytes({ problem, groups }: JetSite, value: number): number {
  return elements(problem.model.shapes[value]!) * rowBytes * groups;
}

/** Addresses of the arena's slots, moving ones in these copies of them; 0 for none. */
export function slotsAt({ placed, weights }: JetMachine, which: Weights): Machine['slot'] {
  return (slot) => {
    if (slot === null) return 0;
    return slot.moves ? weights[which] + 4 * slot.offset : placed.address(slot);
  };
}

/** `jet_finish` for a step's output, all but what it reads. */
export function finisher(
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
