import type { Direction } from '../engine/engine.js';
import type { Model } from '../model/graph.js';
import { type BiasPolicy, cosine, drawDirection, type Normalise, orthogonalise } from './directions.js';

/** How a plane through the centre was made; enough to make it again from the same model. */
export type PlaneRecipe =
  | {
      readonly kind: 'random';
      readonly seed: number;
      readonly normalise: Normalise;
      readonly bias: BiasPolicy;
      readonly states: boolean;
      /** d2 made orthogonal to d1 after the draw, its norms kept. */
      readonly orthogonal: boolean;
    }
  | {
      readonly kind: 'files';
      readonly names: readonly [string, string];
    };

/** Two directions and the cosine of the angle between them, which is always shown. */
export interface Plane {
  readonly d1: Direction;
  readonly d2: Direction;
  readonly cosine: number;
  readonly recipe: PlaneRecipe;
}

/** Directions with a cosine above this make a picture that is visibly skewed; the page says so. */
export const SKEWED_COSINE = 0.2;

/** The plane of two random directions. Throws as `drawDirection` and `orthogonalise` do. */
export function randomPlane(model: Model, recipe: Omit<PlaneRecipe & { kind: 'random' }, 'kind'>): Plane {
  const d1 = drawDirection(model, { ...recipe, index: 0 });
  const drawn = drawDirection(model, { ...recipe, index: 1 });
  const d2 = recipe.orthogonal ? orthogonalise(model, d1, drawn, recipe) : drawn;
  return { d1, d2, cosine: cosine(d1, d2), recipe: { kind: 'random', ...recipe } };
}

/** The plane of two given directions, e.g. read from the files of these names. */
export function planeOf(d1: Direction, d2: Direction, names: readonly [string, string]): Plane {
  return { d1, d2, cosine: cosine(d1, d2), recipe: { kind: 'files', names } };
}
