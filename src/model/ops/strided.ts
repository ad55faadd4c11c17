import { elements, type Shape } from '../graph.js';

/** Distance between neighbours along every axis of a row-major array of this shape. */
export function strides(shape: Shape): number[] {
  return shape.map((_, axis) => elements(shape.slice(axis + 1)));
}

/** For every element of `shape` in row-major order: offset + Σ position[axis] · steps[axis]. */
export function stridedIndices(shape: Shape, steps: readonly number[], offset: number): Uint32Array {
  return Uint32Array.from({ length: elements(shape) }, (_, i) => {
    let rest = i;
    let index = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = rest % shape[axis]!;
      rest = (rest - position) / shape[axis]!;
      index += position * steps[axis]!;
    }
    return index;
  });
}
