/**
 * Derivatives along the plane as a pass: a value's jet takes up lanes, and a layer's product multiplies each lane with
 * weights of its own, in the kernels that compute losses, as if lanes were points. The products are recombined
 * element by element (shaders/jet_pointwise.wgsl): nine with second derivatives, as Karatsuba multiplies polynomials, five
 * with first ones alone.
 */
import type { Order } from '../../../model/jet.js';
import type { Extent } from '../arena.js';
import { gatherRecipe, meanRecipe, poolRecipe } from '../elementwise.js';
import { bare, formRecipe, linearRecipe } from '../linear.js';
import { familyOf, type Lane, type Pass } from '../pass.js';
import { weightCount } from '../pack.js';
import type { Step } from '../program.js';
import type { Place, Recipe, Tiling, Uploader } from '../recipe.js';
import {
  jetAffineRecipe,
  jetLossRecipe,
  jetMultiplyRecipe,
  jetPointwiseRecipe,
  jetPoolRecipe,
} from './recipes.js';
import { jetProgram } from './program.js';

const W: Lane = [1, 0, 0];
const D1: Lane = [0, 1, 0];
const D2: Lane = [0, 0, 1];

/** Weights that each lane is multiplied with; shaders/shared/jet.wgsl says what the lanes are. */
const lanes: Readonly<Record<Order, readonly Lane[]>> = {
  1: [W, W, W, D1, D2],
  2: [W, W, W, W, D1, D2, [1, 1, 0], [1, 0, 1], [0, 1, 1]],
};

/** Lanes that a constant belongs to, which has no derivatives; one bit each. */
const CONSTANT: Readonly<Record<Order, number>> = { 1: 0b11001, 2: 0b11000001 };

/** Beside losses, derivatives make do with a quarter of the memory. */
const HALVINGS = 2;

/** Bytes of five sums and a flag. */
export const JET_PARTIAL = 32;

export function jetPass(order: Order): Pass {
  const count = lanes[order].length;
  return {
    lanes: lanes[order],
    halvings: HALVINGS,
    partial: JET_PARTIAL,
    winograd: false,
    family: familyOf,
    program: jetProgram,
    recipes(place, problem, weights) {
      const steps = place.program.steps.flatMap((step) => stepRecipes(place, step, order, count, weights));
      return [
        jetAffineRecipe(place, order),
        ...steps,
        jetLossRecipe(place, problem.loss, problem.data, order),
      ];
    },
  };
}

function stepRecipes(place: Place, step: Step, order: Order, count: number, weights: Uploader): Recipe[] {
  const wide = (recipe: Recipe): Recipe => overLanes(recipe, count);
  switch (step.kind) {
    case 'linear':
      if (step.products) return [];
      if (place.kernels !== 'direct') return [wide(bare(linearRecipe(place, step, weights(step), true)))];
      return [
        wide(formRecipe(place, weights(step), weightCount(step))),
        wide(bare(linearRecipe(place, step, place.arena.formed, true))),
      ];
    case 'pointwise':
      return [jetPointwiseRecipe(place, step, order)];
    case 'pool':
      return [step.node.mode === 'max' ? jetPoolRecipe(place, step, order) : wide(poolRecipe(place, step))];
    case 'mean':
      return [wide(meanRecipe(place, step))];
    case 'gather':
      return [
        {
          ...wide(gatherRecipe(place, step)),
          constants: { LANES: count, FILLED: CONSTANT[order] },
        },
      ];
    case 'multiply':
      return [jetMultiplyRecipe(place, step, order)];
    case 'chain':
      throw new TypeError(`${step.name}: a chain has no jets`);
  }
}

/** The recipe with every lane in the place of a point. */
function overLanes(recipe: Recipe, count: number): Recipe {
  const widened = (e: Extent): Extent => ({ ...e, points: count * e.points });
  const over = (tiling: Tiling): Tiling => ({
    ...tiling,
    workgroups: (e) => tiling.workgroups(widened(e)),
  });
  return {
    ...recipe,
    ...over(recipe),
    ...(recipe.others && { others: recipe.others.map(over) }),
    pack: (e, view, offset) => recipe.pack(widened(e), view, offset),
  };
}
