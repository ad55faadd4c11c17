/** From a model to the steps that the engine dispatches: which nodes one stage takes in, what no direction moves. */
import {
  elements,
  type BatchNormNode,
  type Conv2dNode,
  type DenseNode,
  type Model,
  type Node,
} from '../../model/graph.js';
import type { Direction } from '../engine.js';
import { fuse } from './fuse.js';
import { padTo } from './pack.js';
import type { ChannelSource, Program, Step, Triple, Windows } from './program.js';
import { assignSlots } from './slots.js';
import { outputLanes, OUTPUTS_EACH } from './stages.js';
import { Wires, windowsOf } from './wires.js';

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

class Lowering {
  private readonly wires: Wires;
  private readonly rows: number[];
  /** Values that are the same at every point, and those computed so far. */
  private readonly fixed: boolean[];
  private readonly known: boolean[];
  private readonly taken = new Set<number>();
  private readonly shared: Step[] = [];
  private readonly steps: Step[] = [];
  private readonly channels: ChannelSource[] = [];
  private channelCount = 0;

  constructor(
    private readonly model: Model,
    private readonly directions: readonly Direction[],
    private readonly share: boolean,
  ) {
    this.wires = new Wires(model);
    this.rows = [...this.wires.sizes];
    this.fixed = model.shapes.map((_, value) => value === 0);
    this.known = [...this.fixed];
  }

  program(): Program {
    for (const [i, node] of this.model.nodes.entries()) {
      if (!this.taken.has(i) && node.op !== 'flatten') this.node(i, node);
    }
    const { shared, steps, rows, channels, channelCount } = this;
    const { sizes, logits } = this.wires;
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
        const windows = windowsOf(node, this.wires.shape(node, 0), this.model.shapes[i + 1]!);
        return this.emit({ ...this.base(i, node), kind: 'pool', node, windows });
      }
      case 'mean': {
        const size = this.wires.triple(node, this.wires.shape(node, 0));
        const leading = 3 - this.wires.shape(node, 0).length;
        const reduced = size.map((_, axis) => node.axes.includes(axis - leading));
        const kept = size.map((n, axis) => (reduced[axis] ? 1 : n)) as unknown as Triple;
        const summed = size.map((n, axis) => (reduced[axis] ? n : 1)) as unknown as Triple;
        return this.emit({ ...this.base(i, node), kind: 'mean', kept, summed });
      }
      case 'multiply': {
        const shape = this.model.shapes[i + 1]!;
        const strides = (input: number): Triple => {
          const [a, b, c] = this.wires.triple(node, this.wires.shape(node, input));
          return [a === 1 ? 0 : b * c, b === 1 ? 0 : c, c === 1 ? 0 : 1];
        };
        return this.emit({
          ...this.base(i, node),
          kind: 'multiply',
          residual: this.wires.value(node, 1),
          size: this.wires.triple(node, shape),
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
    const { base, norm, after } = this.fuse(i, node, true);
    const out = this.model.shapes[i + 1]!;
    const groups = node.op === 'conv2d' ? node.groups : 1;
    const input =
      node.op === 'conv2d' ? this.wires.shape(node, 0) : [this.wires.sizes[this.wires.value(node, 0)]!];
    const one: Windows = {
      taps: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0],
      input: [1, 1],
      output: [1, 1],
    };
    const outputs = out[0]! / groups;
    const windows = node.op === 'conv2d' ? windowsOf(node, input, out, this.wires.kernel(node)) : one;
    const pixels = windows.output[0] * windows.output[1];
    // Padded channels come after the last one; within groups there is no room for any.
    const padded = groups === 1 ? padTo(outputs, outputLanes(outputs) * OUTPUTS_EACH) : out[0]!;
    this.rows[base.output] = padded * pixels;
    const moving = [node.weight, node.bias].some((name) => this.moves(name)) || this.normMoves(norm);
    const channel = this.addChannels({ bias: node.bias, norm, count: out[0]! });
    const still = this.still([base.source, after.residual], moving, base.output);
    this.emit(
      {
        ...base,
        ...after,
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
    const { base, after } = this.fuse(i, node, false);
    const shape = this.model.shapes[i + 1]!;
    const norm = node.op === 'batchnorm' ? node : null;
    const channel = norm && this.addChannels({ bias: null, norm, count: shape[0]! });
    this.emit(
      {
        ...base,
        ...after,
        kind: 'pointwise',
        plane: elements(shape) / shape[0]!,
        channel,
        scale: node.op === 'scale' ? [node.factor, node.offset] : null,
      },
      this.normMoves(norm),
    );
  }

  private gather(i: number, node: Node & { op: 'pad' | 'slice' }): void {
    const shape = this.wires.shape(node, 0);
    const leading = (values: readonly number[], first: number): Triple => {
      const padded = [...Array<number>(3 - shape.length).fill(first), ...values];
      return padded as unknown as Triple;
    };
    const sourceSize = this.wires.triple(node, shape);
    const size = this.wires.triple(node, this.model.shapes[i + 1]!);
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
    const outputSize = this.wires.triple(node, this.model.shapes[i + 1]!);
    const axis = node.axis + 3 - this.model.shapes[i + 1]!.length;
    const strides = [outputSize[1] * outputSize[2], outputSize[2], 1];
    let place = 0;
    const still = this.still(this.wires.values(node), false, i + 1);
    for (let part = 0; part < node.inputs.length; part++) {
      const size = this.wires.triple(node, this.wires.shape(node, part));
      const step: Step = {
        ...this.base(i, node),
        source: this.wires.value(node, part),
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

  /** A node with those after it that one stage takes in. */
  private fuse(i: number, node: Node, takesNorm: boolean) {
    const { names, taken, output, epilogue } = fuse(
      this.wires,
      i,
      node,
      takesNorm,
      (value) => this.known[value]!,
    );
    for (const index of taken) this.taken.add(index);
    const { norm, ...after } = epilogue;
    return { base: { ...this.base(i, node), name: names.join(' + '), output }, norm, after };
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
    return this.share && all && !moving && output !== this.wires.logits;
  }

  private addChannels(source: ChannelSource): number {
    const first = this.channelCount;
    this.channels.push(source);
    this.channelCount += source.count;
    return first;
  }

  private base(i: number, node: Node) {
    return { name: node.name, source: this.wires.value(node, 0), output: i + 1, residual: null };
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
