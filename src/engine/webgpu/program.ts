/** A model as the list of steps that the engine dispatches; made by lower.ts without touching a device. */
import type { ActivationName, BatchNormNode, PoolNode } from '../../model/graph.js';

export type Triple = readonly [number, number, number];
export type Pair = readonly [height: number, width: number];

/** Scale and shift of the channels of one step: an optional bias, then an optional batchnorm. */
export interface ChannelSource {
  readonly bias: string | null;
  readonly norm: BatchNormNode | null;
  readonly count: number;
}

interface StepBase {
  /** Names of the nodes it computes, for messages. */
  readonly name: string;
  readonly source: number;
  readonly output: number;
  /** A second value that it reads: added before the activation, or the other factor. */
  readonly residual: number | null;
}

interface Activated {
  readonly activation: ActivationName;
  readonly slope: number;
}

/** Where the windows of a convolution or a pool lie; a dense layer has one pixel and one tap. */
export interface Windows {
  readonly taps: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Top and left padding. */
  readonly padding: Pair;
  readonly input: Pair;
  readonly output: Pair;
}

/** Dense layer or convolution with its epilogue. */
export interface LinearStep extends StepBase, Activated {
  readonly kind: 'linear';
  readonly windows: Windows;
  readonly groups: number;
  /** Input and output channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: string;
  /** First of its channels in the program's list. */
  readonly channel: number;
  /** The input is the same at every point: combine three products instead. */
  readonly products: boolean;
}

/** Batchnorm, scale, sum and activation that no product took in. */
export interface PointwiseStep extends StepBase, Activated {
  readonly kind: 'pointwise';
  /** Rows of one channel. */
  readonly plane: number;
  /** First of its channels, when it has a batchnorm. */
  readonly channel: number | null;
  /** factor · x + offset, when it is a scale. */
  readonly scale: readonly [factor: number, offset: number] | null;
}

export interface PoolStep extends StepBase {
  readonly kind: 'pool';
  readonly node: PoolNode;
  readonly windows: Windows;
}

/** Mean over axes of a value of three axes: kept sizes with 1 for the reduced ones, and the other way round. */
export interface MeanStep extends StepBase {
  readonly kind: 'mean';
  readonly kept: Triple;
  readonly summed: Triple;
}

/** Copies a block of `size` from `start` + place · `step` of the source to `first` + place of the output. */
export interface GatherStep extends StepBase {
  readonly kind: 'gather';
  readonly size: Triple;
  readonly start: Triple;
  readonly step: Triple;
  readonly sourceSize: Triple;
  readonly outputSize: Triple;
  /** Row of the output where the block starts. */
  readonly first: number;
  /** What stands beyond the source. */
  readonly fill: number;
}

/** Element-wise product with `residual`; strides of 0 repeat. */
export interface MultiplyStep extends StepBase {
  readonly kind: 'multiply';
  readonly size: Triple;
  readonly sourceStride: Triple;
  readonly residualStride: Triple;
}

/** A whole network of dense layers, each reading the one before it. */
export interface ChainStep extends StepBase {
  readonly kind: 'chain';
  readonly layers: readonly LinearStep[];
  /** Outputs of layers that a later one adds; one at a time. */
  readonly kept: ReadonlySet<number>;
  /** Of every layer that has any. */
  readonly activation: ActivationName;
}

export type Step = ChainStep | LinearStep | PointwiseStep | PoolStep | MeanStep | GatherStep | MultiplyStep;

export interface Program {
  /** Steps whose values no direction moves: run once per data set, at the centre. */
  readonly shared: readonly Step[];
  /** Steps run at every point. */
  readonly steps: readonly Step[];
  /** Elements of each value per sample. */
  readonly sizes: readonly number[];
  /** Rows that each value's buffer has per point: its elements, padded to the tile of the step that writes it. */
  readonly rows: readonly number[];
  /** Value that the loss sees; one of `steps` writes it. */
  readonly logits: number;
  readonly channels: readonly ChannelSource[];
  readonly channelCount: number;
  /** Slot of each value that `steps` write; −1 for the others. */
  readonly slots: Int32Array;
  /** Rows of each slot. */
  readonly slotRows: readonly number[];
}
