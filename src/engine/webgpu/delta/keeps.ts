/** What the centre of differences keeps for each step, found in the model. Pure. */
import { elements, type Model } from '../../../model/graph.js';
import type { LossName } from '../../../model/data.js';
import type { Problem } from '../../engine.js';
import type { LinearStep, PointwiseStep, Program } from '../program.js';
import { remainders } from './activations.js';

/** Arrays of one value's size, one after the other: first the layer's, then the activation's. */
export interface Keep {
  /** Node of the dense layer or convolution that moved weights and a moved input meet in: q11, q12, q22. */
  readonly layer: number | null;
  /** Value that the activation reads: its derivatives t1, t2 and what `remainders` names. */
  readonly input: number | null;
  readonly needs: readonly ((z: number, slope: number) => number)[];
  readonly slope: number;
  /** Elements of the value. */
  readonly rows: number;
  /** Row where the first of the arrays begins. */
  readonly first: number;
}

export interface Keeps {
  /** By the output of a step. */
  readonly steps: ReadonlyMap<number, Keep>;
  /** Row where what the loss reads begins, and the number of its arrays. */
  readonly loss: { readonly first: number; readonly arrays: number };
  /** Rows of all. */
  readonly rows: number;
}

/** Arrays of the second-order part of a layer. */
export const LAYER_ARRAYS = 3;
const LOSS_ARRAYS: Readonly<Record<LossName, number>> = { ce: 3, mse: 3, bce: 4 };

/** Why the differences of this problem are computed in float64; null where the float32 stages keep the accuracy. */
export function refusesDelta({ model, d1, d2 }: Problem): string | null {
  const moves = (name: string | null): boolean =>
    name !== null && [d1, d2].some((direction) => direction.get(name)?.some((x) => x !== 0));
  for (const node of model.nodes) {
    if (node.op === 'activation' && !(node.fn in remainders)) return `${node.name} is ${node.fn}`;
    if (node.op === 'batchnorm') {
      const moved = [node.variance, node.scale].find(moves);
      if (moved !== undefined) return `a direction moves ${moved}`;
    }
    if (node.op === 'pool' && node.mode === 'max') return `${node.name} takes maxima`;
    if (node.op === 'multiply') return `${node.name} multiplies two values`;
  }
  return null;
}

/** @param layers the program as it computes losses */
export function keepsOf({ model, loss }: Problem, layers: Program): Keeps {
  const fixed = new Set([0, ...layers.shared.map(({ output }) => output)]);
  const steps = new Map<number, Keep>();
  let rows = 0;
  for (const step of layers.steps) {
    if (step.kind !== 'linear' && step.kind !== 'pointwise') continue;
    const { layer, input } = insideOf(model, step);
    const keep: Keep = {
      layer: fixed.has(step.source) ? null : layer,
      input: step.activation === 'identity' ? null : input,
      needs: remainders[step.activation] ?? [],
      slope: step.slope,
      rows: layers.sizes[step.output]!,
      first: rows,
    };
    steps.set(step.output, keep);
    rows += keep.rows * arraysOf(keep);
  }
  const own = { first: rows, arrays: LOSS_ARRAYS[loss] };
  return { steps, loss: own, rows: rows + own.arrays * elements(model.shapes.at(-1)!) };
}

function arraysOf({ layer, input, needs }: Keep): number {
  return (layer === null ? 0 : LAYER_ARRAYS) + (input === null ? 0 : 2 + needs.length);
}

/** The layer of a step, and the value that its activation reads: what a step computes, followed back to what it reads. */
function insideOf(
  model: Model,
  step: LinearStep | PointwiseStep,
): { readonly layer: number | null; readonly input: number | null } {
  // Flatten only renames.
  const rootOf = (value: number): number => {
    const node = model.nodes[value - 1];
    return node?.op === 'flatten' ? rootOf(node.inputs[0]!) : value;
  };
  let input: number | null = null;
  let value = rootOf(step.output);
  for (;;) {
    const node = model.nodes[value - 1]!;
    if (node.op === 'dense' || node.op === 'conv2d') return { layer: value - 1, input };
    const sources = node.inputs.map(rootOf);
    value = sources.find((source) => node.op !== 'add' || source !== step.residual) ?? sources[0]!;
    if (node.op === 'activation') input = value;
    if (step.kind === 'pointwise' && value === step.source) return { layer: null, input };
  }
}
