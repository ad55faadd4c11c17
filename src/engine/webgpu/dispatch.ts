/** How each kind of step becomes a dispatch: its stage, buffers, uniform struct and workgroups. */
import type { Dataset, LossName } from '../../model/data.js';
import type { Problem } from '../engine.js';
import type { Extent } from './arena.js';
import { chainRecipe } from './chain.js';
import { gatherRecipe, meanRecipe, multiplyRecipe, pointwiseRecipe, poolRecipe } from './elementwise.js';
import { combineRecipe, linearRecipe } from './linear.js';
import { LANE } from './pack.js';
import type { LinearStep, Step } from './program.js';
import { packer, type Place, type Recipe } from './recipe.js';
import { affineShape, LOSS_BLOCK, LOSS_POINTS, losses, lossShape } from './stages.js';

/** Bits of a NaN, which WGSL cannot spell. */
const NAN_BITS = 0x7fc00000;

/** A step at every point of the extent; fixed ones once, at the first point. */
export function stepRecipe(
  place: Place,
  step: Step,
  problem: Problem,
  weights: (step: LinearStep) => GPUBuffer,
): Recipe {
  switch (step.kind) {
    case 'chain':
      return chainRecipe(place, step, problem);
    case 'linear':
      return step.products ? combineRecipe(place, step) : linearRecipe(place, step, weights(step), true);
    case 'pointwise':
      return pointwiseRecipe(place, step);
    case 'pool':
      return poolRecipe(place, step);
    case 'mean':
      return meanRecipe(place, step);
    case 'gather':
      return gatherRecipe(place, step);
    case 'multiply':
      return multiplyRecipe(place, step);
  }
}

/** Scales and shifts of all channels at every point. */
export function affineRecipe(place: Place): Recipe {
  const { points, channels, affine } = place.arena;
  const count = place.program.channelCount;
  return {
    stage: 'affine',
    constants: {},
    choices: {},
    buffers: [points, channels, affine],
    pack: packer(affineShape, () => ({ channels: count, nan_bits: NAN_BITS })),
    workgroups: (e) => [Math.ceil(count / 64), e.points, 1],
  };
}

/** Per-sample losses, summed block by block. */
export function lossRecipe(place: Place, loss: LossName, { labels }: Dataset): Recipe {
  const { arena, program } = place;
  const { buffer } = arena.source(program.logits);
  const blocks = (e: Extent): number => Math.ceil((e.columns * LANE) / LOSS_BLOCK);
  return {
    stage: place.kernels === 'direct' ? 'loss_direct' : 'loss',
    constants: { LOSS: losses.indexOf(loss), LABELS: labels ? 1 : 0 },
    choices: {},
    buffers: [buffer, arena.truth, arena.partials],
    pack: packer(lossShape, (e) => ({
      points: e.points,
      outputs: program.sizes[program.logits]!,
      rows: program.rows[program.logits]!,
      columns: e.columns,
      blocks: blocks(e),
      truth_first: e.firstColumn,
      truth_row: arena.columns,
      start: e.start,
      end: e.end,
    })),
    workgroups: (e) => [
      blocks(e),
      place.kernels === 'direct' ? Math.ceil(e.points / LOSS_POINTS) : e.points,
      1,
    ],
  };
}
