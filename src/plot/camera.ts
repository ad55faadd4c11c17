/**
 * The camera of the 3-D surface: orthographic, so that equal heights stay comparable from back to front.
 *
 * The box stands with α along x and β along y from −1 to 1 and the scale's places 0 … 1 along z from 0 to
 * `boxHeight`. This module alone needs wgpu-matrix; import it lazily.
 */
import { mat4d, vec3d } from 'wgpu-matrix';
import type { Rect } from './geometry.js';

/** Where the viewer stands. */
export interface CameraAngles {
  /** Radians around the vertical axis; 0 looks along +β, growing counter-clockwise seen from above. */
  readonly azimuth: number;
  /** Radians above the floor, 0 … π/2. */
  readonly elevation: number;
}

/** From the front left, a third of the way up. */
export const defaultAngles: CameraAngles = { azimuth: -0.65, elevation: 0.62 };

/** Height of the box, its floor being 2 × 2. */
export const boxHeight = 1.1;

export interface Camera {
  /** Picture coordinates of a place in the box: x, y, and depth, larger being farther away. */
  project(x: number, y: number, z: number): readonly [x: number, y: number, depth: number];
  /** Unit vector from the viewer into the box. */
  readonly forward: readonly [x: number, y: number, z: number];
}

/** Half the box's extent: what fits at one angle fits at all, so turning never rescales. */
const reach = { across: Math.SQRT2, along: Math.hypot(1, 1, boxHeight / 2) };

/** A camera that shows the whole box, turned anyhow, inside `area` less `margin` on each side. */
export function makeCamera({ azimuth, elevation }: CameraAngles, area: Rect, margin: number): Camera {
  const forward = [
    -Math.sin(azimuth) * Math.cos(elevation),
    Math.cos(azimuth) * Math.cos(elevation),
    -Math.sin(elevation),
  ] as const;
  const middle = vec3d.fromValues(0, 0, boxHeight / 2);
  const eye = vec3d.addScaled(middle, [...forward], -2 * reach.along);
  // Seen from straight above, the vertical axis is no use as "up": take the direction ahead on the floor.
  const up = [
    -Math.sin(azimuth) * Math.sin(elevation),
    Math.cos(azimuth) * Math.sin(elevation),
    Math.cos(elevation),
  ];
  const view = mat4d.lookAt(eye, middle, up);
  const fits = (length: number, half: number): number => Math.max(1, length - 2 * margin) / (2 * half);
  const scale = Math.min(fits(area.width, reach.across), fits(area.height, reach.along));
  const [left, top] = [area.x + area.width / 2, area.y + area.height / 2];
  return {
    forward,
    project(x, y, z) {
      const p = vec3d.transformMat4([x, y, z], view);
      return [left + p[0]! * scale, top - p[1]! * scale, -p[2]!];
    },
  };
}
