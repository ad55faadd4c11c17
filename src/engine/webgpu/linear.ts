/** Recipes of dense layers and convolutions: the tiled product, and the combination of three products. */
import type { Extent, Source } from './arena.js';
import { LANE, padTo } from './pack.js';
import type { LinearStep } from './program.js';
import {
  flatWorkgroups,
  packer,
  residualOf,
  windowFields,
  type Place,
  type Recipe,
  type Tiling,
} from './recipe.js';
import {
  COMBINE_POINTS,
  combineShape,
  DEPTH,
  DIRECT_SAMPLE_LANES,
  formShape,
  DIRECT_OUTPUT_LANES,
  linearShape,
  OCTET,
  outputLanes,
  OUTPUTS_EACH,
  POINT_LANES,
  SAMPLE_LANES,
} from './stages.js';

/**
 * Sample lanes and points of a workgroup, the points a divisor of `POINT_LANES`: 256 invocations and 16 KiB of workgroup
 * memory for 64 outputs, then less of it, then half the invocations.
 */
export const LINEAR_TILES: readonly (readonly [sampleLanes: number, pointLanes: number])[] = [
  [SAMPLE_LANES, POINT_LANES],
  [16, 2],
  [32, 1],
  [8, 2],
];

/** Where a product reads and writes. */
export interface Ends {
  readonly source: Source;
  readonly output: GPUBuffer;
  /** Of a point in the output. */
  readonly rows: number;
  /** What is computed once, at three pseudo-points or at the centre, and not at every point. */
  readonly once: 'products' | 'centre' | null;
}

function endsOf({ arena, program }: Place, step: LinearStep, epilogue: boolean): Ends {
  const once = !epilogue ? 'products' : arena.isFixed(step) ? 'centre' : null;
  return {
    source: arena.source(step.source),
    output: epilogue ? arena.output(step) : arena.productsOf(step),
    rows: program.rows[step.output]!,
    once,
  };
}

/**
 * A dense layer or convolution with its epilogue, or bare: then its output is the three products xW, xD1
 * and xD2, as the layer at three pseudo-points.
 *
 * @param weights W, D1 and D2, or the arena's formed weights
 */
export function linearRecipe(
  place: Place,
  step: LinearStep,
  weights: GPUBuffer,
  epilogue: boolean,
  ends: Ends = endsOf(place, step, epilogue),
): Recipe {
  const { arena, program } = place;
  const { inputs, outputs, groups, windows, channel, slope } = step;
  const lanes = outputLanes(outputs);
  const tile = lanes * OUTPUTS_EACH;
  const { source } = ends;
  const residual = residualOf(place, epilogue ? step : { residual: null });
  const outPixels = windows.output[0] * windows.output[1];
  const octets = (vectors: number): number => vectors / (OCTET / LANE);
  const sizes = {
    inputs,
    outputs,
    groups,
    depth: padTo(inputs, DEPTH),
    slabs: padTo(outputs, tile) / LANE,
    rows: ends.rows / outPixels,
    out_pixels: outPixels,
    out_width: windows.output[1],
    ...windowFields(windows),
    channel,
    channels: program.channelCount,
    slope,
  };
  const shared = { EPILOGUE: epilogue ? 1 : 0, RESIDUAL: residual.constant };
  const points = (e: Extent): number => (ends.once === 'products' ? 3 : e.points);
  const pairs = groups * Math.ceil(outputs / OUTPUTS_EACH);
  const outputLanesHere = Math.min(pairs, DIRECT_OUTPUT_LANES);
  const direct = {
    stage: 'direct',
    constants: { ...shared, FORMED: weights === arena.formed ? 1 : 0, OUTPUT_LANES: outputLanesHere },
    workgroups: (e) => [
      Math.ceil((Math.ceil(octets(e.columns) / 2) * outPixels) / DIRECT_SAMPLE_LANES),
      Math.ceil(pairs / outputLanesHere),
      points(e),
    ],
  } satisfies Partial<Recipe>;
  const tiled = (sampleLanes: number, pointLanes: number): Tiling => ({
    constants: {
      ...shared,
      SAMPLE_LANES: sampleLanes,
      OUTPUT_LANES: lanes,
      POINT_LANES: pointLanes,
      DEPTH,
      GROUPED: groups > 1 ? 1 : 0,
    },
    workgroups: (e) => [
      Math.ceil((octets(e.columns) * outPixels) / sampleLanes),
      groups * Math.ceil(outputs / tile),
      Math.ceil(points(e) / pointLanes),
    ],
  });
  // What runs once must not write padding points.
  const [first, ...others] = LINEAR_TILES.map((each) => tiled(...each));
  const tilings = ends.once ? tiled(SAMPLE_LANES, 1) : { ...first!, others };
  return {
    ...(place.kernels === 'direct' ? direct : { stage: 'linear', ...tilings }),
    choices: { activation: epilogue ? step.activation : 'identity' },
    buffers: [arena.points, weights, arena.affine, source.buffer, residual.buffer, ends.output],
    pack: packer(linearShape, (e) => {
      const from = source.address(e);
      const other = residual.fields(e);
      return {
        ...sizes,
        octets: octets(e.columns),
        columns: octets(e.columns) * outPixels,
        source_first: octets(from.first),
        source_row: octets(from.row),
        source_point: octets(from.point),
        residual_first: octets(other.residual_first),
        residual_row: octets(other.residual_row),
        residual_point: octets(other.residual_point),
      };
    }),
  };
}

/** A layer's products alone. */
export function bare(recipe: Recipe): Recipe {
  const without = (tiling: Tiling): Tiling => ({
    ...tiling,
    constants: { ...tiling.constants, EPILOGUE: 0 },
  });
  return {
    ...recipe,
    ...without(recipe),
    ...(recipe.others && { others: recipe.others.map(without) }),
  };
}

/** The weights of a layer at each point, `count` of them, for its product without workgroup memory. */
export function formRecipe({ arena }: Place, weights: GPUBuffer, count: number): Recipe {
  const section = count / LANE;
  return {
    stage: 'form',
    constants: {},
    choices: {},
    buffers: [arena.points, weights, arena.formed],
    pack: packer(formShape, () => ({ section })),
    workgroups: (e) => [Math.ceil(section / 64), e.points, 1],
  };
}

/** First perturbed layer from its three products. */
export function combineRecipe(place: Place, step: LinearStep): Recipe {
  const { arena, program } = place;
  const residual = residualOf(place, step);
  const plane = step.windows.output[0] * step.windows.output[1];
  const rows = program.rows[step.output]!;
  const sizes = {
    count: program.sizes[step.output]!,
    rows,
    plane,
    products_row: arena.columns,
    products_section: rows * arena.columns,
    channel: step.channel,
    channels: program.channelCount,
    slope: step.slope,
  };
  return {
    stage: 'combine',
    constants: { RESIDUAL: residual.constant },
    choices: { activation: step.activation },
    buffers: [arena.points, arena.productsOf(step), arena.affine, residual.buffer, arena.output(step)],
    pack: packer(combineShape, (e) => ({
      ...sizes,
      columns: e.columns,
      points: e.points,
      products_first: e.firstColumn,
      ...residual.fields(e),
    })),
    workgroups: (e) => flatWorkgroups(sizes.count, e.columns, Math.ceil(e.points / COMBINE_POINTS)),
  };
}
