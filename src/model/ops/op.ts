import type { Node, Parameter, Shape } from '../graph.js';
import { ModelError } from '../errors.js';
import type { Jet } from '../jet.js';

/** One forward call: a batch of `samples` rows, every array row-major `[samples, ...shape]`, float64. */
export interface Forward<N extends Node> {
  readonly node: N;
  readonly samples: number;
  /** Values the node reads, and their shapes of one sample. */
  readonly inputs: readonly Float64Array[];
  readonly shapes: readonly Shape[];
  /** Written entirely; its former content is arbitrary. */
  readonly output: Float64Array;
  readonly shape: Shape;
  /** A parameter at the point of the plane. */
  parameter(name: string): { readonly shape: Shape; readonly data: Float64Array };
}

/** Derivatives of one call along α and β; `inputs` and `output` hold the values at the point. */
export interface Tangent<N extends Node> extends Forward<N> {
  /** Of every input. */
  readonly tangents: readonly Jet[];
  /** Written entirely, as many parts as the inputs' have. */
  readonly tangent: Jet;
  /** The directions of a parameter, which is linear in α and β; null where it does not move. */
  along(name: string): readonly [Float64Array | null, Float64Array | null];
}

/** What one call gives beside the centre's values, which `inputs`, `output` and `parameter` are. */
export interface Difference<N extends Node> extends Forward<N> {
  /** Of every input: its value less the centre's. */
  readonly differences: readonly Float64Array[];
  /** Written entirely. */
  readonly difference: Float64Array;
  /** What is added to a parameter; null where nothing is. */
  change(name: string): Float64Array | null;
}

/** The way back through one call: the derivative of some number by its output is known, those by what it reads are wanted. */
export interface Backward<N extends Node> extends Forward<N> {
  /** By the output. */
  readonly gradient: Float64Array;
  /** By every input, added to; null where nobody asks. One value read twice has one array. */
  readonly gradients: readonly (Float64Array | null)[];
  /** By a weight, added to; null where nobody asks. Statistics have none. */
  gradientOf(name: string): Float64Array | null;
}

/** What an op is; one record per op, in a file of its name. */
export interface Op<N extends Node> {
  /** How many values it reads: exactly, or at least. */
  readonly arity: { readonly exactly: number } | { readonly atLeast: number };
  /** Names of the parameters it reads, weights and statistics apart. */
  parameters(node: N): { readonly weights: readonly string[]; readonly statistics: readonly string[] };
  /** Shape of its output for one sample; throws `ModelError` when the inputs or parameters do not fit. */
  infer(node: N, shapes: readonly Shape[], parameter: (name: string) => Parameter): Shape;
  /** Multiplications (each with its addition, if it has one) per sample; comparing, adding and moving cost 0. */
  multiplyAdds(
    node: N,
    shapes: readonly Shape[],
    shape: Shape,
    parameter: (name: string) => Parameter,
  ): number;
  /** The definition every fast kernel is tested against. */
  forward(call: Forward<N>): void;
  /** First and second derivatives of the output along the plane; at a kink those that PyTorch's autograd gives. */
  tangent(call: Tangent<N>): void;
  /** The output's difference from the centre's, to full relative precision however small; kinks are exact. */
  difference(call: Difference<N>): void;
  /** Reverse mode; at a kink the derivative is the one that PyTorch's autograd gives. */
  backward(call: Backward<N>): void;
  /** Both ways in training mode, where they differ from evaluation. */
  readonly training?: { forward(call: Forward<N>): void; backward(call: Backward<N>): void };
}

/** No parameters: what most ops say. */
export function noParameters(): { weights: readonly string[]; statistics: readonly string[] } {
  return { weights: [], statistics: [] };
}

/** A refusal that names the node and its op: `conv2d node conv1: …`. */
export function refuse(node: Node, sentence: string): ModelError {
  return new ModelError(`${node.op} node ${node.name}: ${sentence}`);
}
