/** Sums and products, element by element. */
import { shortestDecimal } from './attributes.js';
import {
  affine,
  type Call,
  constantInput,
  type Entry,
  MAX_SCANNED,
  type Operator,
  parameterName,
  pending,
  settled,
  valueInput,
  vectorParameter,
} from './call.js';
import { displayName, isInternal, moduleOf } from './names.js';
import { sameShape, type Value } from './network.js';
import type { Known } from './tensor.js';

export const arithmetic: readonly (readonly [string, Operator])[] = [
  ['Add', add],
  ['Sub', subtract],
  ['Mul', multiply],
  ['Div', divide],
  ['Neg', (call) => affine(call, valueInput(call, 0), -1, 0)],
  ['Pow', power],
];

/** x² and x³, which GELU's tanh form has. */
function power(call: Call): Value {
  const value = valueInput(call, 0);
  const exponent = constantInput(call, 1).constant;
  const degree = exponent.data.length === 1 ? exponent.data[0] : NaN;
  if (degree !== 2 && degree !== 3)
    return call.fail(`its exponent is ${degree}, and only 2 and 3 are known; multiply instead`);
  call.network.settle(value);
  const square = product(call, value, value);
  return degree === 2 ? square : product(call, square, value);
}

/** Both inputs of an operator of two, of which one at least is a value. */
function operands({ inputs, fail }: Call): [Entry, Entry] {
  const [left, right] = inputs;
  if (left == null || right == null) return fail('it needs two inputs; export the network again');
  if (left.kind === 'known' && right.kind === 'known')
    return fail('it has more inputs than two; export the network again');
  return [left, right];
}

function add(call: Call): Value {
  const [left, right] = operands(call);
  if (left.kind === 'value' && right.kind === 'value') return sum(call, left, right);
  return left.kind === 'value'
    ? addConstant(call, left, right as Known)
    : addConstant(call, right as Value, left);
}

function addConstant(call: Call, value: Value, known: Known): Value {
  const { constant } = known;
  const { form } = value;
  if (value.index === null && form.kind === 'layer') {
    const { length } = constant.data;
    const named = known.name !== null || constant.shape.length > 0;
    if (length === form.outputs && named && constant.shape.length <= 2) {
      return settled(call, form.emit(known));
    }
  }
  const number = single(call, known);
  if (number !== null) return affine(call, value, 1, number);
  return perChannel(call, value, known, 'shift');
}

function subtract(call: Call): Value {
  const [left, right] = operands(call);
  if (left.kind === 'value') {
    if (right.kind === 'value') return sum(call, left, affine(call, right, -1, 0));
    const number = single(call, right);
    return number !== null ? affine(call, left, 1, -number) : perChannel(call, left, right, 'mean');
  }
  const number =
    single(call, left) ?? call.fail('it subtracts from a list of constants; subtract the other way round');
  return affine(call, right as Value, -1, number);
}

function multiply(call: Call): Value {
  const [left, right] = operands(call);
  if (left.kind === 'value' && right.kind === 'value') return product(call, left, right);
  const [value, known] = left.kind === 'value' ? [left, right as Known] : [right as Value, left];
  const number = single(call, known);
  return number !== null ? affine(call, value, number, 0) : perChannel(call, value, known, 'scale');
}

function divide(call: Call): Value {
  const value = valueInput(call, 0);
  const known = constantInput(call, 1);
  const number = single(call, known);
  if (number === 0) call.fail('it divides by 0; export the network again');
  return number !== null ? affine(call, value, 1 / number, 0) : perChannel(call, value, known, 'deviation');
}

function sum(call: Call, left: Value, right: Value): Value {
  sameRank(call, left, right);
  if (!sameShape(left.shape, right.shape)) {
    call.fail(
      `it adds samples of shapes [${left.shape.join(', ')}] and [${right.shape.join(', ')}], and only equal ones are added (LayerNorm and its like are not known); use BatchNorm`,
    );
  }
  return pending(call, { kind: 'sum', left, right }, left.shape, Math.max(left.depth, right.depth));
}

export function product(call: Call, left: Value, right: Value): Value {
  sameRank(call, left, right);
  const shape = left.shape.map((size, axis) => Math.max(size, right.shape[axis]!));
  return pending(call, { kind: 'product', left, right }, shape, Math.max(left.depth, right.depth));
}

/** Of different ranks, values would be lined up from the last axis, and the batch of one with a feature of the other. */
function sameRank(call: Call, left: Value, right: Value): void {
  if (left.shape.length !== right.shape.length) {
    call.fail(
      `its samples have shapes [${left.shape.join(', ')}] and [${right.shape.join(', ')}]; give both the same axes`,
    );
  }
}

/**
 * The one number that a constant consists of, or null. A parameter of several elements that happen to be
 * equal is no number; a parameter of one is, and the user is told that nothing moves it.
 */
export function single(call: Call, { constant, name }: Known): number | null {
  const [first] = constant.data;
  const named = name !== null && !isInternal(name);
  if (first === undefined || constant.data.length > MAX_SCANNED) return null;
  if (!constant.data.every((number) => number === first)) return null;
  if (named && constant.data.length > 1) return null;
  if (named) call.findings.notices.add(`${name} is used as a fixed number: no direction moves it.`);
  return constant.type === 'float' ? shortestDecimal(first) : first;
}

type ChannelRole = 'shift' | 'mean' | 'scale' | 'deviation';

/**
 * Arithmetic with one constant per channel, such as an input normalisation inside the network: BatchNorm
 * with mean 0, variance 1 and epsilon 0 wherever the constant says nothing else.
 */
function perChannel(call: Call, value: Value, known: Known, role: ChannelRole): Value {
  const { network, fail, node } = call;
  const { constant } = known;
  const channels = value.shape[0] ?? 0;
  const channelsFirst = [1, channels, ...value.shape.slice(1).map(() => 1)];
  const lined = [...channelsFirst.slice(0, -constant.shape.length).map(() => 1), ...constant.shape];
  if (constant.type !== 'float' || !sameShape(lined, channelsFirst)) {
    fail(
      `a constant of shape [${constant.shape.join(', ')}] does not go with samples of shape [${value.shape.join(', ')}]; use one number or one per channel`,
    );
  }
  const name = displayName(node);
  const input = network.shaped(value);
  const moved = role === 'shift' || role === 'scale';
  const own = moved
    ? vectorParameter(
        call,
        known,
        parameterName(call, known, role, moduleOf(node) || name),
        'weight',
        channels,
      )
    : null;
  const named = role === 'mean' && known.name !== null && !isInternal(known.name);
  const statistic = (what: string, numbers: (i: number) => number): string => {
    if (named && what === 'running_mean')
      return vectorParameter(call, known, known.name!, 'statistic', channels);
    const data = Float32Array.from({ length: channels }, (_, i) => numbers(i));
    const source = { type: 'float', shape: [channels], data } as const;
    return network.parameter(`${name}.${what}`, source, 'statistic', [channels], data);
  };
  if (role === 'deviation' && constant.data.some((number) => !(number > 0))) {
    fail('it divides by a constant that is not positive; divide by standard deviations');
  }
  const index = network.add(
    {
      op: 'batchnorm',
      scale: role === 'scale' ? own : null,
      shift: role === 'shift' ? own : null,
      mean: statistic('running_mean', (i) => (role === 'mean' ? constant.data[i]! : 0)),
      variance: statistic('running_var', (i) => (role === 'deviation' ? constant.data[i]! ** 2 : 1)),
      epsilon: 0,
      inputs: [input],
    },
    name,
  );
  return settled(call, index);
}
