/**
 * `isoloss inspect`: the network as a table, to see that it was understood.
 */
import { nodeMultiplyAdds } from '../model/cost.js';
import { elements, type Model, type Node, type Parameter, type Shape } from '../model/graph.js';
import { opOf } from '../model/ops/index.js';
import { loadNetwork } from './inputs.js';
import type { NetworkOptions } from './source-options.js';

const HEADINGS = ['op', 'name', 'output', 'parameters', 'multiply-adds', 'moves'] as const;
type Row = Readonly<Record<(typeof HEADINGS)[number], string>>;

/** Counts stand at the right of their column. */
const NUMERIC: ReadonlySet<string> = new Set(['parameters', 'multiply-adds']);

/** Text for standard output: one row per node, and the sums. */
export async function inspect(options: NetworkOptions, assets: string): Promise<string> {
  const notices: string[] = [];
  const { model } = await loadNetwork(options, assets, (sentence) => notices.push(`${sentence}\n`));
  return networkTable(model) + notices.join('');
}

export function networkTable(model: Model): string {
  const total: Row = {
    op: 'sum',
    name: model.name,
    output: '',
    parameters: count([...model.parameters.values()].reduce((sum, { data }) => sum + data.length, 0)),
    'multiply-adds': count(model.nodes.reduce((sum, _, i) => sum + nodeMultiplyAdds(model, i), 0)),
    moves: '',
  };
  const input = {
    op: 'input',
    name: '',
    output: spell(model.shapes[0]!),
    parameters: '',
    'multiply-adds': '',
    moves: '',
  };
  const headings = Object.fromEntries(HEADINGS.map((heading) => [heading, heading])) as Row;
  const rows: Row[] = [headings, input, ...model.nodes.map((node, i) => row(model, node, i)), total];

  const widths = HEADINGS.map((heading) => Math.max(...rows.map((cells) => cells[heading].length)));
  const line = (cells: Row): string =>
    HEADINGS.map((heading, i) =>
      NUMERIC.has(heading) ? cells[heading].padStart(widths[i]!) : cells[heading].padEnd(widths[i]!),
    )
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

function row(model: Model, node: Node, index: number): Row {
  const { weights, statistics } = opOf(node).parameters(node);
  const own = [...weights, ...statistics].map((name) => model.parameters.get(name)!);
  const cost = nodeMultiplyAdds(model, index);
  return {
    op: node.op === 'activation' ? node.fn : node.op,
    name: node.name,
    output: spell(model.shapes[index + 1]!),
    parameters: own.length === 0 ? '' : count(own.reduce((sum, { data }) => sum + data.length, 0)),
    'multiply-adds': cost === 0 ? '' : count(cost),
    moves: own.length === 0 ? '' : moves(own),
  };
}

/** What a drawn direction moves: weights always, vectors when asked to, running statistics never. */
function moves(parameters: readonly Parameter[]): string {
  const weights = parameters.filter(({ kind, shape }) => kind === 'weight' && shape.length > 1);
  const vectors = parameters.filter(({ kind, shape }) => kind === 'weight' && shape.length <= 1);
  return [
    ...(weights.length > 0 ? ['yes'] : []),
    ...(vectors.length > 0 ? [`${weights.length > 0 ? 'bias ' : ''}with --bias scale`] : []),
  ].join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function spell(shape: Shape): string {
  return elements(shape) === 0 ? '[]' : `[${shape.join(', ')}]`;
}
