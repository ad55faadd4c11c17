/** What a node becomes: kernel calls forwards and backwards on addresses that are fixed for a size of batch. */
import type { Mode } from '../../../model/forward.js';
import type { Model, Shape } from '../../../model/graph.js';
import type { Kernels } from '../kernels.js';
import type { TrainingKernels } from '../training-kernels.js';
import type { Layout } from './layout.js';

/** Where values and parameters lie. */
export interface Site {
  readonly model: Model;
  readonly layout: Layout;
  /** Groups of eight samples that there is room for. */
  readonly groups: number;
  shapeOf(value: number): Shape;
  /** Address of a value `[groups][units][8]`. */
  value(value: number): number;
  /** Address of a weight or statistic in PyTorch's order; 0 for null. */
  parameter(name: string | null): number;
  /** Address of the derivative by a weight, likewise; it starts as 0 and is added to. */
  gradientOf(name: string | null): number;
  /** Address of memory that everybody may use during a call, at least that many bytes. */
  scratch(bytes: number): () => number;
}

/** The memory, once it is there. */
export interface Machine {
  readonly kernels: Kernels & TrainingKernels;
  /** All of it. */
  readonly floats: Float32Array;
}

export interface Batch {
  readonly samples: number;
  readonly groups: number;
}

/** Where a layer puts the gradient by one of its inputs. */
export interface Target {
  /** 0 where nobody asks for it. */
  readonly at: number;
  /** Added to what is there instead of written. */
  readonly added: boolean;
}

export interface Layer {
  forward(machine: Machine, batch: Batch, mode: Mode): void;
  /** After `forward` in training mode: from the gradient by the output those by weights and inputs. */
  backward(machine: Machine, batch: Batch, gradient: number, targets: readonly Target[]): void;
}
