/**
 * From the graph to the steps that the kernels run: batch normalisation, residual sum and relu go into the
 * product before them, flatten and identity vanish, and what no direction moves is marked to be computed once.
 */
import {
  elements,
  type ActivationNode,
  type BatchNormNode,
  type ConcatNode,
  type Conv2dNode,
  type DenseNode,
  type MeanNode,
  type Model,
  type MultiplyNode,
  type Node,
  type PadNode,
  type PoolNode,
  type ScaleNode,
  type SliceNode,
} from '../../model/graph.js';

/** What a product does before it stores its result: (norm(sum + bias) + residual) through the activation. */
export interface Epilogue {
  readonly norm: BatchNormNode | null;
  /** The value that is added. */
  readonly residual: number | null;
  readonly activation: 'relu' | 'leaky_relu' | null;
  readonly slope: number;
}

type Work =
  | { readonly kind: 'product'; readonly node: DenseNode | Conv2dNode; readonly epilogue: Epilogue }
  | { readonly kind: 'activation'; readonly node: ActivationNode }
  | { readonly kind: 'affine'; readonly node: BatchNormNode | ScaleNode }
  | { readonly kind: 'add' }
  | { readonly kind: 'multiply'; readonly node: MultiplyNode }
  | { readonly kind: 'copy'; readonly node: ConcatNode | PadNode | SliceNode }
  | { readonly kind: 'reduce'; readonly node: PoolNode | MeanNode };

/** One kernel call, or two where an input needs padding. Values are numbered as in the model. */
export type Step = Work & {
  /** Values read, without the residual. */
  readonly inputs: readonly number[];
  readonly out: number;
  /** No direction moves it: the same at all points. */
  readonly once: boolean;
};

export type ProductStep = Extract<Step, { kind: 'product' }>;

export interface Lowered {
  readonly steps: readonly Step[];
  /** The value that holds the logits. */
  readonly logits: number;
}

/** All values that a step reads. */
export function reads(step: Step): number[] {
  const residual = step.kind === 'product' ? step.epilogue.residual : null;
  return residual === null ? [...step.inputs] : [...step.inputs, residual];
}

/** Names of a node's parameters. */
function parametersOf(node: Node): string[] {
  switch (node.op) {
    case 'dense':
    case 'conv2d':
      return node.bias === null ? [node.weight] : [node.weight, node.bias];
    case 'batchnorm':
      return [node.scale, node.shift, node.mean, node.variance].filter((name) => name !== null);
    default:
      return [];
  }
}

/** Whether the scale of a normalisation moves. */
export function rescales({ scale, variance }: BatchNormNode, moves: (parameter: string) => boolean): boolean {
  return moves(variance) || (scale !== null && moves(scale));
}

/**
 * `moves` says whether a direction moves a parameter; with `apart` activations and normalisations whose scale moves stay
 * steps of their own.
 */
export function lower(model: Model, moves: (parameter: string) => boolean, apart = false): Lowered {
  return new Lowering(model, moves, apart).run();
}

class Lowering {
  /** For every value the one whose memory holds it: itself, unless its node only renames. */
  private readonly roots: number[] = [0];
  /** Whether a value differs from point to point. */
  private readonly moving: boolean[] = [false];
  /** For every root the nodes that read it. */
  private readonly users = new Map<number, number[]>();
  private readonly absorbed = new Set<number>();

  constructor(
    private readonly model: Model,
    private readonly moves: (parameter: string) => boolean,
    private readonly apart: boolean,
  ) {
    for (const [index, node] of model.nodes.entries()) {
      const renames = node.op === 'flatten' || (node.op === 'activation' && node.fn === 'identity');
      this.roots.push(renames ? this.roots[node.inputs[0]!]! : index + 1);
      this.moving.push(parametersOf(node).some(moves) || node.inputs.some((value) => this.moving[value]));
      if (renames) this.absorbed.add(index);
      else for (const value of node.inputs) this.use(value, index);
    }
    // Whoever computes the loss reads the logits; they are nobody's to absorb.
    this.use(model.nodes.length, model.nodes.length);
  }

  run(): Lowered {
    const { nodes } = this.model;
    const placed: { step: Step; at: number }[] = [];
    for (const [index, node] of nodes.entries()) {
      if (this.absorbed.has(index)) continue;
      const isProduct = node.op === 'dense' || node.op === 'conv2d';
      const { work, last } = isProduct ? this.product(node, index) : { work: single(node), last: index };
      const inputs = node.inputs.map((value) => this.roots[value]!);
      placed.push({ step: { ...work, inputs, out: last + 1, once: !this.moving[last + 1] }, at: last });
    }
    // A product runs where the last node that it took in stood: there the residual is ready.
    placed.sort((left, right) => left.at - right.at);
    return { steps: placed.map(({ step }) => step), logits: this.roots[nodes.length]! };
  }

  private use(value: number, node: number): void {
    const root = this.roots[value]!;
    this.users.set(root, [...(this.users.get(root) ?? []), node]);
  }

  /** Takes in the nodes after a product as long as nobody else reads what is between. */
  private product(node: DenseNode | Conv2dNode, index: number): { work: Work; last: number } {
    let last = index;
    const take = (): void => {
      last = this.next(last)!;
      this.absorbed.add(last);
    };
    let norm: BatchNormNode | null = null;
    let residual: number | null = null;
    let activation: Epilogue['activation'] = null;
    let slope = 0;
    let next = this.nextNode(last);
    // After a flatten the channels of the normalisation are no longer those of the product.
    if (next?.op === 'batchnorm' && next.inputs[0] === last + 1 && !this.staysApart(next)) {
      norm = next;
      take();
      next = this.nextNode(last);
    }
    if (next?.op === 'add') {
      const [left, right] = next.inputs.map((value) => this.roots[value]!) as [number, number];
      residual = left === last + 1 ? right : left;
      take();
      next = this.nextNode(last);
    }
    if (!this.apart && next?.op === 'activation' && (next.fn === 'relu' || next.fn === 'leaky_relu')) {
      activation = next.fn;
      slope = next.slope;
      take();
    }
    return { work: { kind: 'product', node, epilogue: { norm, residual, activation, slope } }, last };
  }

  private staysApart(norm: BatchNormNode): boolean {
    return this.apart && rescales(norm, this.moves);
  }

  private nextNode(last: number): Node | null {
    const next = this.next(last);
    return next === null ? null : this.model.nodes[next]!;
  }

  /** The node after `last` if it alone reads its output, reads it once and moves when it does. */
  private next(last: number): number | null {
    const users = this.users.get(last + 1) ?? [];
    const next = users[0]!;
    if (users.length !== 1 || next === this.model.nodes.length || this.absorbed.has(next)) return null;
    return this.moving[next + 1] === this.moving[last + 1] ? next : null;
  }
}

function single(node: Exclude<Node, DenseNode | Conv2dNode>): Work {
  switch (node.op) {
    case 'activation':
      return { kind: 'activation', node };
    case 'batchnorm':
    case 'scale':
      return { kind: 'affine', node };
    case 'add':
      return { kind: 'add' };
    case 'multiply':
      return { kind: 'multiply', node };
    case 'concat':
    case 'pad':
    case 'slice':
      return { kind: 'copy', node };
    case 'pool':
    case 'mean':
      return { kind: 'reduce', node };
    case 'flatten':
      throw new TypeError('flatten renames its input and has no step');
  }
}

/** Rows of a value: units of a sample. */
export function rowsOf(model: Model, value: number): number {
  return elements(model.shapes[value]!);
}
