/** Dense and convolution layers: each is three products, forth, by the input and by the weights. */
import type { Conv2dNode, DenseNode } from '../../../model/graph.js';
import { type Call, channelwise, fold, product } from './call.js';
import type { Layer, Site } from './layer.js';

/** Terms of a weight's gradient that one workgroup sums; the sums of several are added up after it. */
const SLICE = 512;

/** A weight's gradient: one product, or partial ones and their sum. */
function weightGradient(
  fields: Parameters<typeof product>[0],
  constants: Record<string, number>,
  output: number,
  scratch: () => number,
): Call[] {
  const { rows, columns, depth } = fields;
  const slices = Math.ceil(depth / SLICE);
  const to = slices === 1 ? output : scratch();
  const sliced = { ...fields, slice: SLICE, c_first: to, c_inner: 1, c_outer: columns, c_line: 1 };
  if (slices === 1) return [product(sliced, { ...constants, ADDED: 1 })];
  const count = rows * columns;
  return [product(sliced, constants), fold(count, slices, to, output)];
}

export function dense(node: DenseNode, out: number, site: Site): Layer {
  const [inputs] = site.shapeOf(node.inputs[0]!) as [number];
  const [outputs] = site.shapeOf(out) as [number];
  const [x, y] = [site.value(node.inputs[0]!), site.value(out)];
  const [weight, bias] = [site.parameter(node.weight), site.parameter(node.bias)];
  const [byWeight, byBias] = [site.gradientOf(node.weight), site.gradientOf(node.bias)];
  const scratch = site.scratch(Math.ceil(site.capacity / SLICE) * outputs * inputs);
  return {
    forward: (samples) => [
      product(
        {
          rows: samples,
          columns: outputs,
          depth: inputs,
          slice: inputs,
          a_first: x,
          a_line: inputs,
          a_outer: 1,
          b_first: weight,
          b_line: inputs,
          b_outer: 1,
          c_first: y,
          c_outer: outputs,
          c_line: 1,
          bias_first: Math.max(0, bias),
        },
        { BIAS: Number(bias >= 0) },
      ),
    ],
    backward(samples, gradient, [target]) {
      const calls = weightGradient(
        {
          rows: outputs,
          columns: inputs,
          depth: samples,
          slice: SLICE,
          a_first: gradient,
          a_line: 1,
          a_outer: outputs,
          b_first: x,
          b_line: 1,
          b_outer: inputs,
        },
        {},
        byWeight,
        scratch,
      );
      if (byBias >= 0) calls.push(biasGradient(outputs, 1, samples, gradient, byBias));
      if (!target) return calls;
      const fields = {
        rows: samples,
        columns: inputs,
        depth: outputs,
        slice: outputs,
        a_first: gradient,
        a_line: outputs,
        a_outer: 1,
        b_first: weight,
        b_line: 1,
        b_outer: inputs,
        c_first: target.at,
        c_outer: inputs,
        c_line: 1,
      };
      return [...calls, product(fields, { ADDED: Number(target.added) })];
    },
  };
}

function biasGradient(
  channels: number,
  area: number,
  samples: number,
  gradient: number,
  shift: number,
): Call {
  return channelwise('train_sums', channels, { samples, area, sample: channels * area, gradient, shift });
}

export function conv2d(node: Conv2dNode, out: number, site: Site): Layer {
  const [channels, height, width] = site.shapeOf(node.inputs[0]!) as [number, number, number];
  const [outChannels, rows, columns] = site.shapeOf(out) as [number, number, number];
  const [, inputs, kernelHeight, kernelWidth] = site.parameterShape(node.weight) as [
    number,
    number,
    number,
    number,
  ];
  const kernel = kernelHeight * kernelWidth;
  const outputs = outChannels / node.groups;
  const taps = inputs * kernel;
  const places = rows * columns;
  const pixels = height * width;
  const [x, y] = [site.value(node.inputs[0]!), site.value(out)];
  const [weight, bias] = [site.parameter(node.weight), site.parameter(node.bias)];
  const [byWeight, byBias] = [site.gradientOf(node.weight), site.gradientOf(node.bias)];
  const scratch = site.scratch(Math.ceil((site.capacity * places) / SLICE) * outputs * taps);
  const windows = {
    kernel,
    kernel_width: kernelWidth,
    stride_y: node.stride[0],
    stride_x: node.stride[1],
    dilation_y: node.dilation[0],
    dilation_x: node.dilation[1],
    pad_top: node.padding[0],
    pad_left: node.padding[1],
    in_height: height,
    in_width: width,
    out_height: rows,
    out_width: columns,
  };
  const groups = Array.from({ length: node.groups }, (_, g) => ({
    image: g * inputs * pixels,
    made: g * outputs * places,
    weight: g * outputs * taps,
    output: g * outputs,
  }));
  return {
    forward: (samples) =>
      groups.map((group) =>
        product(
          {
            ...windows,
            rows: samples * places,
            columns: outputs,
            depth: taps,
            slice: taps,
            image_first: x + group.image,
            image_sample: channels * pixels,
            b_first: weight + group.weight,
            b_line: taps,
            b_outer: 1,
            c_first: y + group.made,
            c_inner: places,
            c_outer: outChannels * places,
            c_step: 1,
            c_line: places,
            bias_first: Math.max(0, bias) + group.output,
          },
          { A: 1, BIAS: Number(bias >= 0) },
        ),
      ),
    backward(samples, gradient, [target]) {
      const depth = samples * places;
      const calls = groups.flatMap((group) =>
        weightGradient(
          {
            ...windows,
            rows: outputs,
            columns: taps,
            depth,
            slice: SLICE,
            a_first: gradient + group.made,
            a_line: places,
            a_inner: places,
            a_outer: outChannels * places,
            a_step: 1,
            image_first: x + group.image,
            image_sample: channels * pixels,
          },
          { B: 1 },
          byWeight + group.weight,
          scratch,
        ),
      );
      if (byBias >= 0) calls.push(biasGradient(outChannels, places, samples, gradient, byBias));
      if (!target) return calls;
      for (const group of groups) {
        const fields = {
          ...windows,
          rows: samples * pixels,
          columns: inputs,
          depth: outputs * kernel,
          slice: outputs * kernel,
          image_first: gradient + group.made,
          image_sample: outChannels * places,
          b_first: weight + group.weight,
          b_line: kernel,
          b_inner: kernel,
          b_outer: taps,
          b_step: 1,
          c_first: target.at + group.image,
          c_inner: pixels,
          c_outer: channels * pixels,
          c_step: 1,
          c_line: pixels,
        };
        calls.push(product(fields, { A: 2, ADDED: Number(target.added) }));
      }
      return calls;
    },
  };
}
