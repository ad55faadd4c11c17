/** Recipes of the stages that jets alone have. */
import type { Dataset, LossName } from '../../../model/data.js';
import type { Order } from '../../../model/jet.js';
import type { Address, Extent } from '../arena.js';
import { affineRecipe, lossRecipe } from '../dispatch.js';
import { multiplyRecipe, poolRecipe } from '../elementwise.js';
import { LANE } from '../pack.js';
import type { MultiplyStep, PointwiseStep, PoolStep } from '../program.js';
import {
  flatWorkgroups,
  isFixed,
  packer,
  productAt,
  residualOf,
  type Place,
  type Recipe,
} from '../recipe.js';
import { jetPointwiseShape, LOSS_BLOCK } from '../stages.js';

/** Vectors of four samples that an invocation of jet_pointwise computes; renderers on the CPU pay dearly for every division. */
const COLUMNS = { gpu: 4, cpu: 16 } as const;

/** Where a stage's input comes from, as jet_pointwise.wgsl's `INPUT`. */
const INPUT = { jet: 0, products: 1, first: 2 } as const;

export function jetAffineRecipe(place: Place, order: Order): Recipe {
  return { ...affineRecipe(place), stage: 'jet_affine', constants: { ORDER: order } };
}

/** An element-wise step, after a product or not. */
export function jetPointwiseRecipe(place: Place, step: PointwiseStep, order: Order): Recipe {
  const { arena, program } = place;
  const { plane, channel, scale, slope, activation } = step;
  const layer = productAt(place, step.source);
  const each = place.kernels === 'direct' ? COLUMNS.cpu : COLUMNS.gpu;
  const isFirst = layer?.products === true;
  const residual = residualOf(place, step);
  const count = program.sizes[step.output]!;
  const output = arena.output(step);
  const [factor, offset] = scale ?? [1, 0];
  const rows = program.rows[step.output]!;
  const section = isFirst ? program.rows[layer.output]! * arena.columns : 0;
  const source = isFirst ? null : arena.source(step.source);
  const address = (e: Extent): Address =>
    source ? source.address(e) : { first: e.firstColumn, row: arena.columns, point: 0 };
  return {
    stage: 'jet_pointwise',
    constants: {
      ORDER: order,
      COLUMNS: each,
      INPUT: layer ? (isFirst ? INPUT.first : INPUT.products) : INPUT.jet,
      STILL: isFixed(place, step.source) ? 1 : 0,
      RESIDUAL: residual.constant,
      RESIDUAL_STILL: isFixed(place, step.residual) ? 1 : 0,
      AFFINE: channel === null ? 0 : 1,
      SCALE: scale === null ? 0 : 1,
      ACTIVATE: activation === 'identity' ? 0 : 1,
    },
    choices: { activation, slope: activation, bend: activation },
    buffers: [
      arena.points,
      arena.affine,
      source?.buffer ?? arena.productsOf(layer!),
      residual.buffer,
      output,
    ],
    pack: packer(jetPointwiseShape, (e) => {
      const { first, row, point } = address(e);
      return {
        count,
        rows,
        columns: e.columns,
        plane,
        source_first: first,
        source_row: row,
        source_point: point,
        section,
        ...residual.fields(e),
        channel: channel ?? 0,
        channels: program.channelCount,
        slope,
        factor,
        offset,
      };
    }),
    workgroups: (e) => flatWorkgroups(count, Math.ceil(e.columns / each), e.points),
  };
}

export function jetMultiplyRecipe(place: Place, step: MultiplyStep, order: Order): Recipe {
  const constants = {
    ORDER: order,
    STILL: isFixed(place, step.source) ? 1 : 0,
    RESIDUAL_STILL: isFixed(place, step.residual) ? 1 : 0,
  };
  return { ...multiplyRecipe(place, step), stage: 'jet_multiply', constants };
}

export function jetPoolRecipe(place: Place, step: PoolStep, order: Order): Recipe {
  return { ...poolRecipe(place, step), stage: 'jet_pool', constants: { ORDER: order } };
}

/** Derivatives of the losses, summed block by block. */
export function jetLossRecipe(place: Place, loss: LossName, data: Dataset, order: Order): Recipe {
  const { constants, ...recipe } = lossRecipe(place, loss, data);
  return {
    ...recipe,
    stage: 'jet_loss',
    constants: { ...constants, ORDER: order },
    workgroups: (e) => [Math.ceil((e.columns * LANE) / LOSS_BLOCK), e.points, 1],
  };
}
