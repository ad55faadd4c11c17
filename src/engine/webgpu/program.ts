/**
 * A model as the list of steps that the engine dispatches, without touching a device: which nodes one
 * stage takes in, what no direction moves, and which buffer each value lives in.
 */
import type { Direction } from '../engine.js';
import { outputLanes, OUTPUTS_EACH } from './stages.js';
import { padTo } from './pack.js';
import { EngineUnsupportedError } from '../engine.js';
import {
  elements,
  type ActivationName,
  type BatchNormNode,
  type Model,
  type Node,
} from '../../model/graph.js';

/** Scale and shift of one channel: an optional bias, then an optional batchnorm. */
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
  readonly residual: number | null;
  readonly activation: ActivationName;
  readonly slope: number;
}

export interface DenseStep extends StepBase {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: string;
  /** First of its channels in the program's list. */
  readonly channel: number;
  /** Input is the same at every point: combine three products instead. */
  readonly linear: boolean;
}

export interface PointwiseStep extends StepBase {
  readonly kind: 'pointwise';
  readonly rows: number;
  /** Rows of one channel. */
  readonly plane: number;
  readonly channel: number | null;
}

export type Step = DenseStep | PointwiseStep;

export interface Program {
  /** Steps whose values no direction moves: run once per data set, at the centre. */
  readonly shared: readonly Step[];
  /** Steps run at every point. */
  readonly steps: readonly Step[];
  /** Elements of each value per sample. */
  readonly sizes: readonly number[];
  /** Rows that each value's buffer has per point: its elements, padded to the tile of the stage that writes it. */
  readonly rows: readonly number[];
  /** Whether a value is the same at every point. */
  readonly fixed: readonly boolean[];
  /** Value that the loss sees. */
  readonly logits: number;
  readonly channels: readonly ChannelSource[];
  readonly channelCount: number;
  /** Slot of each value that `steps` write; −1 for the others. */
  readonly slots: Int32Array;
  /** Elements per sample and point of each slot. */
  readonly slotSizes: readonly number[];
}

/** Whether a direction moves this parameter at all. */
function moves(direction: Direction, name: string): boolean {
  return direction.get(name)?.some((value) => value !== 0) ?? false;
}

/**
 * @throws EngineUnsupportedError when the model has an op without a stage
 */
export function lower(model: Model, d1: Direction, d2: Direction): Program {
  const { nodes, shapes } = model;
  const sizes = shapes.map(elements);
  const rows = [...sizes];
  const alias = shapes.map((_, value) => value);
  for (const [i, node] of nodes.entries()) if (node.op === 'flatten') alias[i + 1] = alias[node.inputs[0]!]!;
  const logits = alias[nodes.length]!;

  // Who reads each value; the loss reads the last one.
  const readers: number[][] = shapes.map(() => []);
  readers[logits]!.push(nodes.length);
  for (const [i, node] of nodes.entries()) {
    if (node.op !== 'flatten') for (const input of node.inputs) readers[alias[input]!]!.push(i);
  }

  const perturbed = (name: string | null) => name !== null && (moves(d1, name) || moves(d2, name));
  const normMoves = (norm: BatchNormNode | null) =>
    norm !== null && [norm.scale, norm.shift, norm.mean, norm.variance].some(perturbed);

  const fixed = shapes.map((_, value) => value === 0);
  const known = shapes.map((_, value) => value === 0);
  const taken = new Set<number>();
  const shared: Step[] = [];
  const steps: Step[] = [];
  const channels: ChannelSource[] = [];
  let channelCount = 0;

  /** The one node that reads this value, when its op is `op`. */
  const onlyReader = <O extends Node['op']>(
    value: number,
    op: O,
  ): [number, Extract<Node, { op: O }>] | null => {
    const [reader, ...others] = readers[value]!;
    const node = reader === undefined ? undefined : nodes[reader];
    return node?.op === op && others.length === 0 ? [reader!, node as Extract<Node, { op: O }>] : null;
  };

  for (const [i, node] of nodes.entries()) {
    if (taken.has(i) || node.op === 'flatten') continue;
    const source = alias[node.inputs[0]!]!;
    const names = [node.name];
    let output = i + 1;
    let residual: number | null = null;
    let activation: ActivationName = 'identity';
    let slope = 0;
    let norm: BatchNormNode | null = null;
    const take = (index: number) => {
      taken.add(index);
      names.push(nodes[index]!.name);
      output = index + 1;
    };

    if (node.op === 'dense') {
      const next = onlyReader(output, 'batchnorm');
      if (next) {
        norm = next[1];
        take(next[0]);
      }
    } else if (node.op === 'batchnorm') {
      norm = node;
    } else if (node.op === 'add') {
      residual = alias[node.inputs[1]!]!;
    } else if (node.op === 'activation') {
      activation = node.fn;
      slope = node.slope;
    } else {
      throw new EngineUnsupportedError(
        `${model.name}: the WebGPU engine has no stage for node ${node.name} (${node.op}); use the WASM engine`,
      );
    }
    if (node.op === 'dense' || node.op === 'batchnorm') {
      const next = onlyReader(output, 'add');
      const others = next
        ? next[1].inputs.map((input) => alias[input]!).filter((value) => value !== output)
        : [];
      if (next && others.length === 1 && known[others[0]!]) {
        residual = others[0]!;
        take(next[0]);
      }
    }
    if (node.op !== 'activation') {
      const next = onlyReader(output, 'activation');
      if (next) {
        activation = next[1].fn;
        slope = next[1].slope;
        take(next[0]);
      }
    }

    const weight = node.op === 'dense' ? node.weight : null;
    const bias = node.op === 'dense' ? node.bias : null;
    const still =
      fixed[source]! &&
      (residual === null || fixed[residual]!) &&
      ![weight, bias].some(perturbed) &&
      !normMoves(norm) &&
      output !== logits;

    const count = shapes[i + 1]![0]!;
    const channel = channelCount;
    if (node.op === 'dense' || norm) {
      channels.push({ bias, norm, count });
      channelCount += count;
    }
    const common = { name: names.join(' + '), source, output, residual, activation, slope };
    const step: Step =
      node.op === 'dense'
        ? {
            ...common,
            kind: 'dense',
            inputs: sizes[source]!,
            outputs: sizes[i + 1]!,
            weight: node.weight,
            channel,
            linear: fixed[source]! && !still,
          }
        : {
            ...common,
            kind: 'pointwise',
            rows: sizes[i + 1]!,
            plane: sizes[i + 1]! / count,
            channel: norm ? channel : null,
          };
    (still ? shared : steps).push(step);
    if (step.kind === 'dense') rows[output] = padTo(step.outputs, outputLanes(step.outputs) * OUTPUTS_EACH);
    fixed[output] = still;
    known[output] = true;
  }

  return {
    shared,
    steps,
    sizes,
    rows,
    fixed,
    logits,
    channels,
    channelCount,
    ...assignSlots(steps, rows, logits),
  };
}

/** Gives every written value a buffer slot that no value still to be read occupies. */
function assignSlots(
  steps: readonly Step[],
  rows: readonly number[],
  logits: number,
): { slots: Int32Array; slotSizes: number[] } {
  const lastRead = new Int32Array(rows.length).fill(-1);
  for (const [i, step] of steps.entries()) {
    lastRead[step.source] = i;
    if (step.residual !== null) lastRead[step.residual] = i;
  }
  lastRead[logits] = steps.length;
  const slots = new Int32Array(rows.length).fill(-1);
  const slotSizes: number[] = [];
  const busyUntil: number[] = [];
  for (const [i, step] of steps.entries()) {
    const size = rows[step.output]!;
    let best = -1;
    for (const [slot, until] of busyUntil.entries()) {
      if (until >= i) continue;
      const waste = Math.abs(slotSizes[slot]! - size);
      if (best < 0 || waste < Math.abs(slotSizes[best]! - size)) best = slot;
    }
    if (best < 0) best = slotSizes.push(0) - 1;
    slotSizes[best] = Math.max(slotSizes[best]!, size);
    // A value that nobody reads still needs its slot while it is written.
    busyUntil[best] = Math.max(i, lastRead[step.output]!);
    slots[step.output] = best;
  }
  return { slots, slotSizes };
}
