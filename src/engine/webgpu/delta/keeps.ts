/** What the centre of differences keeps for each step, found in the model. Pure. */
import { type BatchNormNode, elements, type Model, type PoolNode } from '../../../model/graph.js';
import type { LossName } from '../../../model/data.js';
import type { Problem } from '../../engine.js';
import { type Needs, remainderNeeds } from '../../remainder-needs.js';
import type { LinearStep, MultiplyStep, PointwiseStep, PoolStep, Program, Windows } from '../program.js';

/** Arrays one after the other, of so many rows each, from row `first` on. */
export interface Block {
  readonly rows: number;
  readonly first: number;
}

/** Of an element-wise step or a layer: first the layer's arrays, then the normalisation's, then the activation's. */
export interface Keep extends Block {
  /** Node of the dense layer or convolution that moved weights and a moved input meet in: q11, q12, q22. */
  readonly layer: number | null;
  /** Normalisation whose moved scale meets a moved input, as q11, q12, q22 of its own, and the value that it reads. */
  readonly norm: { readonly node: BatchNormNode; readonly input: number } | null;
  /** Value that the activation reads: its derivatives t1, t2 and its needs. */
  readonly input: number | null;
  readonly needs: Needs;
  readonly slope: number;
}

/** Of maxima: for every tap of a window how far it lies below the largest, and how much faster it grows along α and β. */
export interface PoolKeep extends Block {
  readonly input: number;
  readonly node: PoolNode;
  readonly windows: Windows;
}

/** Of a factor of a product: t1, t2 and the value. */
export interface FactorKeep extends Block {
  readonly value: number;
}

export interface Keeps {
  /** By the output of a step. */
  readonly steps: ReadonlyMap<number, Keep>;
  readonly pools: ReadonlyMap<number, PoolKeep>;
  readonly factors: ReadonlyMap<number, readonly [FactorKeep, FactorKeep]>;
  readonly loss: Block & { readonly arrays: number };
  /** Rows of all. */
  readonly rows: number;
}

/** Arrays of a second-order part, of a tap, and of a factor. */
const SECOND_ARRAYS = 3;
export const TAP_ARRAYS = 3;
const FACTOR_ARRAYS = 3;
const LOSS_ARRAYS: Readonly<Record<LossName, number>> = { ce: 3, mse: 3, bce: 4 };

/** Where the arrays of a step begin within its block. */
export function arraysOf({ layer, norm, input, needs }: Omit<Keep, keyof Block>) {
  const afterLayer = layer === null ? 0 : SECOND_ARRAYS;
  const activation = afterLayer + (norm === null ? 0 : SECOND_ARRAYS);
  return { norm: afterLayer, activation, count: activation + (input === null ? 0 : 2 + needs.length) };
}

/** Why the differences of this problem are computed in float64; null where the float32 stages keep the accuracy. */
export function refusesDelta(problem: Problem): string | null {
  const moved = problem.model.nodes.find((node) => node.op === 'batchnorm' && moves(problem, node.variance));
  return moved?.op === 'batchnorm' ? `a direction moves ${moved.variance}` : null;
}

function moves({ d1, d2 }: Problem, name: string | null): boolean {
  return name !== null && [d1, d2].some((direction) => direction.get(name)?.some((x) => x !== 0));
}

/** @param layers the program as it computes losses */
export function keepsOf(problem: Problem, layers: Program): Keeps {
  const { model, loss } = problem;
  let rows = 0;
  const take = <K extends object>(keep: K, each: number, arrays: number): K & Block => {
    const first = rows;
    rows += each * arrays;
    return { ...keep, rows: each, first };
  };
  const fixed = new Set([0, ...layers.shared.map(({ output }) => output)]);
  const steps = new Map<number, Keep>();
  const pools = new Map<number, PoolKeep>();
  const factors = new Map<number, readonly [FactorKeep, FactorKeep]>();
  for (const step of layers.steps) {
    const size = layers.sizes[step.output]!;
    if (step.kind === 'linear' || step.kind === 'pointwise') {
      const { layer: own, norm: scaled, input: read } = insideOf(model, step);
      const layer = fixed.has(step.source) ? null : own;
      const input = step.activation === 'identity' ? null : read;
      const needs = remainderNeeds[step.activation];
      const norm = scaled !== null && moves(problem, scaled.node.scale) ? scaled : null;
      const keep = { layer, norm, input, needs, slope: step.slope };
      steps.set(step.output, take(keep, size, arraysOf(keep).count));
    } else if (step.kind === 'pool' && step.node.mode === 'max') {
      const { node, windows, source: input } = step;
      pools.set(step.output, take({ input, node, windows }, size, TAP_ARRAYS * tapsOf(step)));
    } else if (step.kind === 'multiply') {
      const factor = (value: number): FactorKeep => take({ value }, layers.sizes[value]!, FACTOR_ARRAYS);
      factors.set(step.output, [factor(step.source), factor(residualOf(step))]);
    }
  }
  const arrays = LOSS_ARRAYS[loss];
  const own = take({ arrays }, elements(model.shapes.at(-1)!), arrays);
  return { steps, pools, factors, loss: own, rows };
}

function tapsOf({ windows }: PoolStep): number {
  return windows.taps[0] * windows.taps[1];
}

function residualOf({ name, residual }: MultiplyStep): number {
  if (residual === null) throw new TypeError(`${name} has one factor`);
  return residual;
}

/** The layer and the normalisation of a step, and the value that its activation reads: what a step computes, followed back to what it reads. */
function insideOf(model: Model, step: LinearStep | PointwiseStep): Pick<Keep, 'layer' | 'norm' | 'input'> {
  // Flatten only renames.
  const rootOf = (value: number): number => {
    const node = model.nodes[value - 1];
    return node?.op === 'flatten' ? rootOf(node.inputs[0]!) : value;
  };
  let input: number | null = null;
  let norm: Keep['norm'] = null;
  let value = rootOf(step.output);
  for (;;) {
    const node = model.nodes[value - 1]!;
    if (node.op === 'dense' || node.op === 'conv2d') return { layer: value - 1, norm, input };
    const sources = node.inputs.map(rootOf);
    value = sources.find((source) => node.op !== 'add' || source !== step.residual) ?? sources[0]!;
    if (node.op === 'activation') input = value;
    if (node.op === 'batchnorm') norm = { node, input: value };
    if (step.kind === 'pointwise' && value === step.source) return { layer: null, norm, input };
  }
}
