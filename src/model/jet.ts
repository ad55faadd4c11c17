/**
 * Partial derivatives of a value along the plane's two coordinates: [∂/∂α, ∂/∂β], or with the second order
 * [∂/∂α, ∂/∂β, ∂²/∂α², ∂²/∂α∂β, ∂²/∂β²]; each part has the value's length.
 */
export type Jet = readonly Float64Array[];

/** 1: first derivatives alone; 2: the second ones besides. */
export type Order = 1 | 2;

/** For parts 2, 3 and 4 of a jet the two first-order parts whose product goes with the second derivative of a function. */
export const secondParts: readonly (readonly [part: number, left: number, right: number])[] = [
  [2, 0, 0],
  [3, 0, 1],
  [4, 1, 1],
];

/** Parts of a jet. */
export function partsOf(order: Order): number {
  return order === 1 ? 2 : 5;
}
