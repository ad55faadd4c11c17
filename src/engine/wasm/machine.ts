/**
 * What a planned call becomes: first it puts its parameters and tables into the arena, then, once addresses are known,
 * it is a function of the block and the point.
 */
import type { Shape } from '../../model/graph.js';
import type { Slot } from './arena.js';
import type { Kernels } from './kernels.js';
import type { Step } from './lower.js';
import type { Site, Storage } from './plan.js';

/** Groups of samples that go together. */
export interface Block {
  readonly first: number;
  readonly groups: number;
}

/** Coordinates of a point, each as the float32 next to it and the float32 next to what is left. */
export interface Coordinates {
  readonly a: number;
  readonly aLow: number;
  readonly b: number;
  readonly bLow: number;
}

/** Makes the kernel calls of a step for a block at a point. */
export type Play = (block: Block, at: Coordinates) => void;

/** Where things lie in the memory that the kernels work on. */
export interface Machine {
  readonly kernels: Kernels;
  /** Address of a stretch of the arena; 0 for null. */
  slot(slot: Slot | null): number;
  /** Where a value lies for a block: `start` + first group · `step`. */
  value(storage: Storage): Region;
  /** Address of scratch memory at `offset` bytes a group. */
  scratch(offset: number): number;
}

export interface Region {
  readonly start: number;
  readonly step: number;
  /** Bytes of a group. */
  readonly stride: number;
}

export const nowhere: Region = { start: 0, step: 0, stride: 0 };

export const at = (region: Region, block: Block): number => region.start + block.first * region.step;

/** A call whose arena is filled, waiting for addresses. */
export type Bind = (machine: Machine) => Play;

/** A step of one kind. */
export type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

export function storageOf(plan: Site, value: number): Storage {
  return plan.storage.get(value)!;
}

export function shapeOf(plan: Site, value: number): Shape {
  return plan.problem.model.shapes[value]!;
}
