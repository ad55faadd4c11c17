/** What each node becomes: the calls of its way forth and of its way back, for a number of samples. */
import { elements, type BatchNormNode, type Node, type PoolNode } from '../../../model/graph.js';
import { EngineUnsupportedError } from '../../engine.js';
import { activation, channelwise, elementwise, pooling } from './call.js';
import type { Layer, Site } from './layer.js';
import { conv2d, dense } from './products.js';

export function layerOf(node: Node, out: number, site: Site): Layer {
  const shape = site.shapeOf(out);
  const units = elements(shape);
  const [x, y] = [site.value(node.inputs[0]!), site.value(out)];
  switch (node.op) {
    case 'dense':
      return dense(node, out, site);
    case 'conv2d':
      return conv2d(node, out, site);
    case 'batchnorm':
      return batchnorm(node, out, site);
    case 'activation': {
      const { fn, slope } = node;
      return {
        forward: (n) => [
          activation('train_activation', fn, { count: n * units, source: x, output: y, slope }),
        ],
        backward(n, gradient, [target]) {
          if (!target) return [];
          const fields = { count: n * units, source: x, gradient, output: target.at, slope };
          return [activation('train_slope', fn, fields, { ADDED: Number(target.added) })];
        },
      };
    }
    case 'add': {
      const second = site.value(node.inputs[1]!);
      return {
        forward: (n) => [
          elementwise('train_scaled', { count: n * units, source: x, output: y }),
          elementwise('train_scaled', { count: n * units, source: second, output: y }, { ADDED: 1 }),
        ],
        backward: (n, gradient, targets) =>
          targets.flatMap((target) => {
            // What has taken the gradient over has it already.
            if (!target || target.at === gradient) return [];
            const fields = { count: n * units, source: gradient, output: target.at };
            return [elementwise('train_scaled', fields, { ADDED: Number(target.added) })];
          }),
      };
    }
    case 'scale': {
      const { factor, offset } = node;
      return {
        forward: (n) => [
          elementwise('train_scaled', { count: n * units, source: x, output: y, factor, offset }),
        ],
        backward(n, gradient, [target]) {
          if (!target) return [];
          const fields = { count: n * units, source: gradient, output: target.at, factor };
          return [elementwise('train_scaled', fields, { ADDED: Number(target.added) })];
        },
      };
    }
    case 'pool':
      return pool(node, out, site);
    case 'mean': {
      const input = site.shapeOf(node.inputs[0]!);
      if (node.axes.toSorted((a, b) => a - b).join() !== '1,2') break;
      const area = input[1]! * input[2]!;
      const factor = 1 / area;
      return {
        forward: (n) => [elementwise('train_mean', { count: n * units, area, source: x, output: y, factor })],
        backward(n, gradient, [target]) {
          if (!target) return [];
          const fields = { count: n * units * area, area, source: gradient, output: target.at, factor };
          return [elementwise('train_scaled', fields, { ADDED: Number(target.added), REPEAT: 1 })];
        },
      };
    }
    default:
  }
  throw new EngineUnsupportedError(
    `WebGPU trains dense, convolution and batchnorm layers, activations, sums, pools and means over images, but not ${node.op} (node ${node.name}); use the WASM engine`,
  );
}

function batchnorm(node: BatchNormNode, out: number, site: Site): Layer {
  const shape = site.shapeOf(out);
  const channels = shape[0]!;
  const sample = elements(shape);
  const area = sample / channels;
  const own = site.moments(node);
  const [scale, shift] = [site.parameter(node.scale), site.parameter(node.shift)];
  const parts = { SCALE: Number(scale >= 0), SHIFT: Number(shift >= 0) };
  const shared = {
    area,
    sample,
    source: site.value(node.inputs[0]!),
    scale: Math.max(0, scale),
    epsilon: node.epsilon,
  };
  const batch = { mean: own, variance: own + channels };
  return {
    forward(samples, mode) {
      const running = { mean: site.parameter(node.mean), variance: site.parameter(node.variance) };
      const RUNNING = Number(mode === 'evaluation');
      const fields = { ...shared, ...(RUNNING ? running : batch), samples, output: site.value(out) };
      return [
        channelwise('train_norm', channels, { ...fields, shift: Math.max(0, shift) }, { ...parts, RUNNING }),
      ];
    },
    backward(samples, gradient, [target]) {
      const by = {
        by_scale: Math.max(0, site.gradientOf(node.scale)),
        by_shift: Math.max(0, site.gradientOf(node.shift)),
      };
      const fields = { ...shared, ...batch, ...by, samples, gradient, output: target ? target.at : 0 };
      const constants = { ...parts, INPUT: Number(target !== null), ADDED: Number(target?.added ?? false) };
      return [channelwise('train_norm_backward', channels, fields, constants)];
    },
  };
}

/** Bits of −∞. */
const MINUS_INFINITY_BITS = 0xff800000;

function pool(node: PoolNode, out: number, site: Site): Layer {
  const input = site.shapeOf(node.inputs[0]!);
  const output = site.shapeOf(out);
  const shape = {
    source: site.value(node.inputs[0]!),
    in_height: input[1]!,
    in_width: input[2]!,
    out_height: output[1]!,
    out_width: output[2]!,
    kernel_height: node.kernel[0],
    kernel_width: node.kernel[1],
    stride_y: node.stride[0],
    stride_x: node.stride[1],
    dilation_y: node.dilation[0],
    dilation_x: node.dilation[1],
    pad_top: node.padding[0],
    pad_left: node.padding[1],
    pad_bottom: node.padding[2],
    pad_right: node.padding[3],
    minus_infinity_bits: MINUS_INFINITY_BITS,
  };
  const kind = { MAXIMUM: Number(node.mode === 'max'), PADDING: Number(node.countPadding) };
  return {
    forward: (samples) => [
      pooling({ ...shape, count: samples * elements(output), output: site.value(out) }, kind),
    ],
    backward(samples, gradient, [target]) {
      if (!target) return [];
      const fields = { ...shape, count: samples * elements(input), gradient, output: target.at };
      return [pooling(fields, { ...kind, BACKWARD: 1, ADDED: Number(target.added) })];
    },
  };
}
