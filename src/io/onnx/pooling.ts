/** Pooling and means. */
import type { Shape } from '../../model/graph.js';
import { integerAttribute, integersAttribute, integersOf, resolveAxes, textAttribute } from './attributes.js';
import { type Call, type Operator, optionalConstant, settled, valueInput } from './call.js';
import { pairOf, paddingOf } from './layers.js';
import { displayName } from './names.js';
import type { Value } from './network.js';

export const pooling: readonly (readonly [string, Operator])[] = [
  ['MaxPool', (call) => pool(call, 'max')],
  ['AveragePool', (call) => pool(call, 'average')],
  ['GlobalAveragePool', (call) => mean(call, [1, 2], true)],
  ['GlobalMaxPool', globalMax],
  ['ReduceMean', reduceMean],
  ['ReduceMax', reduceMax],
];

function image(call: Call): { value: Value; shape: Shape } {
  const value = valueInput(call, 0);
  if (value.shape.length !== 3) {
    call.fail(
      `its samples have shape [${value.shape.join(', ')}], and only images (3 axes) are pooled; use 2-D layers`,
    );
  }
  return { value, shape: value.shape };
}

function pool(call: Call, mode: 'max' | 'average'): Value {
  const { node, network, fail } = call;
  const { value } = image(call);
  const autoPad = textAttribute(node, 'auto_pad', 'NOTSET');
  if (autoPad !== 'NOTSET' && autoPad !== 'VALID')
    fail(`auto_pad ${autoPad} is not known; give the padding as numbers`);
  const kernel =
    integersAttribute(node, 'kernel_shape') ?? fail('its kernel_shape is missing; export it again');
  const index = network.add(
    {
      op: 'pool',
      mode,
      kernel: pairOf(kernel, 1, 'kernel_shape', fail),
      stride: pairOf(integersAttribute(node, 'strides'), 1, 'strides', fail),
      padding: paddingOf(integersAttribute(node, 'pads'), fail),
      dilation: pairOf(integersAttribute(node, 'dilations'), 1, 'dilations', fail),
      ceil: integerAttribute(node, 'ceil_mode', 0) === 1,
      countPadding: mode === 'average' && integerAttribute(node, 'count_include_pad', 0) === 1,
      inputs: [network.shaped(value)],
    },
    displayName(node),
  );
  return settled(call, index);
}

function globalMax(call: Call): Value {
  const { node, network } = call;
  const { value, shape } = image(call);
  const index = network.add(
    {
      op: 'pool',
      mode: 'max',
      kernel: [shape[1]!, shape[2]!],
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      ceil: false,
      countPadding: false,
      inputs: [network.shaped(value)],
    },
    displayName(node),
  );
  return settled(call, index);
}

/** Known over height and width alone, as adaptive max pooling is exported. */
function reduceMax(call: Call): Value {
  const axes = reducedAxes(call);
  if (axes === null || axes.join() !== '1,2')
    return call.fail(
      'it takes the maximum over other axes than height and width; use nn.AdaptiveMaxPool2d(1)',
    );
  const keepAxes = integerAttribute(call.node, 'keepdims', 1) === 1;
  const pooled = globalMax(call);
  return keepAxes ? pooled : settled(call, call.network.settle(pooled), pooled.shape.slice(0, 1));
}

function reduceMean(call: Call): Value {
  const axes = reducedAxes(call);
  if (axes === null) return valueInput(call, 0);
  return mean(call, axes, integerAttribute(call.node, 'keepdims', 1) === 1);
}

/**
 * The axes of a reduction, counted in the sample, or null for none: an attribute before opset 18, then
 * input 1; they count the batch.
 */
function reducedAxes(call: Call): number[] | null {
  const { node, fail } = call;
  const rank = valueInput(call, 0).shape.length + 1;
  const given = optionalConstant(call, 1);
  const list = given === null ? integersAttribute(node, 'axes') : integersOf(given.constant, 'axes', fail);
  if (list === null || list.length === 0) {
    if (integerAttribute(node, 'noop_with_empty_axes', 0) === 1) return null;
    return fail('it reduces everything, the batch included; reduce the other axes');
  }
  const axes = resolveAxes(list, rank, fail).map((axis) => axis - 1);
  return axes[0] === -1 ? fail('it reduces the batch; reduce the other axes') : axes;
}

function mean(call: Call, axes: readonly number[], keepAxes: boolean): Value {
  const { node, network, fail } = call;
  const value = valueInput(call, 0);
  if (axes.some((axis) => axis >= value.shape.length))
    fail('it averages over axes that its input lacks; use 2-D layers');
  // A graph keeps one axis at least, so a mean over all of them stays in view of one element.
  const all = axes.length === value.shape.length && !keepAxes;
  const index = network.add(
    { op: 'mean', axes, keepAxes: keepAxes || all, inputs: [network.shaped(value)] },
    displayName(node),
  );
  return all ? settled(call, index, []) : settled(call, index);
}
