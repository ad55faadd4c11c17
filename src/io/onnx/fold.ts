/**
 * Constant folding: what the exporters compute out of shapes and fixed numbers (`.view(x.size(0), -1)`,
 * the paddings of a shortcut) is computed here, before the network is built.
 */
import { elements } from '../../model/graph.js';
import type { Fail } from '../errors.js';
import { integerAttribute, integersAttribute, integersOf, resolveAxes, resolveAxis } from './attributes.js';
import {
  allow,
  broadcastIndices,
  broadcastShape,
  pick,
  resolveReshape,
  sliceConstant,
  sliceRanges,
  transposeConstant,
} from './indexing.js';
import type { NodeProto, TensorProto } from './proto.js';
import { type Budget, type Constant, elementType } from './tensor.js';

/** A node whose inputs are all known; an absent optional input is null. */
export interface FoldCall {
  readonly node: NodeProto;
  readonly inputs: readonly (Constant | null)[];
  readonly budget: Budget;
  readonly fail: Fail;
  /** Reads a tensor that stands in an attribute. */
  read(tensor: TensorProto): Constant;
}

type Fold = (call: FoldCall) => Constant;

/** The operators that are computed on constants, by name. */
export const folds: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Constant', constant],
  ['ConstantOfShape', constantOfShape],
  ['Identity', (call) => input(call, 0)],
  ['Cast', (call) => cast(call, integerAttribute(call.node, 'to', 1))],
  ['CastLike', castLike],
  ['Gather', gather],
  ['Unsqueeze', unsqueeze],
  ['Squeeze', squeeze],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Concat', concat],
  ['Slice', slice],
  ['Transpose', transpose],
  ['Expand', expand],
  ['Where', where],
  ['Add', binary((a, b) => a + b)],
  ['Sub', binary((a, b) => a - b)],
  ['Mul', binary((a, b) => a * b)],
  ['Div', divide],
  ['Pow', binary((a, b) => a ** b)],
  ['Equal', (call) => ({ ...binary((a, b) => (a === b ? 1 : 0))(call), type: 'bool' })],
  ['Neg', unary((a) => -a)],
  ['Sqrt', unary(Math.sqrt)],
]);

function input({ inputs, fail }: FoldCall, index: number): Constant {
  return inputs[index] ?? fail(`its input ${index} is missing; export the network again`);
}

/** Made of whatever numbers came out: float32 for reals. */
function make(type: Constant['type'], shape: readonly number[], data: Float64Array): Constant {
  return { type, shape, data: type === 'float' ? Float32Array.from(data) : data };
}

function constant({ node, fail, read }: FoldCall): Constant {
  const tensor = node.attributes.get('value')?.tensor;
  if (tensor !== undefined && tensor !== null) return read(tensor);
  for (const [name, attribute] of node.attributes) {
    if (name === 'value_int') return make('int', [], Float64Array.of(attribute.integer));
    if (name === 'value_float') return make('float', [], Float64Array.of(attribute.float));
    const list =
      name === 'value_ints' ? attribute.integers : name === 'value_floats' ? attribute.floats : null;
    if (list !== null)
      return make(name === 'value_ints' ? 'int' : 'float', [list.length], Float64Array.from(list));
  }
  return fail('its value is no number; export the network again');
}

function constantOfShape(call: FoldCall): Constant {
  const { node, budget, fail, read } = call;
  const shape = integersOf(input(call, 0), 'sizes', fail);
  const tensor = node.attributes.get('value')?.tensor;
  const value = tensor === undefined || tensor === null ? null : read(tensor);
  allow(shape, budget, fail);
  return make(value?.type ?? 'float', shape, new Float64Array(elements(shape)).fill(value?.data[0] ?? 0));
}

function cast(call: FoldCall, dataType: number): Constant {
  const { budget, fail } = call;
  const value = input(call, 0);
  const element = elementType(dataType);
  if (element === undefined)
    return fail(`it casts to the type ${dataType}, which is no number; leave it out`);
  allow(value.shape, budget, fail);
  const convert = {
    float: (number: number) => number,
    int: Math.trunc,
    bool: (number: number) => (number === 0 ? 0 : 1),
  }[element.type];
  return make(element.type, value.shape, Float64Array.from(value.data, convert));
}

/** To the type of input 1; of a value of the network, which is real, only that is known. */
function castLike(call: FoldCall): Constant {
  const like = call.inputs[1]?.type ?? 'float';
  return cast(call, { float: 1, int: 7, bool: 9 }[like]);
}

function gather(call: FoldCall): Constant {
  const { node, budget, fail } = call;
  const data = input(call, 0);
  const indices = input(call, 1);
  const axis = resolveAxis(integerAttribute(node, 'axis', 0), data.shape.length, fail);
  const size = data.shape[axis]!;
  const outer = elements(data.shape.slice(0, axis));
  const inner = elements(data.shape.slice(axis + 1));
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  allow(shape, budget, fail);
  const source = new Uint32Array(elements(shape));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.data) {
      const at = index < 0 ? index + size : index;
      if (!(at >= 0 && at < size))
        fail(`its index ${index} is outside the ${size} of its axis; export it again`);
      for (let i = 0; i < inner; i++) source[to++] = (o * size + at) * inner + i;
    }
  }
  return pick(data, shape, source);
}

/** The axes of a Squeeze or Unsqueeze: an attribute before opset 13, an input since. */
function axesOf({ node, inputs, fail }: FoldCall): readonly number[] | null {
  const axes = inputs[1];
  return axes === undefined || axes === null
    ? integersAttribute(node, 'axes')
    : integersOf(axes, 'axes', fail);
}

function unsqueeze(call: FoldCall): Constant {
  const value = input(call, 0);
  const axes = axesOf(call) ?? [];
  const shape = unsqueezed(value.shape, axes, call.fail);
  return { ...value, shape };
}

/** A shape with axes of size 1 put in, counted in the result. */
export function unsqueezed(shape: readonly number[], axes: readonly number[], fail: Fail): number[] {
  const rank = shape.length + axes.length;
  const added = resolveAxes(axes, rank, fail);
  if (added.length !== axes.length || rank > 8) fail(`its axes ${axes.join(', ')} repeat or are too many`);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!));
}

function squeeze(call: FoldCall): Constant {
  const value = input(call, 0);
  return { ...value, shape: squeezed(value.shape, axesOf(call), call.fail) };
}

/** A shape with these axes of size 1 left out, or with all of them. */
export function squeezed(shape: readonly number[], axes: readonly number[] | null, fail: Fail): number[] {
  const dropped =
    axes === null
      ? [...shape.keys()].filter((axis) => shape[axis] === 1)
      : resolveAxes(axes, shape.length, fail);
  for (const axis of dropped) {
    if (shape[axis] !== 1)
      fail(`its axis ${axis} has size ${shape[axis]} and not 1; export the network again`);
  }
  return shape.filter((_, axis) => !dropped.includes(axis));
}

function reshape(call: FoldCall): Constant {
  const value = input(call, 0);
  const target = integersOf(input(call, 1), 'sizes', call.fail);
  const zeroIsZero = integerAttribute(call.node, 'allowzero', 0) === 1;
  return { ...value, shape: resolveReshape(value.shape, target, zeroIsZero, call.fail) };
}

function flatten(call: FoldCall): Constant {
  const value = input(call, 0);
  const axis = integerAttribute(call.node, 'axis', 1);
  const at = axis < 0 ? axis + value.shape.length : axis;
  return { ...value, shape: [elements(value.shape.slice(0, at)), elements(value.shape.slice(at))] };
}

function concat(call: FoldCall): Constant {
  const { node, inputs, budget, fail } = call;
  const parts = inputs.map((_, index) => input(call, index));
  const first = input(call, 0);
  const axis = resolveAxis(integerAttribute(node, 'axis', 0), first.shape.length, fail);
  for (const { shape } of parts) {
    if (
      shape.length !== first.shape.length ||
      shape.some((size, at) => at !== axis && size !== first.shape[at])
    ) {
      fail(
        `its inputs have shapes [${first.shape.join(', ')}] and [${shape.join(', ')}]; export the network again`,
      );
    }
  }
  const shape = first.shape.map((size, at) =>
    at === axis ? parts.reduce((sum, part) => sum + part.shape[at]!, 0) : size,
  );
  allow(shape, budget, fail);
  const data = new Float64Array(elements(shape));
  let to = 0;
  for (let outer = 0; outer < elements(shape.slice(0, axis)); outer++) {
    for (const part of parts) {
      const length = elements(part.shape.slice(axis));
      data.set(part.data.subarray(outer * length, (outer + 1) * length), to);
      to += length;
    }
  }
  return make(first.type, shape, data);
}

function slice(call: FoldCall): Constant {
  const value = input(call, 0);
  const ranges = sliceRanges(call.node, call.inputs, value.shape, call.fail);
  allow(
    ranges.map(({ count }) => count),
    call.budget,
    call.fail,
  );
  return sliceConstant(value, ranges);
}

function transpose(call: FoldCall): Constant {
  const value = input(call, 0);
  allow(value.shape, call.budget, call.fail);
  return transposeConstant(value, permutation(call.node, value.shape.length, call.fail));
}

/** The `perm` of a Transpose: a permutation of the axes, reversed when absent. */
export function permutation(node: NodeProto, rank: number, fail: Fail): readonly number[] {
  const order = integersAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (order.length !== rank || resolveAxes(order, rank, fail).length !== rank) {
    fail(`its perm ${order.join(', ')} is no order of ${rank} axes; export the network again`);
  }
  return order;
}

function expand(call: FoldCall): Constant {
  const value = input(call, 0);
  const target = integersOf(input(call, 1), 'sizes', call.fail);
  const shape = broadcastShape(value.shape, target, call.fail);
  allow(shape, call.budget, call.fail);
  return pick(value, shape, broadcastIndices(value.shape, shape));
}

function where(call: FoldCall): Constant {
  const [test, yes, no] = [input(call, 0), input(call, 1), input(call, 2)];
  const shape = broadcastShape(broadcastShape(test.shape, yes.shape, call.fail), no.shape, call.fail);
  allow(shape, call.budget, call.fail);
  const [at, left, right] = [test, yes, no].map((value) => broadcastIndices(value.shape, shape));
  const data = Float64Array.from(at!, (from, i) =>
    test.data[from] === 0 ? no.data[right![i]!]! : yes.data[left![i]!]!,
  );
  return make(yes.type, shape, data);
}

function binary(compute: (a: number, b: number) => number): Fold {
  return (call) => {
    const left = input(call, 0);
    const right = input(call, 1);
    const shape = broadcastShape(left.shape, right.shape, call.fail);
    allow(shape, call.budget, call.fail);
    const b = broadcastIndices(right.shape, shape);
    const data = Float64Array.from(broadcastIndices(left.shape, shape), (from, i) =>
      compute(left.data[from]!, right.data[b[i]!]!),
    );
    return make(left.type, shape, data);
  };
}

/** Integers divide toward zero. */
function divide(call: FoldCall): Constant {
  const whole = input(call, 0).type === 'int';
  if (whole && input(call, 1).data.includes(0))
    call.fail('it divides an integer by 0; export the network again');
  return binary(whole ? (a, b) => Math.trunc(a / b) : (a, b) => a / b)(call);
}

function unary(compute: (a: number) => number): Fold {
  return (call) => {
    const value = input(call, 0);
    allow(value.shape, call.budget, call.fail);
    return make(value.type, value.shape, Float64Array.from(value.data, compute));
  };
}
