/** What a network computes at each point: the losses, or something else that the same layers lead to. */
import type { Problem } from '../engine.js';
import { chained } from './chain.js';
import { affineRecipe, lossRecipe, stepRecipe } from './dispatch.js';
import { isFormed, type Slice } from './plan.js';
import { outputLanes } from './stages.js';
import type { Program } from './program.js';
import type { Kernels, Place, Recipe, Uploader } from './recipe.js';
import { layerRecipes, tileableInputs } from './winograd.js';

/** Coordinates c·(1, α, β) + (0, a, b) of one weighted sum of W, D1 and D2. */
export type Lane = readonly [c: 0 | 1, a: 0 | 1, b: 0 | 1];

export interface Pass {
  /** What a point takes up: one place each in the buffers of points, of values and of formed weights. */
  readonly lanes: readonly Lane[];
  /** How often the memory budget is halved from the start, where values have room then. */
  readonly halvings: number;
  /** Bytes of the partial sums of a block of samples at one point. */
  readonly partial: number;
  /** Writes what its own stages read of a slice's points, before it is submitted. */
  prepare?(queue: GPUQueue, slice: Slice): void;
  /** Whether convolutions may go as Winograd's tiles. */
  readonly winograd: boolean;
  /** What a tiling is chosen for and remembered under. */
  family(program: Program, kernels: Kernels): string;
  /** The steps at every point, from those of the layers. */
  program(layers: Program, kernels: Kernels): Program;
  /** The dispatches of a slice; `winograd` where convolutions go as tiles. */
  recipes(place: Place, problem: Problem, weights: Uploader, winograd: boolean): readonly Recipe[];
}

/** Σℓ, Σℓ², hits and flags. */
export const lossPass: Pass = {
  lanes: [[1, 0, 0]],
  halvings: 0,
  partial: 16,
  winograd: true,
  family(program, kernels) {
    const inputs = tileableInputs(program);
    return inputs === 0 ? familyOf(program, kernels) : `${familyOf(program, kernels)}, 3×3 of ${inputs}`;
  },
  program: (layers, kernels) => (kernels === 'chain' && chained(layers)) || layers,
  recipes(place, problem, weights, winograd) {
    const { program } = place;
    const recipes = [affineRecipe(place)];
    for (const step of program.steps) {
      if (isFormed(step)) recipes.push(...layerRecipes(place, step, weights, winograd));
      else recipes.push(stepRecipe(place, step, problem, weights));
    }
    return [...recipes, lossRecipe(place, problem.loss, problem.data)];
  },
};

/** Chains are told apart by their width, which decides how a workgroup is divided. */
export function familyOf({ steps }: Program, kernels: Kernels): string {
  const [first] = steps;
  if (first?.kind !== 'chain') return kernels === 'direct' ? 'direct' : 'tiled';
  return `chain ${outputLanes(Math.max(...first.layers.map(({ outputs }) => outputs)))}`;
}
