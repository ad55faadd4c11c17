/** What a node says beside its values, and the numbers in it. */
import type { Fail } from '../errors.js';
import type { NodeProto } from './proto.js';
import type { Constant } from './tensor.js';

/** Sizes, axes and paddings of a value come in lists of at most twice its axes. */
const MAX_LIST = 64;

/** An integer attribute, or what the operator takes when it is absent. */
export function integerAttribute(node: NodeProto, name: string, absent: number): number {
  return node.attributes.get(name)?.integer ?? absent;
}

/** A list of integers, or null when it is absent. */
export function integersAttribute(node: NodeProto, name: string): readonly number[] | null {
  return node.attributes.get(name)?.integers ?? null;
}

/** A real attribute as the decimal that was meant, or what the operator takes when it is absent. */
export function floatAttribute(node: NodeProto, name: string, absent: number): number {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? absent : shortestDecimal(attribute.float);
}

export function textAttribute(node: NodeProto, name: string, absent: string): string {
  return node.attributes.get(name)?.text ?? absent;
}

/**
 * The decimal of fewest digits that rounds to this float32. ONNX stores Python's 1e-5 as
 * 9.999999747378752e-6; in float64 PyTorch computes with the former.
 */
export function shortestDecimal(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return value;
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(single.toPrecision(digits));
    if (Math.fround(decimal) === single) return decimal;
  }
  return single;
}

/** A list of integers out of a constant of at most one axis; NaN in it is the size of the batch. */
export function integersOf(constant: Constant, what: string, fail: Fail): number[] {
  if (constant.type === 'float' || constant.shape.length > 1 || constant.data.length > MAX_LIST) {
    return fail(`its ${what} are no short list of integers; export the network again`);
  }
  return [...constant.data];
}

/** The axis of `rank` axes that `axis` means; negative ones count from the end. */
export function resolveAxis(axis: number, rank: number, fail: Fail): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isSafeInteger(resolved) || resolved < 0 || resolved >= rank) {
    return fail(`its axis ${axis} is not one of the ${rank} of its input; export the network again`);
  }
  return resolved;
}

/** Several axes, resolved, in ascending order and without repetition. */
export function resolveAxes(axes: readonly number[], rank: number, fail: Fail): number[] {
  return [...new Set(axes.map((axis) => resolveAxis(axis, rank, fail)))].sort((a, b) => a - b);
}
