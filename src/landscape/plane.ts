import type { Direction } from '../engine/engine.js';
import type { Model } from '../model/graph.js';
import { type BiasPolicy, cosine, drawDirection, type Normalise, orthogonalise } from './directions.js';

/** How a random plane through the centre is made: with the model, all that determines it. */
export interface PlaneRecipe {
  readonly seed: number;
  readonly normalise: Normalise;
  readonly bias: BiasPolicy;
  readonly states: boolean;
  /** d2 made orthogonal to d1 after the draw, its norms kept. */
  readonly orthogonal: boolean;
}

/** Two directions and the cosine of the angle between them, which is always shown. */
export interface Plane {
  readonly d1: Direction;
  readonly d2: Direction;
  readonly cosine: number;
}

/** The plane of two random directions. Throws as `drawDirection` and `orthogonalise` do. */
export function randomPlane(model: Model, recipe: PlaneRecipe): Plane {
  const d1 = drawDirection(model, { ...recipe, index: 0 });
  const drawn = drawDirection(model, { ...recipe, index: 1 });
  const d2 = recipe.orthogonal ? orthogonalise(model, d1, drawn, recipe) : drawn;
  return { d1, d2, cosine: cosine(d1, d2) };
}
