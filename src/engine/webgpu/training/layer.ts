/** What a node becomes, and where things lie for it. */
import type { Mode } from '../../../model/forward.js';
import type { BatchNormNode, Shape } from '../../../model/graph.js';
import type { Call } from './call.js';

/** Where things lie in the arena, in floats. */
export interface Site {
  /** Samples that there is room for. */
  readonly capacity: number;
  shapeOf(value: number): Shape;
  value(value: number): number;
  /** −1 for null. */
  parameter(name: string | null): number;
  gradientOf(name: string | null): number;
  parameterShape(name: string): Shape;
  /** Batch mean and, as many floats behind it as there are channels, variance of a batchnorm. */
  moments(node: BatchNormNode): number;
  /** Floats for partial sums, that everybody may use. */
  scratch(floats: number): () => number;
}

/** Where the gradient by an input goes; null where nobody asks. */
export type Target = { readonly at: number; readonly added: boolean } | null;

export interface Layer {
  forward(samples: number, mode: Mode): Call[];
  backward(samples: number, gradient: number, targets: readonly Target[]): Call[];
}
