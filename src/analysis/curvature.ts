/** Curvature of the loss in the plane, from the second derivatives that the engine gives. */

/** How the loss is curved at a point; as numbers, the order of the legend. */
export const bends = ['bowl', 'saddle', 'dome', 'flat'] as const;
export type Bend = (typeof bends)[number];

/** Second derivatives in the coordinates (α, β): ∂²L/∂α², ∂²L/∂α∂β, ∂²L/∂β². */
export interface Hessian {
  readonly aa: number;
  readonly ab: number;
  readonly bb: number;
}

/** Both eigenvalues of the symmetric matrix [[aa, ab], [ab, bb]], the larger one first. */
export function eigenvalues({ aa, ab, bb }: Hessian): readonly [number, number] {
  const middle = (aa + bb) / 2;
  const away = Math.hypot((aa - bb) / 2, ab);
  return [middle + away, middle - away];
}

/**
 * The sign of the two eigenvalues, those within ±threshold counting as none: a bowl curves up and nowhere down, a
 * dome down and nowhere up, a saddle both ways, what is flat neither. Null when a derivative is not finite.
 *
 * By Sylvester's law of inertia the signs are those of any coordinates of the plane, whatever the angle between
 * the directions and their lengths; the threshold is one in (α, β).
 */
export function bendOf(hessian: Hessian, threshold: number): Bend | null {
  const [larger, smaller] = eigenvalues(hessian);
  if (!Number.isFinite(larger) || !Number.isFinite(smaller)) return null;
  const [up, down] = [larger > threshold, smaller < -threshold];
  return up ? (down ? 'saddle' : 'bowl') : down ? 'dome' : 'flat';
}

/** Share of the typical curvature below which a direction counts as flat. */
const FLAT_SHARE = 0.01;

/**
 * The threshold of a picture: a hundredth of the median over its points of the larger |eigenvalue|. A median,
 * because the loss may be curved a billion times as strongly at the rim as in the middle. 0 without points.
 */
export function flatness(hessians: Iterable<Hessian>): number {
  const sizes: number[] = [];
  for (const hessian of hessians) {
    const size = Math.max(...eigenvalues(hessian).map(Math.abs));
    if (Number.isFinite(size)) sizes.push(size);
  }
  return sizes.length === 0 ? 0 : FLAT_SHARE * median(sizes);
}

/** The middle one of numbers that are put in order here. */
function median(values: number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[(sorted.length - 1) >> 1]!;
}
