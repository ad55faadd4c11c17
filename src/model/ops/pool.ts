import { spell } from '../errors.js';
import type { PoolNode } from '../graph.js';
import { noParameters, refuse, type Op } from './op.js';
import { image, places, windowFault, windows, type Window } from './window.js';

/** Max or average pooling, as `torch.nn.MaxPool2d` and `AvgPool2d`; NaN in a window makes its maximum NaN. */
export const pool: Op<PoolNode> = {
  arity: { exactly: 1 },

  parameters: noParameters,

  infer(node, [input]) {
    const size = image(input!);
    if (size === null) {
      throw refuse(node, `input has shape ${spell(input!)}, expected [channels, height, width]`);
    }
    const [channels, height, width] = size;
    const [vertical, horizontal] = windows(node.kernel, node);
    for (const window of [vertical, horizontal]) {
      const fault = windowFault(window);
      if (fault !== null) throw refuse(node, fault);
      // PyTorch's rule: a window then always has an element of the input, unless dilation leaps over it.
      const reach = window.dilation * (window.kernel - 1) + 1;
      const padding = Math.max(window.before, window.after);
      if (2 * padding > reach) throw refuse(node, `padding ${padding} is more than half of kernel ${reach}`);
    }
    const shape = [channels, pooled(height, vertical, node.ceil), pooled(width, horizontal, node.ceil)];
    if (shape[1]! < 1 || shape[2]! < 1) {
      throw refuse(node, `kernel ${spell(node.kernel)} is larger than its padded input ${spell(input!)}`);
    }
    return shape;
  },

  multiplyAdds: () => 0,

  forward({ node, samples, inputs, shapes, output, shape }) {
    const x = inputs[0]!;
    const [channels, height, width] = image(shapes[0]!)!;
    const [, outHeight, outWidth] = image(shape)!;
    const [vertical, horizontal] = windows(node.kernel, node);
    const reduce = node.mode === 'max' ? maximum : sum;
    let to = 0;
    for (let plane = 0; plane < samples * channels; plane++) {
      for (let row = 0; row < outHeight; row++) {
        const rows = span(row, height, vertical);
        for (let column = 0; column < outWidth; column++) {
          const columns = span(column, width, horizontal);
          const value = reduce(x, plane * height * width, width, rows, columns);
          const divisor = node.countPadding ? rows.padded * columns.padded : count(rows) * count(columns);
          output[to++] = node.mode === 'max' ? value : value / divisor;
        }
      }
    }
  },
};

/** Output size; rounding up never adds a window that would start beyond the input and its first padding. */
function pooled(size: number, window: Window, ceil: boolean): number {
  const floor = places(size, window);
  if (!ceil) return floor;
  const rounded = places(size, { ...window, after: window.after + window.stride - 1 });
  return (rounded - 1) * window.stride >= size + window.before ? rounded - 1 : rounded;
}

/** Taps of one window along one axis: first, step and end inside the input, and their number with padding. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly padded: number;
}

function span(place: number, size: number, { kernel, stride, before, after, dilation }: Window): Span {
  const start = place * stride - before;
  const end = start + (kernel - 1) * dilation + 1;
  const outside = Math.max(0, Math.ceil(-start / dilation));
  // What rounding up adds beyond the padding doesn't count, as in PyTorch.
  const padded = Math.ceil((Math.min(end, size + after) - start) / dilation);
  return { first: start + outside * dilation, end: Math.min(end, size), step: dilation, padded };
}

function count({ first, end, step }: Span): number {
  return Math.max(0, Math.ceil((end - first) / step));
}

type Reduce = (x: Float64Array, plane: number, width: number, rows: Span, columns: Span) => number;

const maximum: Reduce = (x, plane, width, rows, columns) => {
  let best = -Infinity;
  for (let y = rows.first; y < rows.end; y += rows.step) {
    for (let i = columns.first; i < columns.end; i += columns.step) {
      best = Math.max(best, x[plane + y * width + i]!);
    }
  }
  return best;
};

const sum: Reduce = (x, plane, width, rows, columns) => {
  let total = 0;
  for (let y = rows.first; y < rows.end; y += rows.step) {
    for (let i = columns.first; i < columns.end; i += columns.step) total += x[plane + y * width + i]!;
  }
  return total;
};
