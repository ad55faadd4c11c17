/** What the operators of the network share: one ONNX node with its inputs resolved. */
import type { Shape } from '../../model/graph.js';
import type { Fail } from '../errors.js';
import { displayName, isInternal, knowsModule, moduleOf, moduleOfParameter, roleOf, roles } from './names.js';
import type { Form, FunctionName, Network, Value } from './network.js';
import type { NodeProto } from './proto.js';
import type { Constant, Known } from './tensor.js';

export type Entry = Known | Value;

/** Findings that the user is told of after the import. */
export interface Findings {
  batchNormFolded: boolean;
  readonly notices: Set<string>;
}

/** Constants are looked through for repetition up to this length, far above any number of channels. */
export const MAX_SCANNED = 2 ** 16;

export interface Call {
  readonly node: NodeProto;
  /** An absent optional input is null. */
  readonly inputs: readonly (Entry | null)[];
  readonly network: Network;
  /** Size of the batch when the file fixes it. */
  readonly batch: number | null;
  readonly fail: Fail;
  readonly findings: Findings;
  /** The constant with its two axes exchanged; asked twice for the same one, it gives the same one. */
  transpose(constant: Constant): Constant;
  /** In how many places the network reads a value of this name. */
  uses(name: string): number;
}

/** An operator on values that are not constants: its output, or all of them where it has several. */
export type Operator = (call: Call) => Value | readonly Value[];

/** Input `index`, which the network computes. */
export function valueInput({ inputs, fail }: Call, index: number): Value {
  const input = inputs[index];
  if (input?.kind === 'value') return input;
  return fail(
    `its input ${index} is ${input === null || input === undefined ? 'missing' : 'a constant'} and should be a value of the network; export the network in evaluation mode`,
  );
}

/** Input `index`, which is known, or null when absent. */
export function optionalConstant({ inputs, fail }: Call, index: number): Known | null {
  const input = inputs[index] ?? null;
  if (input === null || input.kind === 'known') return input;
  return fail(`its input ${index} is computed from the data and should be a constant; use a fixed parameter`);
}

/** Input `index`, which is known. */
export function constantInput(call: Call, index: number): Known {
  return (
    optionalConstant(call, index) ?? call.fail(`its input ${index} is missing; export the network again`)
  );
}

/** All inputs as constants; values of the network become null. */
export function constantInputs({ inputs }: Call): (Constant | null)[] {
  return inputs.map((input) => (input?.kind === 'known' ? input.constant : null));
}

/** A value that is a node of the graph from now on. */
export function settled(call: Call, index: number, shape?: Shape): Value {
  return call.network.value(index, call.fail, shape);
}

/** A value that becomes a node when it is needed. */
export function pending(call: Call, form: Form, shape: Shape, depth: number): Value {
  return {
    kind: 'value',
    shape,
    form,
    depth: depth + 1,
    name: displayName(call.node),
    index: null,
    fail: call.fail,
  };
}

/** factor · value + offset, merged with such a form before it. */
export function affine(call: Call, value: Value, factor: number, offset: number): Value {
  const { form } = value;
  if (value.index === null && form.kind === 'affine') {
    const merged = {
      kind: 'affine',
      of: form.of,
      factor: factor * form.factor,
      offset: factor * form.offset + offset,
    } as const;
    return pending(call, merged, value.shape, value.depth - 1);
  }
  return pending(call, { kind: 'affine', of: value, factor, offset }, value.shape, value.depth);
}

/** fn(value), which may turn out to be a part of an activation. */
export function functionOf(call: Call, fn: FunctionName): Value {
  const value = valueInput(call, 0);
  return pending(call, { kind: 'function', fn, of: value }, value.shape, value.depth);
}

/**
 * The name that a parameter in this role (`weight`, `bias`, `running_mean`, …) should have: the file's,
 * unless an exporter made it up, or merged equal parameters of several modules into one.
 */
export function parameterName(
  call: Call,
  { name, constant }: Known,
  role: string,
  sibling: string | null,
): string {
  const own = moduleOf(call.node);
  const module = own === '' ? (sibling ?? displayName(call.node)) : own;
  if (name === null || isInternal(name)) return `${module}.${role}`;
  // The older exporter gives merged parameters their names back by Identity, the newer one does not.
  const mayBeMerged =
    knowsModule(call.node) && own !== '' && call.uses(name) > 1 && constant.shape.length === 1;
  const isOther = moduleOfParameter(name) !== own || (roles.includes(roleOf(name)) && roleOf(name) !== role);
  return mayBeMerged && isOther ? `${own}.${role}` : name;
}

/** Keeps a constant of one axis as a parameter. */
export function vectorParameter(
  call: Call,
  known: Known,
  name: string,
  kind: 'weight' | 'statistic',
  length: number,
): string {
  const { constant } = known;
  if (constant.data.length !== length || constant.type !== 'float') {
    call.fail(
      `${name} has ${constant.data.length} values of type ${constant.type} and should have ${length} reals; export the network again`,
    );
  }
  return call.network.parameter(name, constant, kind, [length], constant.data as Float32Array);
}

/** Whether a constant that the file names nowhere says nothing: a bias of zeros, a scale of ones. */
export function isNeutral({ name, constant }: Known, value: number): boolean {
  const named = name !== null && !isInternal(name);
  return !named && constant.data.length <= MAX_SCANNED && constant.data.every((number) => number === value);
}
