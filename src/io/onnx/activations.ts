/** Operators that are activations, or parts of one. */
import type { ActivationName } from '../../model/graph.js';
import { product, single } from './arithmetic.js';
import { floatAttribute, textAttribute } from './attributes.js';
import {
  affine,
  type Call,
  constantInput,
  functionOf,
  type Operator,
  optionalConstant,
  pending,
  settled,
  valueInput,
} from './call.js';
import { displayName } from './names.js';
import type { Value } from './network.js';

export const activations: readonly (readonly [string, Operator])[] = [
  ['Relu', (call) => activation(call, 'relu', 1)],
  ['LeakyRelu', (call) => activation(call, 'leaky_relu', floatAttribute(call.node, 'alpha', 0.01))],
  ['Elu', (call) => activation(call, 'elu', floatAttribute(call.node, 'alpha', 1))],
  ['Selu', selu],
  ['Softplus', (call) => activation(call, 'softplus', 1)],
  ['PRelu', prelu],
  ['Clip', clip],
  ['HardSigmoid', (call) => hardSigmoid(call, floatAttribute(call.node, 'alpha', 0.2))],
  ['HardSwish', (call) => product(call, valueInput(call, 0), hardSigmoid(call, 1 / 6))],
  ['Gelu', gelu],
  ['Swish', swish],
  ['Tanh', (call) => functionOf(call, 'tanh')],
  ['Sigmoid', (call) => functionOf(call, 'sigmoid')],
  ['Erf', (call) => functionOf(call, 'erf')],
  ['Greater', greater],
  ['Where', where],
];

function activation(call: Call, fn: ActivationName, slope: number): Value {
  return activated(call, valueInput(call, 0), 1, 0, fn, slope);
}

function gelu(call: Call): Value {
  const form = textAttribute(call.node, 'approximate', 'none');
  if (form !== 'none' && form !== 'tanh')
    call.fail(`its approximate is ${form} and not none or tanh; use nn.GELU()`);
  return activation(call, form === 'tanh' ? 'gelu_tanh' : 'gelu', 1);
}

/** x · sigmoid(alpha · x) = silu(alpha · x) / alpha */
function swish(call: Call): Value {
  const value = valueInput(call, 0);
  const alpha = floatAttribute(call.node, 'alpha', 1);
  if (alpha === 0) call.fail('its alpha is 0; use nn.SiLU()');
  const index = call.network.settle(affine(call, value, alpha, 0));
  const active = call.network.activation('silu', 1, index, displayName(call.node));
  return affine(call, settled(call, active, value.shape), 1 / alpha, 0);
}

/** One learned slope for all channels, as nn.PReLU() has; a fixed number here, and the user is told. */
function prelu(call: Call): Value {
  const slope = single(call, constantInput(call, 1));
  if (slope === null)
    call.fail('it has a slope for each channel, and only one for all is known; use nn.PReLU()');
  return activation(call, 'leaky_relu', slope!);
}

/** Of float32. */
const LARGEST = 3.4028234e38;

/**
 * min(max(x, low), high), which ReLU6 and Hardtanh are; the bounds are attributes before opset 11, then
 * inputs 1 and 2. Bounds that no activation has are moved to where one has them.
 */
function clip(call: Call): Value {
  const { node, fail } = call;
  const value = valueInput(call, 0);
  const bound = (index: number, name: string, absent: number): number => {
    const given = optionalConstant(call, index);
    const number = given === null ? floatAttribute(node, name, absent) : single(call, given);
    if (number === null) return fail(`its ${name} is a list; clip at single numbers`);
    // Opset 6 says so of a side that is open.
    return Math.abs(number) >= LARGEST ? Math.sign(number) * Infinity : number;
  };
  const [low, high] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  if (!(low < high)) fail(`it clips to [${low}, ${high}], which leaves nothing; exchange the bounds`);
  if (!Number.isFinite(low) && !Number.isFinite(high)) return value;
  if (high === Infinity) return affine(call, activated(call, value, 1, -low, 'relu', 1), 1, low);
  if (low === -Infinity) return affine(call, activated(call, value, -1, high, 'relu', 1), -1, high);
  if (low === 0) return activated(call, value, 1, 0, 'clipped_relu', high);
  const middle = (low + high) / 2;
  return affine(call, activated(call, value, 1, -middle, 'hardtanh', (high - low) / 2), 1, middle);
}

/** min(max(alpha · x + beta, 0), 1) */
function hardSigmoid(call: Call, alpha: number): Value {
  // PyTorch divides by 6, the file multiplies by the float32 next to 1/6.
  const factor = Math.fround(alpha) === Math.fround(1 / 6) ? 1 / 6 : alpha;
  return activated(
    call,
    valueInput(call, 0),
    factor,
    floatAttribute(call.node, 'beta', 0.5),
    'clipped_relu',
    1,
  );
}

/** fn(factor · value + offset), whatever shape the value is seen in. */
function activated(
  call: Call,
  value: Value,
  factor: number,
  offset: number,
  fn: ActivationName,
  slope: number,
): Value {
  const { network, node } = call;
  const plain = factor === 1 && offset === 0;
  const input = network.settle(plain ? value : affine(call, value, factor, offset));
  return settled(call, network.activation(fn, slope, input, displayName(node)), value.shape);
}

/** gamma · elu(x) with slope alpha; the constants of Klambauer et al. 2017, arXiv 1706.02515. */
function selu(call: Call): Value {
  const alpha = floatAttribute(call.node, 'alpha', 1.6732632423543772);
  const gamma = floatAttribute(call.node, 'gamma', 1.0507009873554805);
  return affine(call, activation(call, 'elu', alpha), gamma, 0);
}

/** x > number, a part of softplus. */
function greater(call: Call): Value {
  const value = valueInput(call, 0);
  const than = single(call, constantInput(call, 1));
  if (than === null) return call.fail('it compares with several numbers; compare with one');
  call.network.settle(value);
  return pending(call, { kind: 'greater', of: value, than }, value.shape, 0);
}

/** Beyond this number softplus(x) and x differ by less than 4e-7; PyTorch switches at 20. */
const SOFTPLUS_IS_LINEAR = 15;

/** Known as nn.Softplus alone: where x > 20, x, else softplus(x). */
function where(call: Call): Value {
  const [test, linear, soft] = [0, 1, 2].map((index) => valueInput(call, index)) as [Value, Value, Value];
  const { form } = test;
  const isSoftplus =
    form.kind === 'greater' &&
    form.than >= SOFTPLUS_IS_LINEAR &&
    form.of === linear &&
    call.network.isActivation(call.network.settle(soft), 'softplus', call.network.settle(linear));
  return isSoftplus
    ? soft
    : call.fail('it chooses element by element, which is known as a part of nn.Softplus alone');
}
