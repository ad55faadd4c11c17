/**
 * A problem as an expert would hand it to a library: batch norm, which no direction moves here, folded into the
 * weights and directions before it (W·s + α·(D1·s) + β·(D2·s)), relu taken into the layer before it.
 */
import type { Problem } from '../../src/engine/engine.js';
import type { BatchNormNode, Conv2dNode, DenseNode, Model, Node, Shape } from '../../src/model/graph.js';

/** Values are numbered as in the model. */
interface Base {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly relu: boolean;
}

export interface LinearLayer extends Base {
  readonly kind: 'dense' | 'conv';
  /** W, D1 and D2 in PyTorch's layout: `[out, in]` or `[out, in, kh, kw]`. */
  readonly weights: readonly [Float32Array, Float32Array, Float32Array];
  readonly shape: Shape;
  readonly bias: Float32Array;
  /** Of a convolution; the same along both axes. */
  readonly stride: number;
  readonly padding: number;
}

export interface OtherLayer extends Base {
  readonly kind: 'add' | 'mean';
}

export type Layer = LinearLayer | OtherLayer;

/** Throws when the network has an op that none of the cases has. */
export function layersOf(problem: Problem): Layer[] {
  const { model } = problem;
  const readers = new Map<number, number[]>();
  for (const [i, node] of model.nodes.entries()) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), i]);
  }
  const taken = new Set<number>();
  /** The node that alone reads this value, if its op is `op`. */
  const after = <O extends Node['op']>(value: number, op: O): Extract<Node, { op: O }> | null => {
    const [only, ...others] = readers.get(value) ?? [];
    const node = only === undefined || others.length > 0 ? undefined : model.nodes[only];
    if (node?.op !== op) return null;
    taken.add(only!);
    return node as Extract<Node, { op: O }>;
  };
  return model.nodes.flatMap((node, i): Layer[] => {
    if (taken.has(i)) return [];
    if (node.op === 'dense' || node.op === 'conv2d') {
      const norm = after(i + 1, 'batchnorm');
      const at = norm === null ? i : model.nodes.indexOf(norm);
      const relu = after(at + 1, 'activation');
      const output = relu === null ? at + 1 : model.nodes.indexOf(relu) + 1;
      return [{ ...linear(problem, node, norm), inputs: node.inputs, output, relu: relu !== null }];
    }
    if (node.op === 'add' || node.op === 'mean') {
      const relu = after(i + 1, 'activation');
      const output = relu === null ? i + 1 : model.nodes.indexOf(relu) + 1;
      return [{ kind: node.op, inputs: node.inputs, output, relu: relu !== null }];
    }
    throw new Error(`${node.name}: the benchmark's peers have no ${node.op}`);
  });
}

function linear(
  { model, d1, d2 }: Problem,
  node: DenseNode | Conv2dNode,
  norm: BatchNormNode | null,
): Omit<LinearLayer, keyof Base> {
  const { data, shape } = model.parameters.get(node.weight)!;
  const outputs = shape[0]!;
  const { scale, shift } = affineOf(model, norm, outputs);
  const bias = node.bias === null ? new Float32Array(outputs) : model.parameters.get(node.bias)!.data;
  const perOutput = data.length / outputs;
  const scaled = (values: Float32Array | undefined): Float32Array =>
    (values ?? new Float32Array(data.length)).map((x, i) => x * scale[Math.floor(i / perOutput)]!);
  return {
    kind: node.op === 'dense' ? 'dense' : 'conv',
    weights: [scaled(data), scaled(d1.get(node.weight)), scaled(d2.get(node.weight))],
    shape,
    bias: bias.map((x, i) => x * scale[i]! + shift[i]!),
    stride: node.op === 'conv2d' ? node.stride[0] : 1,
    padding: node.op === 'conv2d' ? node.padding[0] : 0,
  };
}

/** What batch norm in evaluation mode does: x·scale + shift. */
function affineOf({ parameters }: Model, norm: BatchNormNode | null, channels: number) {
  const scale = new Float64Array(channels).fill(1);
  const shift = new Float64Array(channels);
  if (norm === null) return { scale, shift };
  const of = (name: string | null, otherwise: number): ArrayLike<number> =>
    name === null ? new Float64Array(channels).fill(otherwise) : parameters.get(name)!.data;
  const [gamma, beta] = [of(norm.scale, 1), of(norm.shift, 0)];
  const [mean, variance] = [of(norm.mean, 0), of(norm.variance, 1)];
  for (let c = 0; c < channels; c++) {
    scale[c] = gamma[c]! / Math.sqrt(variance[c]! + norm.epsilon);
    shift[c] = beta[c]! - mean[c]! * scale[c]!;
  }
  return { scale, shift };
}

/** The transpose of a row-major `[rows, columns]`. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c]!;
  }
  return result;
}

/** One-hot labels `[samples, classes]`. */
export function oneHot(labels: Int32Array, classes: number): Float32Array {
  const hot = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (hot[i * classes + label] = 1));
  return hot;
}
