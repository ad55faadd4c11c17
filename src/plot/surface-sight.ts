/** What of a surface the viewer sees, and what stands in front of the rest. */
import { boxHeight, type Camera } from './camera.js';

/** Rays move so many cells at a time: what is narrower than that is seen through. */
const STRIDE = 0.5;
/** So far above the surface a place on it is taken to lie, in heights of the box: a slope does not hide itself. */
const CLEARANCE = 0.01;

/**
 * Whether a place in the box is hidden behind the surface: its ray to the viewer, who is infinitely far away, passes
 * below it. `u`, `v` and `unit` are places 0 … 1 along the axes and the scale, `heightAt` is the surface's there; holes
 * (NaN) hide nothing. `cells` is the number of cells along the longer axis.
 */
export function isHidden(
  { forward }: Pick<Camera, 'forward'>,
  heightAt: (u: number, v: number) => number,
  cells: number,
  [u, v, unit]: readonly [u: number, v: number, unit: number],
): boolean {
  // The box is 2 wide and `boxHeight` high.
  const [du, dv, dz] = [-forward[0] / 2, -forward[1] / 2, -forward[2] / boxHeight];
  const along = Math.max(Math.abs(du), Math.abs(dv));
  // Straight from above everything is seen.
  if (along < 1e-9) return false;
  const step = STRIDE / (along * Math.max(1, cells));
  for (let t = step; ; t += step) {
    const [x, y, z] = [u + t * du, v + t * dv, unit + CLEARANCE + t * dz];
    if (x < 0 || x > 1 || y < 0 || y > 1 || z > 1) return false;
    if (heightAt(x, y) > z) return true;
  }
}
