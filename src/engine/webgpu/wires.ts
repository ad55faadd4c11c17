/** Which value each node of a model reads and who reads it, with names of the same value as one. */
import { elements, type Conv2dNode, type Model, type Node, type Shape } from '../../model/graph.js';
import { EngineUnsupportedError } from '../engine.js';
import type { Triple, Windows } from './program.js';

export class Wires {
  /** Elements of each value. */
  readonly sizes: readonly number[];
  readonly logits: number;
  readonly #alias: number[];
  readonly #readers: readonly number[][];

  /** Throws `EngineUnsupportedError` when the model computes nothing. */
  constructor(readonly model: Model) {
    const { nodes, shapes } = model;
    this.sizes = shapes.map(elements);
    // Row-major order makes flatten another name of its input.
    this.#alias = shapes.map((_, value) => value);
    for (const [i, node] of nodes.entries()) {
      if (node.op === 'flatten') this.#alias[i + 1] = this.value(node, 0);
    }
    this.logits = this.#alias[nodes.length]!;
    if (this.logits === 0) {
      throw new EngineUnsupportedError(`${model.name} computes nothing; use the reference engine`);
    }
    // Who reads each value; the loss reads the last one.
    this.#readers = shapes.map(() => []);
    this.#readers[this.logits]!.push(nodes.length);
    for (const [i, node] of nodes.entries()) {
      if (node.op === 'flatten') continue;
      for (const value of this.values(node)) this.#readers[value]!.push(i);
    }
  }

  /** The values that a node reads. */
  values(node: Node): number[] {
    return node.inputs.map((input) => this.#alias[input]!);
  }

  value(node: Node, input: number): number {
    return this.#alias[node.inputs[input]!]!;
  }

  /** The shape of a node's input, as the model has it. */
  shape(node: Node, input: number): Shape {
    return this.model.shapes[node.inputs[input]!]!;
  }

  kernel(node: Conv2dNode): readonly [number, number] {
    const [, , height, width] = this.model.parameters.get(node.weight)!.shape;
    return [height!, width!];
  }

  /** A shape with ones put before it up to three axes; throws `EngineUnsupportedError` for more. */
  triple(node: Node, shape: Shape): Triple {
    if (shape.length > 3) {
      throw new EngineUnsupportedError(
        `${this.model.name}: the WebGPU engine takes up to three axes, node ${node.name} has ${shape.join(' × ')}; use the WASM engine`,
      );
    }
    return [...Array<number>(3 - shape.length).fill(1), ...shape] as unknown as Triple;
  }

  /** The one node that reads this value, when its op is `op`. */
  onlyReader<O extends Node['op']>(value: number, op: O) {
    const [index, ...others] = this.#readers[value]!;
    const node = index === undefined ? undefined : this.model.nodes[index];
    if (node?.op !== op || others.length > 0) return null;
    return { index: index!, node: node as Extract<Node, { op: O }> };
  }
}

/** How a convolution or pooling goes over images; a convolution's kernel is that of its weight. */
export function windowsOf(
  node: Pick<Conv2dNode, 'stride' | 'dilation' | 'padding'> & { kernel?: readonly [number, number] },
  input: Shape,
  output: Shape,
  kernel = node.kernel,
): Windows {
  const [, inHeight, inWidth] = input;
  const [, outHeight, outWidth] = output;
  const [top, left] = node.padding;
  return {
    taps: kernel!,
    stride: node.stride,
    dilation: node.dilation,
    padding: [top, left],
    input: [inHeight!, inWidth!],
    output: [outHeight!, outWidth!],
  };
}
