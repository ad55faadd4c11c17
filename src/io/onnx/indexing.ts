/** Index arithmetic that constants and the network's values share: slices, reshapes, broadcasting. */
import { elements } from '../../model/graph.js';
import { stridedIndices, strides } from '../../model/ops/strided.js';
import type { Fail } from '../errors.js';
import { checkedElements } from '../limits.js';
import { integersAttribute, integersOf, resolveAxis } from './attributes.js';
import type { NodeProto } from './proto.js';
import type { Budget, Constant } from './tensor.js';

/** Start, step and number of the elements that a slice takes along one axis. */
export interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Elements start, start + step, … before end of an axis of `size`, by the rules of NumPy. */
export function resolveRange(size: number, start: number, end: number, step: number): Range {
  const least = step > 0 ? 0 : -1;
  const most = step > 0 ? size : size - 1;
  const clip = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, least), most);
  const first = clip(start);
  return { start: first, step, count: Math.max(0, Math.ceil((clip(end) - first) / step)) };
}

/**
 * What a Slice node takes, by axis of a value of this shape; axes not named are taken whole. Before
 * opset 10 the numbers are attributes, since then inputs 1 to 4. A size may be NaN (the batch), and its
 * range then has a NaN count unless it is the whole axis.
 */
export function sliceRanges(
  node: NodeProto,
  inputs: readonly (Constant | null)[],
  shape: readonly number[],
  fail: Fail,
): Range[] {
  const list = (index: number, name: string): readonly number[] | null => {
    const input = inputs[index];
    if (input !== undefined && input !== null) return integersOf(input, name, fail);
    return integersAttribute(node, name);
  };
  const starts = list(1, 'starts');
  const ends = list(2, 'ends');
  if (starts === null || ends === null || starts.length !== ends.length) {
    return fail('its starts and ends are not known before the network runs; slice by fixed numbers');
  }
  const axes = list(3, 'axes') ?? starts.map((_, i) => i);
  const steps = list(4, 'steps') ?? starts.map(() => 1);
  const ranges = shape.map((size) => resolveRange(size, 0, size, 1));
  for (const [i, start] of starts.entries()) {
    const axis = resolveAxis(axes[i] ?? NaN, shape.length, fail);
    const step = steps[i] ?? NaN;
    if (!Number.isSafeInteger(step) || step === 0)
      fail(`its step ${step} is no step; export the network again`);
    ranges[axis] = resolveRange(shape[axis]!, start, ends[i]!, step);
    // The batch as a whole, whatever its size: 0 up to 2³¹ − 1 or 2⁶³ − 1.
    const whole = start === 0 && ends[i]! >= 2 ** 31 - 1 && step === 1;
    if (Number.isNaN(shape[axis]!) && whole) ranges[axis] = { start: 0, step: 1, count: NaN };
    else if (Number.isNaN(ranges[axis].count)) fail('it takes part of the batch; slice the other axes only');
  }
  return ranges;
}

/** The shape that `target` asks for out of `shape`: 0 copies a size, −1 is what is left. */
export function resolveReshape(
  shape: readonly number[],
  target: readonly number[],
  zeroIsZero: boolean,
  fail: Fail,
): number[] {
  const resolved = target.map((size, axis) => (size === 0 && !zeroIsZero ? (shape[axis] ?? NaN) : size));
  const unknown = resolved.indexOf(-1);
  if (unknown >= 0) {
    const known = elements(resolved.filter((_, axis) => axis !== unknown));
    resolved[unknown] = elements(shape) / known;
  }
  if (
    elements(resolved) !== elements(shape) ||
    !resolved.every((size) => Number.isSafeInteger(size) && size >= 0)
  ) {
    fail(
      `a value of shape [${shape.join(', ')}] cannot become [${target.join(', ')}]; export the network again`,
    );
  }
  return resolved;
}

/** The shape two shapes broadcast to. */
export function broadcastShape(left: readonly number[], right: readonly number[], fail: Fail): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      fail(
        `shapes [${left.join(', ')}] and [${right.join(', ')}] do not go together; export the network again`,
      );
    }
    return a === 1 ? b : a;
  });
}

/** Where the elements of a constant that is repeated up to `shape` come from. */
export function broadcastIndices(from: readonly number[], shape: readonly number[]): Uint32Array {
  const own = strides(from);
  const steps = shape.map((_, axis) => {
    const at = axis - shape.length + from.length;
    return (from[at] ?? 1) === 1 ? 0 : own[at]!;
  });
  return stridedIndices(shape, steps, 0);
}

/** A constant of `shape` whose element i is element `indices[i]` of another. */
export function pick(constant: Constant, shape: readonly number[], indices: Uint32Array): Constant {
  const data = new (constant.data instanceof Float32Array ? Float32Array : Float64Array)(indices.length);
  for (let i = 0; i < indices.length; i++) data[i] = constant.data[indices[i]!]!;
  return { type: constant.type, shape, data };
}

/** Throws FileError unless a constant of this shape may be made. */
export function allow(shape: readonly number[], budget: Budget, fail: Fail): void {
  budget.compute(checkedElements(shape, Float64Array.BYTES_PER_ELEMENT, fail), fail);
}

/** Part of a constant, by a range for each axis. */
export function sliceConstant(constant: Constant, ranges: readonly Range[]): Constant {
  const own = strides(constant.shape);
  const offset = own.reduce((sum, stride, axis) => sum + stride * ranges[axis]!.start, 0);
  const shape = ranges.map(({ count }) => count);
  const steps = own.map((stride, axis) => stride * ranges[axis]!.step);
  return pick(constant, shape, stridedIndices(shape, steps, offset));
}

/** A constant with its axes in the order `axes`. */
export function transposeConstant(constant: Constant, axes: readonly number[]): Constant {
  const own = strides(constant.shape);
  const shape = axes.map((axis) => constant.shape[axis]!);
  return pick(
    constant,
    shape,
    stridedIndices(
      shape,
      axes.map((axis) => own[axis]!),
      0,
    ),
  );
}
