/**
 * The network under construction. A value of the ONNX graph becomes a node when something needs it, so
 * that activations and biases that the exporters spell out can be recognised first.
 */
import {
  type ActivationName,
  elements,
  type Model,
  type Node,
  type Parameter,
  type Shape,
} from '../../model/graph.js';
import { buildModel } from '../../model/build.js';
import { opOf } from '../../model/ops/index.js';
import type { Fail } from '../errors.js';
import { stateOrder } from './names.js';
import { spelledActivation } from './spelled.js';
import type { Constant, Known } from './tensor.js';

/** Functions that are activations by themselves or parts of one. */
export type FunctionName = 'erf' | 'tanh' | 'sigmoid';

/** What a value is as long as it is no node. */
export type Form =
  | { readonly kind: 'graph' }
  | { readonly kind: 'affine'; readonly of: Value; readonly factor: number; readonly offset: number }
  | { readonly kind: 'sum' | 'product'; readonly left: Value; readonly right: Value }
  | { readonly kind: 'function'; readonly fn: FunctionName; readonly of: Value }
  | { readonly kind: 'greater'; readonly of: Value; readonly than: number }
  /** A dense layer without bias, to which the next Add may bring one. */
  | { readonly kind: 'layer'; readonly outputs: number; emit(bias: Known | null): number };

/** A value of the network, known when it runs. */
export interface Value {
  readonly kind: 'value';
  /** Of one sample, as ONNX sees it; the graph's own may differ by axes that a reshape moved. */
  readonly shape: Shape;
  readonly form: Form;
  /** Forms inside forms; bounds the recursion below. */
  readonly depth: number;
  /** The node's name, once it is one. */
  readonly name: string;
  /** The graph's value, once it is one. */
  index: number | null;
  /** Throws the FileError of the ONNX node. */
  readonly fail: Fail;
}

type WithoutName<N> = N extends Node ? Omit<N, 'name'> : never;

/** Collects nodes and parameters; `model` checks and returns what they make. */
export class Network {
  private readonly nodes: Node[] = [];
  private readonly shapes: Shape[];
  private readonly parameters = new Map<string, Parameter>();
  /** What each constant became: names by kind, wanted name and shape. */
  private readonly kept = new Map<Constant, Map<string, string>>();
  /** Numbers appended so far to names that were taken. */
  private readonly counts = new Map<string, number>();
  private readonly names = new Set<string>();
  private readonly flattened = new Map<number, number>();
  private inputIsRead = false;

  constructor(input: Shape) {
    this.shapes = [input];
  }

  /** Appends a node; the number of its output. Throws ModelError when it does not fit. */
  add(node: WithoutName<Node>, name: string): number {
    const named = { ...node, name: this.unique(name) } as Node;
    const inputs = node.inputs.map((value) => this.shapes[value]!);
    this.shapes.push(opOf(named).infer(named, inputs, (parameter) => this.parameters.get(parameter)!));
    this.inputIsRead ||= node.inputs.includes(0);
    return this.nodes.push(named);
  }

  /** A value that is the graph's value `index`, seen in the graph's shape or in another one. */
  value(index: number, fail: Fail, shape: Shape = this.shapes[index]!): Value {
    return { kind: 'value', shape, form: { kind: 'graph' }, depth: 0, name: '', index, fail };
  }

  /**
   * Keeps a constant as parameter `name` and returns that name, or a new one where another constant has it.
   * `data` is the constant's in PyTorch's layout.
   */
  parameter(
    name: string,
    source: Constant,
    kind: Parameter['kind'],
    shape: Shape,
    data: Float32Array,
  ): string {
    let kept = this.kept.get(source);
    if (kept === undefined) this.kept.set(source, (kept = new Map()));
    const key = `${kind} ${name} ${shape.join()}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    let free = name;
    while (this.parameters.has(free)) free = this.next(name);
    kept.set(key, free);
    this.parameters.set(free, { name: free, shape, data, kind });
    return free;
  }

  /** The graph's value that holds these numbers, made into a node if need be; its shape may be another view. */
  settle(value: Value): number {
    value.index ??= this.emit(value);
    return value.index;
  }

  /** The graph's value in the very shape that ONNX sees. Throws FileError for a reshape that is no flatten. */
  shaped(value: Value): number {
    const index = this.settle(value);
    const shape = this.shapes[index]!;
    if (sameShape(shape, value.shape)) return index;
    if (value.shape.length === 1) {
      const known = this.flattened.get(index) ?? this.add({ op: 'flatten', inputs: [index] }, 'flatten');
      this.flattened.set(index, known);
      return known;
    }
    // Images that arrive as rows: the input may as well have been images from the start.
    if (index === 0 && !this.inputIsRead) {
      this.shapes[0] = value.shape;
      return index;
    }
    return value.fail(
      `it needs [${shape.join(', ')}] reshaped to [${value.shape.join(', ')}], and only flattening is known; keep the shape in the network`,
    );
  }

  shapeOf(index: number): Shape {
    return this.shapes[index]!;
  }

  /** Whether the graph's value `index` is this activation of value `input`. */
  isActivation(index: number, fn: ActivationName, input: number): boolean {
    const node = this.nodes[index - 1];
    return node?.op === 'activation' && node.fn === fn && node.inputs[0] === input;
  }

  activation(fn: ActivationName, slope: number, input: number, name: string): number {
    return this.add({ op: 'activation', fn, slope, inputs: [input] }, name);
  }

  /** The model whose logits are `output`; nodes that do not lead there are left out. */
  model(name: string, output: number, stored: readonly string[]): Model {
    const needed = new Set([output]);
    for (let index = output; index > 0; index--) {
      if (needed.has(index)) for (const input of this.nodes[index - 1]!.inputs) needed.add(input);
    }
    const kept = [...needed].filter((index) => index > 0).sort((a, b) => a - b);
    const renumbered = new Map([0, ...kept].map((index, to) => [index, to]));
    const nodes = kept.map((index): Node => {
      const node = this.nodes[index - 1]!;
      return { ...node, inputs: node.inputs.map((input) => renumbered.get(input)!) };
    });
    const read = new Set(
      nodes.flatMap((node) => {
        const { weights, statistics } = opOf(node).parameters(node);
        return [...weights, ...statistics];
      }),
    );
    const parameters = stateOrder([...read], stored).map((parameter) => this.parameters.get(parameter)!);
    return buildModel(name, this.shapes[0]!, nodes, parameters);
  }

  private emit(value: Value): number {
    const { form, name } = value;
    const spelled = spelledActivation(value);
    if (spelled !== null) {
      const { fn, of, offset, inner, outer } = spelled;
      const input = this.scale(this.settle(of), inner, inner * offset, `${name}.inner`);
      return this.scale(this.activation(fn, 1, input, outer === 1 ? name : `${name}.${fn}`), outer, 0, name);
    }
    switch (form.kind) {
      case 'affine':
        return this.scale(this.settle(form.of), form.factor, form.offset, name);
      case 'sum':
        return this.add({ op: 'add', inputs: this.pair(form.left, form.right) }, name);
      case 'product':
        return this.add({ op: 'multiply', inputs: this.pair(form.left, form.right) }, name);
      case 'layer':
        return form.emit(null);
      case 'function':
        if (form.fn === 'erf') return value.fail('Erf is known only as a part of GELU; use nn.GELU()');
        return this.activation(form.fn, 1, this.settle(form.of), name);
      case 'greater':
        return value.fail('a comparison is known only as a part of nn.Softplus');
      case 'graph':
        throw new Error(`value ${name} has no number`);
    }
  }

  /** Two values in shapes that fit each other: the graph's own if they are alike, else those ONNX sees. */
  private pair(left: Value, right: Value): [number, number] {
    const [a, b] = [this.settle(left), this.settle(right)];
    const alike = sameShape(left.shape, right.shape) && sameShape(this.shapes[a]!, this.shapes[b]!);
    return alike ? [a, b] : [this.shaped(left), this.shaped(right)];
  }

  private scale(input: number, factor: number, offset: number, name: string): number {
    if (factor === 1 && offset === 0) return input;
    return this.add({ op: 'scale', factor, offset, inputs: [input] }, name);
  }

  private next(name: string): string {
    const count = (this.counts.get(name) ?? 1) + 1;
    this.counts.set(name, count);
    return `${name}_${count}`;
  }

  private unique(name: string): string {
    let free = name;
    while (this.names.has(free)) free = this.next(name);
    this.names.add(free);
    return free;
  }
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && elements(a) === elements(b) && a.every((size, axis) => size === b[axis]);
}
