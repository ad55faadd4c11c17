import { nodeMultiplyAdds } from './cost.js';
import { elements, type Model, type Node, type Shape } from './graph.js';
import { opOf } from './ops/index.js';

/** What became of a node's weights on a plane: `none` has none; `all`, `some` or no (`fixed`) weights move. */
export type Movement = 'none' | 'all' | 'some' | 'fixed';

/** One node as `inspect` and the page show it. */
export interface TableRow {
  /** The op, with what distinguishes it: `conv2d 3×3 /2`, `activation relu`. */
  readonly op: string;
  readonly name: string;
  /** Output shape of one sample. */
  readonly shape: Shape;
  /** Numbers among its weights; a parameter that several nodes read counts in the first. */
  readonly parameters: number;
  /** Running statistics of batchnorm, which are no weights. */
  readonly statistics: number;
  /** Multiply-adds for one sample. */
  readonly multiplyAdds: number;
  readonly movement: Movement;
}

/**
 * The network as a table, a row per node. `moves` says whether any direction of the plane moves a
 * parameter, by its name; without it every weight counts as moving.
 */
export function modelTable(model: Model, moves: (parameter: string) => boolean = () => true): TableRow[] {
  const counted = new Set<string>();
  const count = (names: readonly string[]): number => {
    const fresh = names.filter((name) => !counted.has(name));
    for (const name of fresh) counted.add(name);
    return fresh.reduce((sum, name) => sum + elements(model.parameters.get(name)!.shape), 0);
  };
  return model.nodes.map((node, index) => {
    const { weights, statistics } = opOf(node).parameters(node);
    const moving = weights.filter(moves).length;
    return {
      op: describe(node, model),
      name: node.name,
      shape: model.shapes[index + 1]!,
      parameters: count(weights),
      statistics: count(statistics),
      multiplyAdds: nodeMultiplyAdds(model, index),
      movement:
        weights.length === 0 ? 'none' : moving === weights.length ? 'all' : moving > 0 ? 'some' : 'fixed',
    };
  });
}

function describe(node: Node, model: Model): string {
  switch (node.op) {
    case 'activation':
      return `activation ${node.fn}`;
    case 'conv2d': {
      const [, , height, width] = model.parameters.get(node.weight)!.shape;
      const groups = node.groups > 1 ? `, ${node.groups} groups` : '';
      return `conv2d ${height}×${width}${strided(node.stride)}${groups}`;
    }
    case 'pool':
      return `${node.mode} pool ${node.kernel.join('×')}${strided(node.stride)}`;
    default:
      return node.op;
  }
}

/** ` /2` for a stride of 2, ` /2×1` for an uneven one, nothing for 1. */
function strided([height, width]: readonly [number, number]): string {
  if (height === 1 && width === 1) return '';
  return height === width ? ` /${height}` : ` /${height}×${width}`;
}
