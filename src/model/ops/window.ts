import type { Shape } from '../graph.js';

/** A window that slides over one axis: what convolution and pooling have in common. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/** The windows of height and width, from what a conv2d or pool node says. */
export function windows(
  kernel: readonly [number, number],
  node: {
    readonly stride: readonly [number, number];
    readonly padding: readonly [number, number, number, number];
    readonly dilation: readonly [number, number];
  },
): [height: Window, width: Window] {
  const [top, left, bottom, right] = node.padding;
  return [
    { kernel: kernel[0], stride: node.stride[0], before: top, after: bottom, dilation: node.dilation[0] },
    { kernel: kernel[1], stride: node.stride[1], before: left, after: right, dilation: node.dilation[1] },
  ];
}

/** Why the numbers of a window make no sense, or null. */
export function windowFault({ kernel, stride, before, after, dilation }: Window): string | null {
  const count = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  if (!count(kernel, 1)) return `kernel ${kernel} must be a positive integer`;
  if (!count(stride, 1)) return `stride ${stride} must be a positive integer`;
  if (!count(dilation, 1)) return `dilation ${dilation} must be a positive integer`;
  if (!count(before, 0)) return `padding ${before} must be an integer of 0 or more`;
  if (!count(after, 0)) return `padding ${after} must be an integer of 0 or more`;
  return null;
}

/** How many places the window takes on an axis of `size`; 0 or less when it does not fit. */
export function places(size: number, { kernel, stride, before, after, dilation }: Window): number {
  return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** `[channels, height, width]`, or null for any other rank. */
export function image(shape: Shape): [channels: number, height: number, width: number] | null {
  return shape.length === 3 ? [shape[0]!, shape[1]!, shape[2]!] : null;
}
