/** Operators that move values without computing: reshapes, slices, padding, concatenation. */
import { elements, type Shape } from '../../model/graph.js';
import {
  integerAttribute,
  integersAttribute,
  integersOf,
  floatAttribute,
  resolveAxis,
  textAttribute,
} from './attributes.js';
import {
  type Call,
  constantInput,
  constantInputs,
  type Operator,
  optionalConstant,
  settled,
  valueInput,
} from './call.js';
import { permutation, squeezed, unsqueezed } from './fold.js';
import { type Range, resolveReshape, sliceRanges } from './indexing.js';
import { displayName } from './names.js';
import type { Value } from './network.js';
import { elementType } from './tensor.js';

export const rearrangements: readonly (readonly [string, Operator])[] = [
  ['Identity', (call) => valueInput(call, 0)],
  ['Dropout', dropout],
  ['Cast', cast],
  ['CastLike', (call) => valueInput(call, 0)],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Squeeze', (call) => withAxes(call, squeezed)],
  ['Unsqueeze', (call) => withAxes(call, (shape, axes, fail) => unsqueezed(shape, axes ?? [], fail))],
  ['Transpose', transpose],
  ['Slice', slice],
  ['Split', split],
  ['Gather', gather],
  ['Pad', pad],
  ['Concat', concat],
];

/** The size of the batch among sizes of a value. */
const BATCH = NaN;

/** The same numbers seen in another shape. */
function seenAs(call: Call, value: Value, shape: Shape): Value {
  return settled(call, call.network.settle(value), shape);
}

/** The shape with its batch, as the operators count axes. */
function withBatch({ shape }: Value): number[] {
  return [BATCH, ...shape];
}

/** Takes the batch off a shape again. */
function withoutBatch(call: Call, shape: readonly number[]): number[] {
  if (!Number.isNaN(shape[0]!) || shape.slice(1).some(Number.isNaN)) {
    call.fail('it moves or removes the axis of the batch; keep the batch first');
  }
  return shape.slice(1);
}

function dropout(call: Call): Value {
  if (call.inputs[2]?.kind === 'known' && call.inputs[2].constant.data[0] !== 0) {
    call.fail('Dropout was exported in training mode; call model.eval() before torch.onnx.export');
  }
  return valueInput(call, 0);
}

function cast(call: Call): Value {
  const to = elementType(integerAttribute(call.node, 'to', 1));
  if (to?.type !== 'float')
    call.fail(`it rounds the network's values to ${to?.name ?? 'another type'}; leave it out`);
  return valueInput(call, 0);
}

function flatten(call: Call): Value {
  const value = valueInput(call, 0);
  const rank = value.shape.length + 1;
  const axis = integerAttribute(call.node, 'axis', 1);
  if (axis !== 1 && axis !== 1 - rank)
    call.fail(`it flattens from axis ${axis}, and only from axis 1 is known; use nn.Flatten()`);
  return seenAs(call, value, [elements(value.shape)]);
}

function reshape(call: Call): Value {
  const { node, batch, fail } = call;
  const value = valueInput(call, 0);
  const zeroIsZero = integerAttribute(node, 'allowzero', 0) === 1;
  const target = integersOf(constantInput(call, 1).constant, 'sizes', fail);
  const [first, ...rest] = target;
  const copied = first === 0 && !zeroIsZero;
  // −1 as the size of the batch says that all the others are known.
  const free = first === -1 && !rest.includes(-1);
  if (first === undefined || !(Number.isNaN(first) || copied || free || first === batch)) {
    fail(`it reshapes to [${target.join(', ')}], which mixes the samples of a batch; keep the batch first`);
  }
  // A 0 further on copies the size of that axis, counted with the batch.
  const sizes = rest.map((size, axis) => (size === 0 && !zeroIsZero ? (value.shape[axis] ?? NaN) : size));
  return seenAs(call, value, resolveReshape(value.shape, sizes, true, fail));
}

function withAxes(
  call: Call,
  change: (shape: readonly number[], axes: readonly number[] | null, fail: Call['fail']) => number[],
): Value {
  const value = valueInput(call, 0);
  const given = optionalConstant(call, 1);
  const axes =
    given === null ? integersAttribute(call.node, 'axes') : integersOf(given.constant, 'axes', call.fail);
  return seenAs(call, value, withoutBatch(call, change(withBatch(value), axes, call.fail)));
}

/** Known only where it moves axes of size 1, which changes no order. */
function transpose(call: Call): Value {
  const value = valueInput(call, 0);
  const order = permutation(call.node, value.shape.length + 1, call.fail);
  const shape = withBatch(value);
  const long = order.filter((axis) => shape[axis] !== 1);
  if (order[0] !== 0 || long.some((axis, i) => i > 0 && axis < long[i - 1]!)) {
    call.fail(
      `it orders the axes of [N, ${value.shape.join(', ')}] as ${order.join(', ')}; keep PyTorch's order N, C, H, W`,
    );
  }
  return seenAs(
    call,
    value,
    order.slice(1).map((axis) => shape[axis]!),
  );
}

function slice(call: Call): Value {
  const value = valueInput(call, 0);
  const shape = withBatch(value);
  const [first, ...ranges] = sliceRanges(call.node, constantInputs(call), shape, call.fail);
  if (!Number.isNaN(first!.count)) call.fail('it takes part of the batch; slice the other axes only');
  return take(call, value, ranges);
}

/**
 * Parts of one axis, which torch.chunk, torch.split and nn.GLU make: their sizes are an attribute before
 * opset 13 and input 1 since; without them the parts are equal but for the last.
 */
function split(call: Call): Value[] {
  const { node, fail } = call;
  const value = valueInput(call, 0);
  const axis = resolveAxis(integerAttribute(node, 'axis', 0), value.shape.length + 1, fail) - 1;
  if (axis < 0) fail('it splits the batch; split the other axes only');
  const given = optionalConstant(call, 1);
  const listed =
    given === null ? integersAttribute(node, 'split') : integersOf(given.constant, 'sizes', fail);
  const size = value.shape[axis]!;
  const parts = node.outputs.length;
  const each = Math.ceil(size / parts);
  const sizes = listed ?? node.outputs.map((_, i) => Math.min(each, size - i * each));
  const sum = sizes.reduce((total, part) => total + part, 0);
  if (sizes.length !== parts || sizes.some((part) => !(part >= 1)) || sum !== size)
    fail(
      `its ${sizes.length} parts do not make up the ${size} of its axis in ${parts} outputs; export it again`,
    );
  let start = 0;
  return sizes.map((count) => {
    const ranges = value.shape.map((length, other) =>
      other === axis ? { start, step: 1, count } : { start: 0, step: 1, count: length },
    );
    start += count;
    return take(call, value, ranges);
  });
}

function take(call: Call, value: Value, ranges: readonly Range[]): Value {
  const { network, fail, node } = call;
  if (ranges.every(({ count, step }, axis) => count === value.shape[axis] && step === 1)) return value;
  if (ranges.some(({ count, step }) => count < 1 || step < 1)) {
    fail('it takes nothing, or takes it backwards; slice forwards and keep at least one element');
  }
  const index = network.add(
    {
      op: 'slice',
      start: ranges.map(({ start }) => start),
      end: ranges.map(({ start, step, count }) => start + step * (count - 1) + 1),
      step: ranges.map(({ step }) => step),
      inputs: [network.shaped(value)],
    },
    displayName(node),
  );
  return settled(call, index);
}

/** One element of an axis, whose axis then goes: `x[:, i]`. */
function gather(call: Call): Value {
  const { node, fail } = call;
  const value = valueInput(call, 0);
  const index = constantInput(call, 1).constant;
  const axis = resolveAxis(integerAttribute(node, 'axis', 0), value.shape.length + 1, fail) - 1;
  const [at] = index.data;
  if (index.shape.length > 0 || at === undefined || axis < 0) {
    return fail(
      'it picks several elements or whole samples, and only one index of another axis is known; slice instead',
    );
  }
  const size = value.shape[axis]!;
  const start = at < 0 ? at + size : at;
  if (!(start >= 0 && start < size))
    fail(`its index ${at} is outside the ${size} of its axis; export it again`);
  const ranges = value.shape.map((length, i) =>
    i === axis ? { start, step: 1, count: 1 } : { start: 0, step: 1, count: length },
  );
  const taken = take(call, value, ranges);
  return seenAs(
    call,
    taken,
    value.shape.filter((_, i) => i !== axis),
  );
}

/** Pads: an attribute before opset 11, then input 1, with the value in input 2 and the axes in input 3. */
function pad(call: Call): Value {
  const { node, network, fail } = call;
  const value = valueInput(call, 0);
  const rank = value.shape.length + 1;
  const mode = textAttribute(node, 'mode', 'constant');
  const given = optionalConstant(call, 1);
  const list = given === null ? integersAttribute(node, 'pads') : integersOf(given.constant, 'pads', fail);
  const filling = optionalConstant(call, 2)?.constant.data[0] ?? floatAttribute(node, 'value', 0);
  const named = optionalConstant(call, 3);
  const axes =
    named === null
      ? Array.from({ length: rank }, (_, axis) => axis)
      : integersOf(named.constant, 'axes', fail);
  if (list === null || list.length !== 2 * axes.length)
    return fail('its pads are missing; pad by fixed numbers');
  const before = Array.from({ length: rank }, () => 0);
  const after = Array.from({ length: rank }, () => 0);
  for (const [i, axis] of axes.entries()) {
    const at = resolveAxis(axis, rank, fail);
    before[at] = list[i]!;
    after[at] = list[i + axes.length]!;
  }
  if (before[0] !== 0 || after[0] !== 0) fail('it pads the batch; pad the other axes only');
  if ([...before, ...after].every((count) => count === 0)) return value;
  if (mode !== 'constant') fail(`it pads by mode ${mode}, and only constant is known; use zero padding`);
  if ([...before, ...after].some((count) => count < 0)) fail('it pads by a negative number; slice instead');
  const index = network.add(
    {
      op: 'pad',
      before: before.slice(1),
      after: after.slice(1),
      value: filling,
      inputs: [network.shaped(value)],
    },
    displayName(node),
  );
  return settled(call, index);
}

function concat(call: Call): Value {
  const { node, network, fail, inputs } = call;
  const values = inputs.map((_, index) => valueInput(call, index));
  const axis = resolveAxis(integerAttribute(node, 'axis', 0), values[0]!.shape.length + 1, fail) - 1;
  if (axis < 0) fail('it joins along the batch; join along the channels');
  if (values.length === 1) return values[0]!;
  const index = network.add(
    { op: 'concat', axis, inputs: values.map((value) => network.shaped(value)) },
    displayName(node),
  );
  return settled(call, index);
}
