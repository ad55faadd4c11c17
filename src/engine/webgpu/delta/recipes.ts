/** Recipes of the stages that differences alone have. */
import type { Problem } from '../../engine.js';
import type { Extent } from '../arena.js';
import { LANE } from '../pack.js';
import { named } from '../elementwise.js';
import type { MultiplyStep, PointwiseStep, PoolStep } from '../program.js';
import {
  flatOf,
  flatWorkgroups,
  isFixed,
  packer,
  productAt,
  residualOf,
  windowFields,
  type Place,
  type Recipe,
} from '../recipe.js';
import {
  DELTA_POINTS,
  deltaLossShape,
  deltaMultiplyShape,
  deltaPointwiseShape,
  deltaPoolShape,
} from '../delta-stages.js';
import { LOSS_BLOCK, losses } from '../stages.js';
import { arraysOf, type Block } from './keeps.js';
import type { CentrePlace } from './pass.js';

/** An element-wise step, after a product or not. */
export function deltaPointwiseRecipe(place: Place, centre: CentrePlace, step: PointwiseStep): Recipe {
  const { arena, program } = place;
  const { plane, channel, scale, slope, activation } = step;
  const keep = centre.keeps.steps.get(step.output);
  const isStill = isFixed(place, step.source);
  const hasSecond = keep !== undefined && keep.layer !== null && productAt(place, step.source) !== undefined;
  const residual = residualOf(place, isFixed(place, step.residual) ? { residual: null } : step);
  const places = keep && arraysOf(keep);
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
      RESCALED: keep !== undefined && keep.norm !== null ? 1 : 0,
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
        points: e.points,
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
        kept: first + (places?.activation ?? 0) * section,
        second: first,
        norm: first + (places?.norm ?? 0) * section,
        factor: scale?.[0] ?? 1,
        slope,
      };
    }),
    workgroups: (e) => flatWorkgroups(count, e.columns, Math.ceil(e.points / DELTA_POINTS)),
  };
}

/** Where a stage finds the arrays of a block. */
function centreFields(centre: CentrePlace, { first, rows }: Block, e: Extent) {
  return {
    centre_first: centre.columnOf(e),
    centre_row: centre.columns,
    section: rows * centre.columns,
    kept: first * centre.columns,
  };
}

/** Maxima, whose winner may change on the way. */
export function deltaPoolRecipe(place: Place, centre: CentrePlace, step: PoolStep): Recipe {
  const { windows } = step;
  const { buffers, fields, workgroups } = flatOf(place, step, place.program.sizes[step.output]!);
  const [source, output] = buffers;
  const keep = centre.keeps.pools.get(step.output)!;
  return {
    stage: 'delta_pool',
    constants: {},
    choices: {},
    buffers: [centre.offsets, source, centre.buffer, output],
    pack: packer(deltaPoolShape, (e) => ({
      ...fields(e),
      ...windowFields(windows),
      ...centreFields(centre, keep, e),
      out_height: windows.output[0],
      out_width: windows.output[1],
    })),
    workgroups,
  };
}

/** The product of two values. */
export function deltaMultiplyRecipe(place: Place, centre: CentrePlace, step: MultiplyStep): Recipe {
  const residual = residualOf(place, step);
  const { buffers, fields, workgroups } = flatOf(place, step, place.program.sizes[step.output]!);
  const [source, output] = buffers;
  const [one, other] = centre.keeps.factors.get(step.output)!;
  return {
    stage: 'delta_multiply',
    constants: {},
    choices: {},
    buffers: [centre.offsets, source, residual.buffer, centre.buffer, output],
    pack: packer(deltaMultiplyShape, (e) => ({
      ...fields(e),
      ...residual.fields(e),
      ...centreFields(centre, one, e),
      ...named('size', step.size),
      ...named('one', step.sourceStride),
      ...named('other', step.residualStride),
      other_kept: other.first * centre.columns,
      other_section: other.rows * centre.columns,
    })),
    workgroups,
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
      ...centreFields(centre, centre.keeps.loss, e),
    })),
    workgroups: (e) => [blocks(e), e.points, 1],
  };
}
