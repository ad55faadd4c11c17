import { spell } from '../errors.js';
import type { PoolNode } from '../graph.js';
import { linearly } from './linearly.js';
import { type Forward, noParameters, refuse, type Op } from './op.js';
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

  forward(call) {
    const { node, inputs, output } = call;
    const x = inputs[0]!;
    if (node.mode === 'average') {
      averages(call);
      return;
    }
    eachWindow(call, (to, window) => {
      output[to] = x[largest(x, window)] ?? -Infinity;
    });
  },

  // Of a maximum the element that is it, the first one of equals as in PyTorch.
  tangent(call) {
    if (call.node.mode === 'average') {
      ofAverage.tangent(call);
      return;
    }
    const x = call.inputs[0]!;
    eachWindow(call, (to, window) => {
      const winner = largest(x, window);
      for (const [part, out] of call.tangent.entries()) out[to] = call.tangents[0]![part]![winner] ?? 0;
    });
  },

  // Of a maximum max((x_j − x_winner) + Δx_j): another element may win here, and the gap is exact when it is small.
  difference(call) {
    if (call.node.mode === 'average') {
      ofAverage.difference(call);
      return;
    }
    const x = call.inputs[0]!;
    const dx = call.differences[0]!;
    eachWindow(call, (to, window) => {
      const top = x[largest(x, window)];
      if (top === undefined) {
        call.difference[to] = 0;
        return;
      }
      let best = -Infinity;
      eachTap(window, (i) => {
        best = Math.max(best, x[i] === top ? dx[i]! : x[i]! - top + dx[i]!);
      });
      call.difference[to] = best;
    });
  },

  // Of a maximum to the element that is it, as in the tangent.
  backward(call) {
    const { node, inputs, gradient } = call;
    const into = call.gradients[0];
    if (!into) return;
    eachWindow(call, (to, window) => {
      if (node.mode === 'average') {
        const share = gradient[to]! / divisor(node, window);
        eachTap(window, (i) => {
          into[i]! += share;
        });
        return;
      }
      const winner = largest(inputs[0]!, window);
      if (winner >= 0) into[winner]! += gradient[to]!;
    });
  },
};

function averages(call: Forward<PoolNode>): void {
  const { node, inputs, output } = call;
  const x = inputs[0]!;
  eachWindow(call, (to, window) => {
    let total = 0;
    eachTap(window, (i) => {
      total += x[i]!;
    });
    output[to] = total / divisor(node, window);
  });
}

/** What the sum over a window is divided by. */
function divisor({ countPadding }: PoolNode, { rows, columns }: Place): number {
  return countPadding ? rows.padded * columns.padded : count(rows) * count(columns);
}

const ofAverage = linearly(averages);

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

/** A window over one channel of one sample, which starts at `plane` and has rows of `width`. */
interface Place {
  readonly plane: number;
  readonly width: number;
  readonly rows: Span;
  readonly columns: Span;
}

/** Visits every window in the order of the output's elements. */
function eachWindow(
  { node, samples, shapes, shape }: Forward<PoolNode>,
  visit: (to: number, window: Place) => void,
): void {
  const [channels, height, width] = image(shapes[0]!)!;
  const [, outHeight, outWidth] = image(shape)!;
  const [vertical, horizontal] = windows(node.kernel, node);
  let to = 0;
  for (let plane = 0; plane < samples * channels; plane++) {
    for (let row = 0; row < outHeight; row++) {
      const rows = span(row, height, vertical);
      for (let column = 0; column < outWidth; column++) {
        visit(to++, { plane: plane * height * width, width, rows, columns: span(column, width, horizontal) });
      }
    }
  }
}

function eachTap({ plane, width, rows, columns }: Place, visit: (element: number) => void): void {
  for (let y = rows.first; y < rows.end; y += rows.step) {
    for (let x = columns.first; x < columns.end; x += columns.step) visit(plane + y * width + x);
  }
}

/** Where the first largest element of a window is; NaN counts as largest. −1 where dilation leaps over all of them. */
function largest(x: Float64Array, window: Place): number {
  let best = -1;
  eachTap(window, (i) => {
    if (best < 0 || x[i]! > x[best]! || (Number.isNaN(x[i]!) && !Number.isNaN(x[best]!))) best = i;
  });
  return best;
}
