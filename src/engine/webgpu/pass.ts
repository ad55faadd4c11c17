/** What a network computes at each point: the losses, or something else that the same layers lead to. */
import type { Problem } from '../engine.js';
import { chained } from './chain.js';
import { affineRecipe, lossRecipe, stepRecipe } from './dispatch.js';
import { formRecipe, linearRecipe } from './linear.js';
import { isFormed, type Slice } from './plan.js';
import type { LinearStep, Program } from './program.js';
import type { Kernels, Place, Recipe } from './recipe.js';

/** Coordinates c·(1, α, β) + (0, a, b) of one weighted sum of W, D1 and D2. */
export type Lane = readonly [c: 0 | 1, a: 0 | 1, b: 0 | 1];

export interface Pass {
  /** What a point takes up: one place each in the buffers of points, of values and of formed weights. */
  readonly lanes: readonly Lane[];
  /** How often the memory budget is halved from the start. */
  readonly halvings: number;
  /** Bytes of the partial sums of a block of samples at one point. */
  readonly partial: number;
  /** Writes what its own stages read of a slice's points, before it is submitted. */
  prepare?(queue: GPUQueue, slice: Slice): void;
  /** The steps at every point, from those of the layers. */
  program(layers: Program, kernels: Kernels): Program;
  /** The dispatches of a slice. */
  recipes(place: Place, problem: Problem, weights: (step: LinearStep) => GPUBuffer): readonly Recipe[];
}

/** Σℓ, Σℓ², hits and flags. */
export const lossPass: Pass = {
  lanes: [[1, 0, 0]],
  halvings: 0,
  partial: 16,
  program: (layers, kernels) => (kernels === 'chain' && chained(layers)) || layers,
  recipes(place, problem, weights) {
    const { program, arena, kernels } = place;
    const recipes = [affineRecipe(place)];
    for (const step of program.steps) {
      if (kernels === 'direct' && isFormed(step)) {
        recipes.push(formRecipe(place, step, weights(step)), linearRecipe(place, step, arena.formed, true));
      } else recipes.push(stepRecipe(place, step, problem, weights));
    }
    return [...recipes, lossRecipe(place, problem.loss, problem.data)];
  },
};
