/** Which rows a step reads and writes, as tables that the row kernels walk. Rows count the units of a sample, row-major. */
import {
  elements,
  type ConcatNode,
  type Conv2dNode,
  type MeanNode,
  type PadNode,
  type PoolNode,
  type Shape,
  type SliceNode,
} from '../../model/graph.js';
import { stridedIndices, strides } from '../../model/ops/strided.js';
import { windows, type Window } from '../../model/ops/window.js';
import { rowBytes } from './pack.js';
import { prefersWinograd, tiledSize, tileScratch } from './winograd.js';

/** Row `from[i]` of an input goes to row `to[i]` of the output. */
export interface CopyTable {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

const counting = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/** One table for each input of the node. */
export function copyTables(
  node: ConcatNode | PadNode | SliceNode,
  inputs: readonly Shape[],
  output: Shape,
): CopyTable[] {
  const steps = strides(output);
  if (node.op === 'concat') {
    let position = 0;
    return inputs.map((shape) => {
      const to = stridedIndices(shape, steps, position * steps[node.axis]!);
      position += shape[node.axis]!;
      return { from: counting(elements(shape)), to };
    });
  }
  const input = inputs[0]!;
  if (node.op === 'pad') {
    const origin = steps.reduce((sum, step, axis) => sum + step * node.before[axis]!, 0);
    return [{ from: counting(elements(input)), to: stridedIndices(input, steps, origin) }];
  }
  const inputSteps = strides(input);
  const origin = inputSteps.reduce((sum, step, axis) => sum + step * node.start[axis]!, 0);
  const from = stridedIndices(
    output,
    inputSteps.map((step, axis) => step * node.step[axis]!),
    origin,
  );
  return [{ from, to: counting(elements(output)) }];
}

/** For every row of a product of shape `output` the row of a factor of shape `input`, repeated along axes of size 1. */
export function repeatedRows(input: Shape, output: Shape): Uint32Array {
  const steps = strides(input).map((step, axis) => (input[axis] === 1 ? 0 : step));
  return stridedIndices(output, steps, 0);
}

/** Output row i is made of rows `taps[starts[i]]` … `taps[starts[i + 1] − 1]`; a sum is multiplied by `factors[i]`. */
export interface ReduceTable {
  readonly starts: Uint32Array;
  readonly taps: Uint32Array;
  readonly factors: Float32Array;
}

export function meanTable({ axes }: MeanNode, input: Shape): ReduceTable {
  const kept = input.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const averaged = input.map((size, axis) => (axes.includes(axis) ? size : 1));
  const steps = strides(input);
  const origins = stridedIndices(kept, steps, 0);
  const within = stridedIndices(averaged, steps, 0);
  const taps = new Uint32Array(origins.length * within.length);
  for (const [i, origin] of origins.entries()) {
    for (const [j, offset] of within.entries()) taps[i * within.length + j] = origin + offset;
  }
  return {
    starts: Uint32Array.from({ length: origins.length + 1 }, (_, i) => i * within.length),
    taps,
    factors: new Float32Array(origins.length).fill(1 / within.length),
  };
}

export function poolTable(node: PoolNode, input: Shape, output: Shape): ReduceTable {
  const [vertical, horizontal] = windows(node.kernel, node);
  const [channels, height, width] = input as [number, number, number];
  const [, outHeight, outWidth] = output as [number, number, number];
  const rows = Array.from({ length: outHeight }, (_, place) => span(place, height, vertical));
  const columns = Array.from({ length: outWidth }, (_, place) => span(place, width, horizontal));
  const starts = [0];
  const taps: number[] = [];
  const factors: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (const row of rows) {
      for (const column of columns) {
        for (const y of row.inside) for (const x of column.inside) taps.push((c * height + y) * width + x);
        const counted = row.inside.length * column.inside.length;
        factors.push(1 / (node.countPadding ? row.padded * column.padded : counted));
        starts.push(taps.length);
      }
    }
  }
  return {
    starts: Uint32Array.from(starts),
    taps: Uint32Array.from(taps),
    factors: Float32Array.from(factors),
  };
}

/** Where a window's taps fall inside an axis, and how many there are with its padding. */
function span(
  place: number,
  size: number,
  { kernel, stride, before, after, dilation }: Window,
): { readonly inside: number[]; readonly padded: number } {
  const taps = Array.from({ length: kernel }, (_, k) => place * stride - before + k * dilation);
  return {
    inside: taps.filter((tap) => tap >= 0 && tap < size),
    // What rounding up adds beyond the padding doesn't count, as in PyTorch.
    padded: taps.filter((tap) => tap < size + after).length,
  };
}

/** How a convolution runs: over its input with zeros around it, tap by tap or tile by tile. */
export interface ConvolutionTable {
  readonly winograd: boolean;
  /** Height and width of the padded input. */
  readonly padded: readonly [height: number, width: number];
  /** Whether that differs from the input. */
  readonly pads: boolean;
  /** Bytes of scratch memory a group: the padded input, then what tiles need. */
  readonly scratch: number;
  /** Where in it the tiles' part starts. */
  readonly tiles: number;
  /** Row of the padded input for every tap of one group of channels, relative to the window's first. */
  readonly offsets: Uint32Array;
}

export function convolutionTable(
  node: Conv2dNode,
  input: Shape,
  output: Shape,
  weight: Shape,
): ConvolutionTable {
  const [allChannels, height, width] = input as [number, number, number];
  const [outputs, channels, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const [top, left, bottom, right] = node.padding;
  const winograd = prefersWinograd(node, output, weight);
  const padded = winograd ? tiledSize(output) : ([height + top + bottom, width + left + right] as const);
  const pads = padded[0] !== height || padded[1] !== width;
  const tiles = pads ? allChannels * padded[0] * padded[1] * rowBytes : 0;
  const steps = [padded[0] * padded[1], node.dilation[0] * padded[1], node.dilation[1]];
  return {
    winograd,
    padded,
    pads,
    scratch: tiles + (winograd ? tileScratch(channels, outputs / node.groups) : 0),
    tiles,
    offsets: stridedIndices([channels, kernelHeight, kernelWidth], steps, 0),
  };
}
