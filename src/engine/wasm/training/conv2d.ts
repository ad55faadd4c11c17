/**
 * Convolutions, one group of eight samples at a time, so that what a call reads stays in the cache. The gradient by
 * the input is a convolution as well: of the output's gradient, spread by the stride, with the filters turned round.
 */
import type { Conv2dNode, Shape } from '../../../model/graph.js';
import { pack, packedLength, rowBytes } from '../pack.js';
import { type ConvolutionTable, convolutionTable } from '../tables.js';
import { transformedLength, transformFilters } from '../winograd.js';
import type { Layer, Machine, Site } from './layer.js';

/** Pixels whose products are summed in float32 before they are added to a weight's gradient. */
const summed = 128;

/** A convolution of stride `stride` over an image that is padded already. */
interface Pass {
  readonly table: ConvolutionTable;
  readonly groups: number;
  /** Channels of one group, in and out. */
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: readonly [number, number];
  /** Address of the packed filters of all groups, and of taps' offsets. */
  readonly filters: number;
  readonly offsets: number;
  readonly packed: number;
}

function makePass(node: Conv2dNode, input: Shape, output: Shape, weight: Shape, { layout }: Site): Pass {
  const table = convolutionTable(node, input, output, weight);
  const inputs = weight[1]!;
  const outputs = weight[0]! / node.groups;
  const packed = table.winograd
    ? transformedLength(outputs, inputs)
    : packedLength(outputs, table.offsets.length);
  return {
    table,
    groups: node.groups,
    inputs,
    outputs,
    rows: output[1]!,
    columns: output[2]!,
    stride: node.stride,
    filters: layout.take(4 * packed * node.groups),
    offsets: layout.table(table.offsets.map((row) => row * rowBytes)),
    packed,
  };
}

/** Filters `[outputs, inputs, kernel]` of every group in the order in which the pass reads them. */
function writeFilters({ floats }: Machine, pass: Pass, filters: Float32Array): void {
  const { table, groups, inputs, outputs, packed } = pass;
  const taps = table.offsets.length;
  for (let g = 0; g < groups; g++) {
    const own = filters.subarray(g * outputs * taps, (g + 1) * outputs * taps);
    const ready = table.winograd ? transformFilters(own, outputs, inputs) : pack(own, outputs, taps);
    floats.set(ready, pass.filters / 4 + g * packed);
  }
}

/** out = the convolution of the padded image of one group of samples, plus `bias`, plus what is at `residual`; 0 for none. */
function convolve(
  { kernels }: Machine,
  pass: Pass,
  image: number,
  tiles: number,
  bias: number,
  residual: number,
  out: number,
): void {
  const { table, inputs, outputs, rows, columns, stride } = pass;
  const line = table.padded[1] * rowBytes;
  const area = table.padded[0] * line;
  for (let g = 0; g < pass.groups; g++) {
    const from = image + g * inputs * area;
    const filters = pass.filters + 4 * g * pass.packed;
    const centre = bias === 0 ? 0 : bias + 4 * g * outputs;
    const to = g * outputs * rows * columns * rowBytes;
    const added = residual === 0 ? 0 : residual + to;
    if (table.winograd) {
      kernels.winograd(
        from,
        filters,
        centre,
        0,
        0,
        added,
        out + to,
        tiles,
        inputs,
        outputs,
        1,
        rows,
        columns,
        line,
        area,
        0,
        0,
        0,
        0,
        0,
      );
    } else {
      kernels.conv2d(
        from,
        filters,
        pass.offsets,
        centre,
        0,
        0,
        added,
        out + to,
        table.offsets.length,
        outputs,
        1,
        rows,
        columns,
        stride[0] * line,
        stride[1] * rowBytes,
        0,
        0,
        0,
        0,
        0,
      );
    }
  }
}

/** The node of the way back: of stride 1, its padding such that the output is the input's size again. */
function turned(node: Conv2dNode, [, , height, width]: Shape): Conv2dNode {
  const vertical = node.dilation[0] * (height! - 1);
  const horizontal = node.dilation[1] * (width! - 1);
  return { ...node, stride: [1, 1], padding: [vertical, horizontal, vertical, horizontal] };
}

/** Filters `[outputs, inputs, kernel]` as `[inputs, outputs, kernel]` of every group, each turned by half a circle. */
function turnFilters(
  filters: Float32Array,
  groups: number,
  outputs: number,
  inputs: number,
  area: number,
): Float32Array {
  const turnedRound = new Float32Array(filters.length);
  let from = 0;
  for (let g = 0; g < groups; g++) {
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < inputs; c++) {
        const end = ((g * inputs + c) * outputs + o + 1) * area - 1;
        for (let k = 0; k < area; k++) turnedRound[end - k] = filters[from++]!;
      }
    }
  }
  return turnedRound;
}

export function conv2d(node: Conv2dNode, out: number, site: Site): Layer {
  const input = site.shapeOf(node.inputs[0]!);
  const output = site.shapeOf(out);
  const weight = site.model.parameters.get(node.weight)!.shape;
  const [channels, height, width] = input as [number, number, number];
  const [outChannels, rows, columns] = output as [number, number, number];
  const kernel = weight[2]! * weight[3]!;
  const count = weight.reduce((product, size) => product * size, 1);
  const forth = makePass(node, input, output, weight, site);
  const { inputs, outputs } = forth;
  const [top, left] = node.padding;
  const [paddedHeight, paddedWidth] = forth.table.padded;
  const taps = forth.table.offsets.length;
  const back = makeBack(node, input, output, weight, site);
  const backTop = node.dilation[0] * (weight[2]! - 1) - top;
  const backLeft = node.dilation[1] * (weight[3]! - 1) - left;
  const scratch = site.scratch(
    Math.max(forth.table.scratch, back.image + back.table.scratch - back.table.tiles),
  );
  const weights = site.parameter(node.weight);
  const bias = site.parameter(node.bias);
  const byWeights = site.gradientOf(node.weight);
  const byBias = site.gradientOf(node.bias);
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  const xStride = channels * height * width * rowBytes;
  const plane = rows * columns * rowBytes;
  const yStride = outChannels * plane;
  const filtersOf = ({ floats }: Machine): Float32Array => floats.slice(weights / 4, weights / 4 + count);

  /** Address of one group's image with its padding. */
  const padded = ({ kernels }: Machine, from: number): number => {
    if (!forth.table.pads) return from;
    const to = scratch();
    kernels.pad_image(from, to, channels, height, width, top, left, paddedHeight, paddedWidth, 1);
    return to;
  };

  const addWeights = ({ kernels }: Machine, image: number, gradient: number): void => {
    const line = paddedWidth * rowBytes;
    const area = paddedHeight * line;
    const atOnce = Math.max(1, Math.floor(summed / columns));
    for (let g = 0; g < node.groups; g++) {
      for (let row = 0; row < rows; row += atOnce) {
        kernels.outer(
          gradient + g * outputs * plane + row * columns * rowBytes,
          plane,
          image + g * inputs * area + row * node.stride[0] * line,
          forth.offsets,
          byWeights + 4 * g * outputs * taps,
          outputs,
          taps,
          Math.min(atOnce, rows - row),
          columns,
          columns * rowBytes,
          rowBytes,
          node.stride[0] * line,
          node.stride[1] * rowBytes,
        );
      }
    }
  };

  return {
    forward(machine, { groups }) {
      writeFilters(machine, forth, filtersOf(machine));
      for (let group = 0; group < groups; group++) {
        const image = padded(machine, x + group * xStride);
        convolve(machine, forth, image, scratch() + forth.table.tiles, bias, 0, y + group * yStride);
      }
    },
    backward(machine, { groups }, gradient, [target]) {
      const { kernels } = machine;
      for (let group = 0; group < groups; group++) {
        addWeights(machine, padded(machine, x + group * xStride), gradient + group * yStride);
      }
      if (byBias > 0) kernels.channel_sums(gradient, byBias, outChannels, rows * columns, groups);
      const { at, added } = target!;
      if (at === 0) return;
      const filters = filtersOf(machine);
      writeFilters(machine, back, turnFilters(filters, node.groups, outputs, inputs, kernel));
      const [backHeight, backWidth] = back.table.padded;
      for (let group = 0; group < groups; group++) {
        const image = scratch();
        kernels.dilate_image(
          gradient + group * yStride,
          image,
          outChannels,
          rows,
          columns,
          backTop,
          backLeft,
          ...node.stride,
          backHeight,
          backWidth,
          1,
        );
        const to = at + group * xStride;
        convolve(machine, back, image, image + back.image, 0, added ? to : 0, to);
      }
    },
  };
}

/** The pass of the way back, and the bytes of its padded image, which it always has. */
function makeBack(
  node: Conv2dNode,
  input: Shape,
  output: Shape,
  weight: Shape,
  site: Site,
): Pass & { readonly image: number } {
  const [, channels, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const outputs = weight[0]! / node.groups;
  const back = turned(node, weight);
  const [verticalPadding, horizontalPadding] = back.padding;
  // As if the output's gradient were the input's size less the padding on both sides.
  const spread = [output[0]!, input[1]! - verticalPadding, input[2]! - horizontalPadding];
  const shape = [channels * node.groups, outputs, kernelHeight, kernelWidth];
  const pass = makePass(back, spread, input, shape, site);
  const image = output[0]! * pass.table.padded[0] * pass.table.padded[1] * rowBytes;
  return { ...pass, image };
}
