import { ModelError, spell } from './errors.js';
import { elements, type Model, type Node, type Parameter, type Shape } from './graph.js';
import { opOf, ops } from './ops/index.js';
import { refuse } from './ops/op.js';

/** Axes of a value; images have three. */
const maxRank = 6;
/** Elements of one value of one sample; 2²⁸ float32 are 1 GiB. */
const maxElements = 2 ** 28;

/**
 * Checks a network and finds the shape of every value. `input` is one sample's shape; nodes are in
 * topological order, parameters in the order of PyTorch's `state_dict()`.
 *
 * Throws `ModelError` when names repeat, a node reads what does not exist yet, shapes do not fit, a
 * parameter is missing, unused, of a wrong size or of the wrong kind, or a node's output goes nowhere.
 */
export function buildModel(
  name: string,
  input: Shape,
  nodes: readonly Node[],
  parameters: Iterable<Parameter>,
): Model {
  const known = new Map<string, Parameter>();
  for (const parameter of parameters) {
    if (known.has(parameter.name)) throw new ModelError(`${name}: parameter ${parameter.name} appears twice`);
    checkParameter(name, parameter);
    known.set(parameter.name, parameter);
  }
  if (!sane(input)) throw new ModelError(`${name}: input shape ${spell(input)} must be positive integers`);
  if (nodes.length === 0) throw new ModelError(`${name}: the network has no nodes`);

  const shapes: Shape[] = [input];
  const names = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    checkInputs(node, index, names);
    for (const parameter of readBy(node, known)) {
      if (!known.has(parameter)) throw refuse(node, `parameter ${parameter} is missing`);
    }
    const inputs = node.inputs.map((value) => shapes[value]!);
    const shape = opOf(node).infer(node, inputs, (parameter) => known.get(parameter)!);
    if (!sane(shape)) {
      throw refuse(node, `output shape ${spell(shape)} is beyond ${maxRank} axes or ${maxElements} elements`);
    }
    shapes.push(shape);
  }
  checkNothingLeftOver(name, nodes, known);
  return { name, nodes, shapes, parameters: known };
}

function sane(shape: Shape): boolean {
  const counts = shape.every((size) => Number.isSafeInteger(size) && size >= 1);
  return counts && shape.length >= 1 && shape.length <= maxRank && elements(shape) <= maxElements;
}

function checkParameter(model: string, { name, shape, data }: Parameter): void {
  if (!sane(shape)) {
    throw new ModelError(`${model}: parameter ${name} has shape ${spell(shape)}, expected positive integers`);
  }
  if (elements(shape) !== data.length) {
    throw new ModelError(
      `${model}: parameter ${name} has ${data.length} values, shape ${spell(shape)} needs ${elements(shape)}`,
    );
  }
}

function checkInputs(node: Node, index: number, names: Set<string>): void {
  if (!Object.hasOwn(ops, node.op)) {
    throw refuse(node, `the op is not one of ${Object.keys(ops).join(', ')}`);
  }
  if (names.has(node.name)) throw refuse(node, 'another node has the same name');
  names.add(node.name);
  const { arity } = opOf(node);
  const count = node.inputs.length;
  if ('exactly' in arity ? count !== arity.exactly : count < arity.atLeast) {
    const expected = 'exactly' in arity ? arity.exactly : `${arity.atLeast} or more`;
    throw refuse(node, `reads ${count} values, expected ${expected}`);
  }
  for (const value of node.inputs) {
    if (!Number.isSafeInteger(value) || value < 0 || value > index) {
      throw refuse(node, `reads value ${value}, but only 0 to ${index} exist before it; order the nodes`);
    }
  }
}

/** Names of the parameters of a node, after checking that statistics are marked as such and weights are not. */
function readBy(node: Node, known: ReadonlyMap<string, Parameter>): string[] {
  const { weights, statistics } = opOf(node).parameters(node);
  for (const [names, kind] of [
    [weights, 'weight'],
    [statistics, 'statistic'],
  ] as const) {
    for (const name of names) {
      const actual = known.get(name)?.kind ?? kind;
      if (actual !== kind) throw refuse(node, `parameter ${name} is marked ${actual}, expected ${kind}`);
    }
  }
  return [...weights, ...statistics];
}

function checkNothingLeftOver(
  name: string,
  nodes: readonly Node[],
  known: ReadonlyMap<string, Parameter>,
): void {
  const read = new Set(nodes.flatMap((node) => readBy(node, known)));
  const unused = [...known.keys()].filter((parameter) => !read.has(parameter));
  if (unused.length > 0) {
    throw new ModelError(`${name}: no node reads ${unused.join(', ')}; leave such parameters out`);
  }
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const dead = nodes.slice(0, -1).find((_, index) => !used.has(index + 1));
  if (dead !== undefined) throw refuse(dead, 'no node reads its output; leave it out');
}
