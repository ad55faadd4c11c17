/** From a model to the steps that the engine dispatches: which nodes one stage takes in, what no direction moves. */
import {
  elements,
  type ActivationName,
  type BatchNormNode,
  type Conv2dNode,
  type DenseNode,
  type Model,
  type Node,
  type Shape,
} from '../../model/graph.js';
import { EngineUnsupportedError, type Direction } from '../engine.js';
import { padTo } from './pack.js';
import type { ChannelSource, Program, Step, Triple, Windows } from './program.js';
import { assignSlots } from './slots.js';
import { outputLanes, OUTPUTS_EACH } from './stages.js';

/** Bytes that fixed values and products may take together; beyond, they are recomputed at every point. */
const FIXED_BYTES = 128 * 2 ** 20;

/**
 * @param samples how many the data set has, which decides whether fixed values are kept
 * @throws EngineUnsupportedError when the model has a value or an op without a stage
 */
export function lower(model: Model, directions: readonly Direction[], samples: number): Program {
  const kept = new Lowering(model, directions, true).program();
  const rows = [...kept.shared, ...kept.steps]
    .filter((step) => kept.shared.includes(step) || (step.kind === 'linear' && step.products))
    .reduce((sum, step) => sum + kept.rows[step.output]! * (kept.shared.includes(step) ? 1 : 3), 0);
  return rows * samples * 4 <= FIXED_BYTES ? kept : new Lowering(model, directions, false).program();
}

/** What a step does after its own op. */
interface Epilogue {
  norm: BatchNormNode | null;
  residual: number | null;
  activation: ActivationName;
  slope: number;
}

class Lowering {
  private readonly alias: number[];
  private readonly readers: number[][];
  private readonly sizes: readonly number[];
  private readonly rows: number[];
  /** Values that are the same at every point, and those computed so far. */
  private readonly fixed: boolean[];
  private readonly known: boolean[];
  private readonly taken = new Set<number>();
  private readonly shared: Step[] = [];
  private readonly steps: Step[] = [];
  private readonly channels: ChannelSource[] = [];
  private channelCount = 0;
  private readonly logits: number;

  constructor(
    private readonly model: Model,
    private readonly directions: readonly Direction[],
    private readonly share: boolean,
  ) {
    const { nodes, shapes } = model;
    this.sizes = shapes.map(elements);
    this.rows = [...this.sizes];
    this.fixed = shapes.map((_, value) => value === 0);
    this.known = [...this.fixed];
    // Row-major order makes flatten another name of its input.
    this.alias = shapes.map((_, value) => value);
    for (const [i, node] of nodes.entries()) {
      if (node.op === 'flatten') this.alias[i + 1] = this.alias[node.inputs[0]!]!;
    }
    this.logits = this.alias[nodes.length]!;
    if (this.logits === 0) {
      throw new EngineUnsupportedError(`${model.name} computes nothing; use the reference engine`);
    }
    // Who reads each value; the loss reads the last one.
    this.readers = shapes.map(() => []);
    this.readers[this.logits]!.push(nodes.length);
    for (const [i, node] of nodes.entries()) {
      if (node.op === 'flatten') continue;
      for (const input of node.inputs) this.readers[this.alias[input]!]!.push(i);
    }
  }

  program(): Program {
    for (const [i, node] of this.model.nodes.entries()) {
      if (!this.taken.has(i) && node.op !== 'flatten') this.node(i, node);
    }
    const { shared, steps, sizes, rows, logits, channels, channelCount } = this;
    const slots = assignSlots(steps, rows, logits);
    return { shared, steps, sizes, rows, logits, channels, channelCount, ...slots };
  }

  private node(i: number, node: Node): void {
    switch (node.op) {
      case 'dense':
      case 'conv2d':
        return this.linear(i, node);
      case 'batchnorm':
      case 'add':
      case 'scale':
      case 'activation':
        return this.pointwise(i, node);
      case 'pool': {
        const windows = windowsOf(node, this.shape(node, 0), this.model.shapes[i + 1]!);
        return this.emit({ ...this.base(i, node), kind: 'pool', node, windows });
      }
      case 'mean': {
        const size = this.triple(node, this.shape(node, 0));
        const leading = 3 - this.shape(node, 0).length;
        const reduced = size.map((_, axis) => node.axes.includes(axis - leading));
        const kept = size.map((n, axis) => (reduced[axis] ? 1 : n)) as unknown as Triple;
        const summed = size.map((n, axis) => (reduced[axis] ? n : 1)) as unknown as Triple;
        return this.emit({ ...this.base(i, node), kind: 'mean', kept, summed });
      }
      case 'multiply': {
        const shape = this.model.shapes[i + 1]!;
        const strides = (input: number): Triple => {
          const [a, b, c] = this.triple(node, this.shape(node, input));
          return [a === 1 ? 0 : b * c, b === 1 ? 0 : c, c === 1 ? 0 : 1];
        };
        return this.emit({
          ...this.base(i, node),
          kind: 'multiply',
          residual: this.value(node, 1),
          size: this.triple(node, shape),
          sourceStride: strides(0),
          residualStride: strides(1),
        });
      }
      case 'pad':
      case 'slice':
        return this.gather(i, node);
      case 'concat':
        return this.concat(i, node);
      case 'flatten':
    }
  }

  /** Dense layer or convolution, with the batchnorm, sum and activation that follow. */
  private linear(i: number, node: DenseNode | Conv2dNode): void {
    const { base, epilogue } = this.fuse(i, node, true);
    const out = this.model.shapes[i + 1]!;
    const groups = node.op === 'conv2d' ? node.groups : 1;
    const input = node.op === 'conv2d' ? this.shape(node, 0) : [this.sizes[this.value(node, 0)]!];
    const one: Windows = {
      taps: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0],
      input: [1, 1],
      output: [1, 1],
    };
    const outputs = out[0]! / groups;
    const windows = node.op === 'conv2d' ? windowsOf(node, input, out, this.kernel(node)) : one;
    const pixels = windows.output[0] * windows.output[1];
    // Padded channels come after the last one; within groups there is no room for any.
    const padded = groups === 1 ? padTo(outputs, outputLanes(outputs) * OUTPUTS_EACH) : out[0]!;
    this.rows[base.output] = padded * pixels;
    const moving = [node.weight, node.bias].some((name) => this.moves(name)) || this.normMoves(epilogue.norm);
    const channel = this.addChannels({ bias: node.bias, norm: epilogue.norm, count: out[0]! });
    const still = this.still([base.source, epilogue.residual], moving, base.output);
    this.emit(
      {
        ...base,
        ...rest(epilogue),
        kind: 'linear',
        windows,
        groups,
        inputs: input[0]! / groups,
        outputs,
        weight: node.weight,
        channel,
        products: this.share && this.fixed[base.source]! && !still,
      },
      moving,
    );
  }

  /** Batchnorm, scale, sum or activation that no product took in, with the sum and activation that follow. */
  private pointwise(i: number, node: Node & { op: 'batchnorm' | 'add' | 'scale' | 'activation' }): void {
    const { base, epilogue } = this.fuse(i, node, false);
    const shape = this.model.shapes[i + 1]!;
    const norm = node.op === 'batchnorm' ? node : null;
    const channel = norm && this.addChannels({ bias: null, norm, count: shape[0]! });
    this.emit(
      {
        ...base,
        ...rest(epilogue),
        kind: 'pointwise',
        plane: elements(shape) / shape[0]!,
        channel,
        scale: node.op === 'scale' ? [node.factor, node.offset] : null,
      },
      this.normMoves(norm),
    );
  }

  private gather(i: number, node: Node & { op: 'pad' | 'slice' }): void {
    const shape = this.shape(node, 0);
    const leading = (values: readonly number[], first: number): Triple => {
      const padded = [...Array<number>(3 - shape.length).fill(first), ...values];
      return padded as unknown as Triple;
    };
    const sourceSize = this.triple(node, shape);
    const size = this.triple(node, this.model.shapes[i + 1]!);
    const start = node.op === 'pad' ? node.before.map((count) => -count) : node.start;
    const step = node.op === 'pad' ? shape.map(() => 1) : node.step;
    this.emit({
      ...this.base(i, node),
      kind: 'gather',
      size,
      start: leading(start, 0),
      step: leading(step, 1),
      sourceSize,
      outputSize: size,
      first: 0,
      fill: node.op === 'pad' ? node.value : 0,
    });
  }

  private concat(i: number, node: Node & { op: 'concat' }): void {
    const outputSize = this.triple(node, this.model.shapes[i + 1]!);
    const axis = node.axis + 3 - this.model.shapes[i + 1]!.length;
    const strides = [outputSize[1] * outputSize[2], outputSize[2], 1];
    let place = 0;
    const still = this.still(
      node.inputs.map((input) => this.alias[input]!),
      false,
      i + 1,
    );
    for (let part = 0; part < node.inputs.length; part++) {
      const size = this.triple(node, this.shape(node, part));
      const step: Step = {
        ...this.base(i, node),
        source: this.value(node, part),
        kind: 'gather',
        size,
        start: [0, 0, 0],
        step: [1, 1, 1],
        sourceSize: size,
        outputSize,
        first: place * strides[axis]!,
        fill: 0,
      };
      (still ? this.shared : this.steps).push(step);
      place += size[axis]!;
    }
    this.fixed[i + 1] = still;
    this.known[i + 1] = true;
  }

  /** Takes in the nodes that follow as far as one stage can, when nothing else reads what lies between. */
  private fuse(i: number, node: Node, takesNorm: boolean) {
    const base = { ...this.base(i, node), residual: null };
    const names = [node.name];
    const epilogue: Epilogue = { norm: null, residual: null, activation: 'identity', slope: 0 };
    const take = (index: number): void => {
      this.taken.add(index);
      names.push(this.model.nodes[index]!.name);
      base.output = index + 1;
    };
    if (node.op === 'activation') {
      Object.assign(epilogue, { activation: node.fn, slope: node.slope });
    } else if (node.op === 'add') {
      epilogue.residual = this.value(node, 1);
    } else {
      const norm = takesNorm ? this.onlyReader(base.output, 'batchnorm') : null;
      if (norm) {
        epilogue.norm = norm.node;
        take(norm.index);
      }
      const sum = this.onlyReader(base.output, 'add');
      const others = sum?.node.inputs
        .map((input) => this.alias[input]!)
        .filter((value) => value !== base.output);
      const other = others?.[0];
      if (sum && other !== undefined && this.known[other]) {
        epilogue.residual = other;
        take(sum.index);
      }
    }
    const next = node.op === 'activation' ? null : this.onlyReader(base.output, 'activation');
    if (next) {
      Object.assign(epilogue, { activation: next.node.fn, slope: next.node.slope });
      take(next.index);
    }
    return { base: { ...base, name: names.join(' + ') }, epilogue };
  }

  /** The one node that reads this value, when its op is `op`. */
  private onlyReader<O extends Node['op']>(value: number, op: O) {
    const [index, ...others] = this.readers[value]!;
    const node = index === undefined ? undefined : this.model.nodes[index];
    if (node?.op !== op || others.length > 0) return null;
    return { index: index!, node: node as Extract<Node, { op: O }> };
  }

  private emit(step: Step, moving = false): void {
    const still = this.still([step.source, step.residual], moving, step.output);
    (still ? this.shared : this.steps).push(step);
    this.fixed[step.output] = still;
    this.known[step.output] = true;
  }

  /** Whether a value of these inputs is the same at every point. The logits never count as such: the loss is per point. */
  private still(inputs: readonly (number | null)[], moving: boolean, output: number): boolean {
    const all = inputs.every((value) => value === null || this.fixed[value]);
    return this.share && all && !moving && output !== this.logits;
  }

  private addChannels(source: ChannelSource): number {
    const first = this.channelCount;
    this.channels.push(source);
    this.channelCount += source.count;
    return first;
  }

  private base(i: number, node: Node) {
    return { name: node.name, source: this.value(node, 0), output: i + 1, residual: null };
  }

  private value(node: Node, input: number): number {
    return this.alias[node.inputs[input]!]!;
  }

  private shape(node: Node, input: number): Shape {
    return this.model.shapes[node.inputs[input]!]!;
  }

  private kernel(node: Conv2dNode): readonly [number, number] {
    const [, , height, width] = this.model.parameters.get(node.weight)!.shape;
    return [height!, width!];
  }

  /** A shape with ones put before it up to three axes. */
  private triple(node: Node, shape: Shape): Triple {
    if (shape.length > 3) {
      throw new EngineUnsupportedError(
        `${this.model.name}: the WebGPU engine takes up to three axes, node ${node.name} has ${shape.join(' × ')}; use the WASM engine`,
      );
    }
    return [...Array<number>(3 - shape.length).fill(1), ...shape] as unknown as Triple;
  }

  /** Whether a direction moves this parameter at all. */
  private moves(name: string | null): boolean {
    if (name === null) return false;
    return this.directions.some((direction) => direction.get(name)?.some((value) => value !== 0));
  }

  private normMoves(norm: BatchNormNode | null): boolean {
    return (
      norm !== null && [norm.scale, norm.shift, norm.mean, norm.variance].some((name) => this.moves(name))
    );
  }
}

function rest({ residual, activation, slope }: Epilogue) {
  return { residual, activation, slope };
}

function windowsOf(
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
