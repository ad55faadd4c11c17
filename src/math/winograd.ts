/** The filter transform of Winograd's F(2×2, 3×3) (Lavin and Gray, arXiv 1509.09308), linear in the filter. */

/** Elements of a transformed filter or tile. */
export const TILE = 16;

/**
 * G·g·Gᵀ of one filter 3×3, G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1], in float64.
 *
 * @param filter element `3·row + column`
 * @returns `[4][4]`, the same array at every call
 */
export function transformFilter(filter: (element: number) => number): Float64Array {
  for (let x = 0; x < 3; x++) spread(filter(x), filter(x + 3), filter(x + 6), half, x, 3);
  for (let i = 0; i < 4; i++) spread(half[3 * i]!, half[3 * i + 1]!, half[3 * i + 2]!, whole, 4 * i, 1);
  return whole;
}

/** G·g, [4][3], and its product with Gᵀ, [4][4]. */
const half = new Float64Array(12);
const whole = new Float64Array(TILE);

/** Three filter elements along one axis become four. */
function spread(a: number, b: number, c: number, to: Float64Array, first: number, step: number): void {
  to[first] = a;
  to[first + step] = (a + b + c) / 2;
  to[first + 2 * step] = (a - b + c) / 2;
  to[first + 3 * step] = c;
}
