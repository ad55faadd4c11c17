/** Recipes of the stages that differences alone have. */
import type { Problem } from '../../engine.js';
import type { Extent } from '../arena.js';
import { LANE } from '../pack.js';
import type { PointwiseStep } from '../program.js';
import {
  flatWorkgroups,
  isFixed,
  packer,
  productAt,
  residualOf,
  type Place,
  type Recipe,
} from '../recipe.js';
import { deltaLossShape, deltaPointwiseShape, LOSS_BLOCK, losses } from '../stages.js';
import { LAYER_ARRAYS } from './keeps.js';
import type { CentrePlace } from './pass.js';

/** An element-wise step, after a product or not. */
export function deltaPointwiseRecipe(place: Place, centre: CentrePlace, step: PointwiseStep): Recipe {
  const { arena, program } = place;
  const { plane, channel, scale, slope, activation } = step;
  const keep = centre.keeps.steps.get(step.output);
  const isStill = isFixed(place, step.source);
  const hasSecond = keep !== undefined && keep.layer !== null && productAt(place, step.source) !== undefined;
  const residual = residualOf(place, isFixed(place, step.residual) ? { residual: null } : step);
  const isActive = keep !== undefined && keep.input !== null;
  const count = program.sizes[step.output]!;
  const source = arena.source(step.source);
  const first = (keep?.first ?? 0) * centre.columns;
  const section = count * centre.columns;
  return {
    stage: 'delta_pointwise',
    constants: {
      STILL: isStill ? 1 : 0,
      SECOND: hasSecond ? 1 : 0,
      RESIDUAL: residual.constant,
      AFFINE: channel === null ? 0 : 1,
      NEEDS: keep?.needs.length ?? 0,
      ACTIVATE: isActive ? 1 : 0,
    },
    choices: { remainder: isActive ? activation : 'identity' },
    buffers: [
      centre.offsets,
      arena.affine,
      isStill ? arena.nothing : source.buffer,
      residual.buffer,
      centre.buffer,
      arena.output(step),
    ],
    pack: packer(deltaPointwiseShape, (e) => {
      const from = source.address(e);
      return {
        count,
        rows: program.rows[step.output]!,
        columns: e.columns,
        plane,
        source_first: from.first,
        source_row: from.row,
        source_point: from.point,
        ...residual.fields(e),
        channel: channel ?? 0,
        channels: program.channelCount,
        centre_first: centre.columnOf(e),
        centre_row: centre.columns,
        section,
        kept: first + (keep?.layer == null ? 0 : LAYER_ARRAYS * section),
        second: first,
        factor: scale?.[0] ?? 1,
        slope,
      };
    }),
    workgroups: (e) => flatWorkgroups(count, e.columns, e.points),
  };
}

/** Differences of the losses beyond their linear part, summed block by block. */
export function deltaLossRecipe(place: Place, centre: CentrePlace, { loss }: Problem): Recipe {
  const { arena, program } = place;
  const outputs = program.sizes[program.logits]!;
  const blocks = (e: Extent): number => Math.ceil((e.columns * LANE) / LOSS_BLOCK);
  return {
    stage: 'delta_loss',
    constants: { LOSS: losses.indexOf(loss) },
    choices: {},
    buffers: [
      centre.offsets,
      arena.source(program.logits).buffer,
      arena.truth,
      centre.buffer,
      arena.partials,
    ],
    pack: packer(deltaLossShape, (e) => ({
      outputs,
      rows: program.rows[program.logits]!,
      columns: e.columns,
      blocks: blocks(e),
      truth_first: e.firstColumn,
      start: e.start,
      end: e.end,
      centre_first: centre.columnOf(e),
      centre_row: centre.columns,
      section: outputs * centre.columns,
      kept: centre.keeps.loss.first * centre.columns,
    })),
    workgroups: (e) => [blocks(e), e.points, 1],
  };
}
