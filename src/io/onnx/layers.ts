/** Layers with parameters: Gemm, MatMul, Conv, BatchNormalization. */
import type { Fail } from '../errors.js';
import { floatAttribute, integerAttribute, integersAttribute, textAttribute } from './attributes.js';
import {
  type Call,
  constantInput,
  isNeutral,
  optionalConstant,
  type Operator,
  parameterName,
  pending,
  settled,
  valueInput,
  vectorParameter,
} from './call.js';
import { displayName, isInternal, moduleOfParameter } from './names.js';
import type { Value } from './network.js';
import type { Constant, Known } from './tensor.js';

export const layers: readonly (readonly [string, Operator])[] = [
  ['Gemm', gemm],
  ['MatMul', matMul],
  ['Conv', conv],
  ['BatchNormalization', batchNorm],
];

/** alpha · x · B (or Bᵀ) + beta · C */
function gemm(call: Call): Value {
  const { node, fail } = call;
  if (integerAttribute(node, 'transA', 0) !== 0)
    fail('transA would mix the samples of a batch; use nn.Linear');
  const alpha = floatAttribute(node, 'alpha', 1);
  const beta = floatAttribute(node, 'beta', 1);
  const c = call.inputs[2] ?? null;
  if (alpha !== 1 || (c !== null && beta !== 1)) {
    fail(`alpha ${alpha} and beta ${beta} should both be 1; use nn.Linear`);
  }
  const bias = optionalConstant(call, 2);
  return dense(call, integerAttribute(node, 'transB', 0) !== 0, bias);
}

function matMul(call: Call): Value {
  return dense(call, false, null);
}

/** A dense layer whose weight is input 1, `[out, in]` or (as MatMul has it) `[in, out]`. */
function dense(call: Call, outFirst: boolean, bias: Known | null): Value {
  const { network, fail } = call;
  const value = valueInput(call, 0);
  const known = constantInput(call, 1);
  const shape = known.constant.shape;
  if (shape.length !== 2 || value.shape.length !== 1) {
    fail(
      `it multiplies samples of shape [${value.shape.join(', ')}] with [${shape.join(', ')}], and only features times a matrix is known; flatten before it`,
    );
  }
  const weight = outFirst ? keepWeight(call, known.constant, known) : keepTransposed(call, known);
  const input = network.shaped(value);
  const module = moduleOfParameter(weight);
  const outputs = shape[outFirst ? 0 : 1]!;
  const emit = (added: Known | null): number => {
    const name = added === null ? null : keepBias(call, added, module, outputs);
    return network.add(
      { op: 'dense', weight, bias: name, inputs: [input] },
      module === '' ? displayName(call.node) : module,
    );
  };
  if (bias !== null && !isNeutral(bias, 0)) return settled(call, emit(bias));
  return pending(call, { kind: 'layer', outputs, emit }, [outputs], 0);
}

function conv(call: Call): Value {
  const { node, network, fail } = call;
  const value = valueInput(call, 0);
  const known = constantInput(call, 1);
  const shape = known.constant.shape;
  if (shape.length !== 4 || value.shape.length !== 3) {
    fail(
      `its weight has shape [${shape.join(', ')}], and only convolutions of images (4 axes) are known; use nn.Conv2d`,
    );
  }
  const autoPad = textAttribute(node, 'auto_pad', 'NOTSET');
  if (autoPad !== 'NOTSET' && autoPad !== 'VALID')
    fail(`auto_pad ${autoPad} is not known; give the padding as numbers`);
  if (known.name?.startsWith('onnx::Conv_') === true) call.findings.batchNormFolded = true;
  const weight = keepWeight(call, known.constant, known);
  const input = network.shaped(value);
  const module = moduleOfParameter(weight);
  const bias = optionalConstant(call, 2);
  const index = network.add(
    {
      op: 'conv2d',
      weight,
      bias: bias === null || isNeutral(bias, 0) ? null : keepBias(call, bias, module, shape[0]!),
      stride: pairOf(integersAttribute(node, 'strides'), 1, 'strides', fail),
      padding: paddingOf(integersAttribute(node, 'pads'), fail),
      dilation: pairOf(integersAttribute(node, 'dilations'), 1, 'dilations', fail),
      groups: integerAttribute(node, 'group', 1),
      inputs: [input],
    },
    module === '' ? displayName(node) : module,
  );
  return settled(call, index);
}

/** The weight as a parameter in PyTorch's layout: `weight` is the constant known, or that transposed. */
function keepWeight(call: Call, weight: Constant, known: Known): string {
  if (weight.type !== 'float') call.fail('its weight is not made of reals; export it as float32');
  const name = parameterName(call, known, 'weight', null);
  const kept = call.network.parameter(name, weight, 'weight', weight.shape, weight.data as Float32Array);
  if (kept !== name && name === known.name) {
    call.findings.notices.add(
      `${name} is used as it is and transposed. The copy, ${kept}, has a direction of its own: off the centre this is another network.`,
    );
  }
  return kept;
}

/** A weight `[in, out]` as the parameter `[out, in]`. */
function keepTransposed(call: Call, known: Known): string {
  if (known.transposed !== null) return keepWeight(call, known.transposed, known);
  return keepWeight(call, call.transpose(known.constant), known);
}

/** The bias as a parameter; Gemm repeats a single value for every output. */
function keepBias(call: Call, known: Known, module: string, outputs: number): string {
  if (/\bweight_bias$/.test(known.name ?? '')) call.findings.batchNormFolded = true;
  const { constant } = known;
  const repeated =
    constant.data.length === 1 && outputs > 1
      ? { ...constant, data: new Float32Array(outputs).fill(constant.data[0]!) }
      : constant;
  const name = parameterName(call, known, 'bias', module === '' ? null : module);
  return vectorParameter(call, { ...known, constant: repeated }, name, 'weight', outputs);
}

function batchNorm(call: Call): Value {
  const { node, network, fail } = call;
  if (
    integerAttribute(node, 'training_mode', 0) !== 0 ||
    node.outputs.filter((name) => name !== '').length > 1
  ) {
    fail(
      'BatchNorm was exported in training mode, which depends on the other samples; call model.eval() before torch.onnx.export',
    );
  }
  const value = valueInput(call, 0);
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => constantInput(call, index)) as [
    Known,
    Known,
    Known,
    Known,
  ];
  const input = network.shaped(value);
  const channels = value.shape[0] ?? 0;
  // The module's name is on whichever of its parameters kept one.
  const named = [scale, shift, mean, variance].find(({ name }) => name !== null && !isInternal(name));
  const module = named === undefined ? null : moduleOfParameter(named.name!);
  const keep = (known: Known, role: string, kind: 'weight' | 'statistic'): string =>
    vectorParameter(call, known, parameterName(call, known, role, module), kind, channels);
  const scaleName = isNeutral(scale, 1) ? null : keep(scale, 'weight', 'weight');
  const shiftName = isNeutral(shift, 0) ? null : keep(shift, 'bias', 'weight');
  const meanName = keep(mean, 'running_mean', 'statistic');
  const index = network.add(
    {
      op: 'batchnorm',
      scale: scaleName,
      shift: shiftName,
      mean: meanName,
      variance: keep(variance, 'running_var', 'statistic'),
      epsilon: floatAttribute(node, 'epsilon', 1e-5),
      inputs: [input],
    },
    moduleOfParameter(scaleName ?? meanName) || displayName(node),
  );
  return settled(call, index);
}

/** Two numbers for height and width. */
export function pairOf(
  list: readonly number[] | null,
  absent: number,
  what: string,
  fail: Fail,
): readonly [number, number] {
  if (list === null || list.length === 0) return [absent, absent];
  if (list.length !== 2)
    fail(`its ${what} are for ${list.length} axes, and only images (2) are known; use 2-D layers`);
  return [list[0]!, list[1]!];
}

/** Padding of top, left, bottom and right; ONNX lists it in this order. */
export function paddingOf(
  list: readonly number[] | null,
  fail: Fail,
): readonly [number, number, number, number] {
  if (list === null || list.length === 0) return [0, 0, 0, 0];
  if (list.length !== 4)
    fail(`its pads are for ${list.length / 2} axes, and only images (2) are known; use 2-D layers`);
  return [list[0]!, list[1]!, list[2]!, list[3]!];
}
