import type { Coordinates } from './machine.js';

/** Coordinates as the kernels take them. */
export function coordinates(a: number, b: number): Coordinates {
  const { fround } = Math;
  // Where a coordinate leaves float32 what is left of it is no number.
  const rest = (x: number): number => (Number.isFinite(fround(x)) ? fround(x - fround(x)) : 0);
  return { a: fround(a), aLow: rest(a), b: fround(b), bLow: rest(b) };
}
