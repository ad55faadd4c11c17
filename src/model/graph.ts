/**
 * The network as a small graph of ops in topological order.
 *
 * Values are numbered: value 0 is the network's input, value i + 1 is the output of node i; the last
 * node's output is what the loss sees (logits). Shapes are those of one sample, without the batch axis:
 * `[features]` or `[channels, height, width]`. Parameters have PyTorch's names, shapes and row-major
 * order: dense `[out, in]`, conv `[out, in / groups, kh, kw]`.
 */

/** Shape of one sample's value, or of a parameter. */
export type Shape = readonly number[];

/**
 * A named tensor of the model, row-major float32. `statistic` marks BatchNorm's running mean and
 * variance, which no direction moves unless `states` is asked for.
 */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
  readonly kind: 'weight' | 'statistic';
}

/** Parameters by name, in the order of PyTorch's `state_dict()`. */
export type Parameters = ReadonlyMap<string, Parameter>;

export type ActivationName =
  | 'relu'
  | 'leaky_relu'
  | 'tanh'
  | 'sigmoid'
  | 'gelu'
  | 'gelu_tanh'
  | 'silu'
  | 'elu'
  | 'softplus'
  | 'clipped_relu'
  | 'hardtanh'
  | 'identity';

interface NodeBase {
  /** Shown in tables and errors, e.g. `blocks.3.fc1`. Unique in the model. */
  readonly name: string;
  /** Indices of the values it reads. */
  readonly inputs: readonly number[];
}

/** y = W·x (+ bias), x of shape [in], W `[out, in]`. */
export interface DenseNode extends NodeBase {
  readonly op: 'dense';
  readonly weight: string;
  readonly bias: string | null;
}

/** 2-D cross-correlation as in `torch.nn.Conv2d`; zero padding. */
export interface Conv2dNode extends NodeBase {
  readonly op: 'conv2d';
  readonly weight: string;
  readonly bias: string | null;
  readonly stride: readonly [height: number, width: number];
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
  readonly dilation: readonly [height: number, width: number];
  readonly groups: number;
}

/**
 * y = (x − mean) / √(variance + epsilon) · scale + shift, over axis 0 of the sample; in training with mean and
 * variance of the batch.
 */
export interface BatchNormNode extends NodeBase {
  readonly op: 'batchnorm';
  readonly scale: string | null;
  readonly shift: string | null;
  readonly mean: string;
  readonly variance: string;
  readonly epsilon: number;
  /** How far a training step moves the running statistics towards the batch's; PyTorch's default 0.1 when left out. */
  readonly momentum?: number;
}

export interface ActivationNode extends NodeBase {
  readonly op: 'activation';
  readonly fn: ActivationName;
  /**
   * Negative slope of leaky_relu (PyTorch's default 0.01), α of elu (1), where clipped_relu (6 in ReLU6) and
   * hardtanh (1) stop growing; unused otherwise.
   */
  readonly slope: number;
}

/** Element-wise sum of two values of one shape. */
export interface AddNode extends NodeBase {
  readonly op: 'add';
}

/** Element-wise product of two values; shapes equal, or one broadcasts over axes of size 1. */
export interface MultiplyNode extends NodeBase {
  readonly op: 'multiply';
}

/** y = factor · x + offset. */
export interface ScaleNode extends NodeBase {
  readonly op: 'scale';
  readonly factor: number;
  readonly offset: number;
}

/** Max or average pooling over [channels, height, width]. */
export interface PoolNode extends NodeBase {
  readonly op: 'pool';
  readonly mode: 'max' | 'average';
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
  readonly dilation: readonly [height: number, width: number];
  /** Output size rounds up instead of down. */
  readonly ceil: boolean;
  /** Average pooling divides by the whole kernel, padding included. */
  readonly countPadding: boolean;
}

/** Mean over `axes` of the sample (global average pooling is axes [1, 2]); the axes are dropped or kept as 1. */
export interface MeanNode extends NodeBase {
  readonly op: 'mean';
  readonly axes: readonly number[];
  readonly keepAxes: boolean;
}

/** To one axis, row-major. */
export interface FlattenNode extends NodeBase {
  readonly op: 'flatten';
}

/** Joins two or more values along `axis` of the sample. */
export interface ConcatNode extends NodeBase {
  readonly op: 'concat';
  readonly axis: number;
}

/** Pads with a constant; `before` and `after` have one entry per axis of the sample. */
export interface PadNode extends NodeBase {
  readonly op: 'pad';
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** Takes start, start + step, … below end along every axis; one entry per axis, resolved and positive. */
export interface SliceNode extends NodeBase {
  readonly op: 'slice';
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly step: readonly number[];
}

export type Node =
  | DenseNode
  | Conv2dNode
  | BatchNormNode
  | ActivationNode
  | AddNode
  | MultiplyNode
  | ScaleNode
  | PoolNode
  | MeanNode
  | FlattenNode
  | ConcatNode
  | PadNode
  | SliceNode;

export type OpName = Node['op'];

/** A checked network; made by `buildModel` (build.ts), never by hand. */
export interface Model {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Shape of every value; `shapes[0]` is the input's, the last one the logits'. */
  readonly shapes: readonly Shape[];
  readonly parameters: Parameters;
}

/** Number of elements of a shape. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
