/** Which part of an ONNX graph makes the logits. */
import type { LossName } from '../../model/data.js';
import { integerAttribute } from './attributes.js';
import { endings } from './operators.js';
import type { GraphProto, NodeProto } from './proto.js';

export interface Outline {
  /** The name of what goes into the loss. */
  readonly logits: string;
  /** The operator that stood between it and the output and was left out, or null. */
  readonly ending: string | null;
  readonly lossHint: LossName | null;
  /** Nodes that the logits need, by index, in the order of the file. */
  readonly nodes: readonly number[];
  /** In how many places those nodes read a value. */
  readonly uses: ReadonlyMap<string, number>;
}

/** The outline of a graph with at least one output; the first one counts. */
export function outline(graph: GraphProto): Outline {
  const producers = new Map<string, number>();
  for (const [index, { outputs }] of graph.nodes.entries()) {
    for (const output of outputs) if (output !== '') producers.set(output, index);
  }
  const end = logits(graph, producers);
  return { ...end, ...needed(graph, producers, end.logits) };
}

function logits(graph: GraphProto, producers: ReadonlyMap<string, number>) {
  const producer = (name: string): NodeProto | undefined => graph.nodes[producers.get(name) ?? -1];
  let name = graph.outputs[0]!;
  let ending: string | null = null;
  const passed = new Set<string>();
  while (!passed.has(name)) {
    passed.add(name);
    const node = producer(name);
    const before = node?.inputs[0];
    if (node === undefined || before === undefined) break;
    // log(softmax(x)), which some write out.
    const isLog = ending === null && node.op === 'Log' && producer(before)?.op === 'Softmax';
    const isEnd = ending === null && endings.some((op) => op === node.op) && isOverOutputs(node);
    if (isEnd) ending = node.op;
    else if (node.op !== 'Identity' && !isLog) break;
    name = before;
  }
  const lossHint: LossName | null = ending === null ? null : ending === 'Sigmoid' ? 'bce' : 'ce';
  return { logits: name, ending, lossHint };
}

/** A softmax over the batch is no end of a network. */
function isOverOutputs(node: NodeProto): boolean {
  return node.op === 'Sigmoid' || integerAttribute(node, 'axis', -1) !== 0;
}

function needed(graph: GraphProto, producers: ReadonlyMap<string, number>, output: string) {
  const nodes = new Set<number>();
  const uses = new Map([[output, 1]]);
  const wanted = [output];
  const want = ({ inputs, attributes }: NodeProto): void => {
    for (const input of inputs) {
      if (input === '') continue;
      uses.set(input, (uses.get(input) ?? 0) + 1);
      wanted.push(input);
    }
    // The branches of an If read values of the graph around them.
    for (const { graph: branch } of attributes.values()) branch?.nodes.forEach(want);
  };
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const index = producers.get(name);
    if (index === undefined || nodes.has(index)) continue;
    nodes.add(index);
    want(graph.nodes[index]!);
  }
  return { nodes: [...nodes].sort((a, b) => a - b), uses };
}
