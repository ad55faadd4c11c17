/**
 * Winograd's F(2×2, 3×3) on the GPU (Lavin and Gray, arXiv 1509.09308): 16 products in the place of 36, between transforms
 * that add only. It is one more tiling, which measuring chooses where it wins. The products are those of a convolution 1×1
 * with a group of channels for each element of a tile, by the kernels of all layers; the filter transform is linear, so W,
 * D1 and D2 are transformed once and combined at every point.
 */
import { TILE, transformFilter } from '../../math/winograd.js';
import type { Source } from './arena.js';
import { formRecipe, LINEAR_TILES, linearRecipe } from './linear.js';
import { weightCount } from './pack.js';
import type { Capacity } from './plan.js';
import type { LinearStep, Program } from './program.js';
import {
  flatWorkgroups,
  packer,
  residualOf,
  type Kernels,
  type Place,
  type Recipe,
  type Uploader,
} from './recipe.js';
import { OCTET } from './stages.js';
import { winogradShape } from './winograd-stages.js';

/** Which tiling it is: the one after all others. */
export const WINOGRAD_TILING: Readonly<Record<Kernels, number>> = {
  chain: LINEAR_TILES.length,
  tiled: LINEAR_TILES.length,
  direct: 1,
};

/** Channels in or out of a group below which transforms cost more than products save. */
const FEWEST = 8;
/** Bytes that the tiles of a slice may take, and their products again. */
const TILE_BYTES = 64 * 2 ** 20;
/** Points × samples that must have room in them: layers of more pixels than that leaves go as they are. */
const LEAST_CELLS = 256;

/** Whether tiles can do a layer, and could gain by it. */
export function isTileable(step: LinearStep): boolean {
  const { products, windows, inputs, outputs } = step;
  const { taps, stride, dilation, output } = windows;
  return (
    !products &&
    4 * tileRows(step) * LEAST_CELLS <= TILE_BYTES &&
    taps.every((tap) => tap === 3) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    output.every((side) => side > 1) &&
    inputs >= FEWEST &&
    outputs >= FEWEST
  );
}

/** Input channels of the widest layer that tiles can do; 0 when there is none. */
export const tileableInputs = (program: Program): number =>
  Math.max(0, ...tileable(program).map(({ inputs }) => inputs));

/** Numbers of a layer's formed weights, in whichever form takes more. */
export const formedCount = (step: LinearStep): number =>
  isTileable(step) ? transformedCount(step) : weightCount(step);

/** Numbers of one of W, D1 and D2, transformed and with their padding. */
export const transformedCount = (step: LinearStep): number => (weightCount(step) / 9) * TILE;

/** `[3][group][9][inputs padded][outputs padded]`, as `packWeights` gives them, to `[3][16][group][inputs][outputs]`. */
export function transformWeights(packed: Float32Array, { groups }: LinearStep): Float32Array<ArrayBuffer> {
  const plane = packed.length / (3 * groups * 9);
  const transformed = new Float32Array(3 * groups * TILE * plane);
  for (let section = 0; section < 3; section++) {
    for (let group = 0; group < groups; group++) {
      const from = (section * groups + group) * 9 * plane;
      for (let i = 0; i < plane; i++) {
        const whole = transformFilter((element) => packed[from + element * plane + i]!);
        for (let k = 0; k < TILE; k++) {
          transformed[((section * TILE + k) * groups + group) * plane + i] = whole[k]!;
        }
      }
    }
  }
  return transformed;
}

/** The dispatches of a layer that is computed at every point, as Winograd's tiles if asked for and possible. */
export function layerRecipes(place: Place, step: LinearStep, weights: Uploader, winograd: boolean): Recipe[] {
  const { arena, kernels } = place;
  if (winograd && isTileable(step)) {
    return tiledRecipes(place, step, weights(step, true));
  }
  if (kernels !== 'direct') return [linearRecipe(place, step, weights(step), true)];
  const form = formRecipe(place, weights(step), weightCount(step));
  return [form, linearRecipe(place, step, arena.formed, true)];
}

/** Tiles down and across. */
const tilesOf = ({ windows }: LinearStep) =>
  windows.output.map((side) => Math.ceil(side / 2)) as [number, number];

/** Multiply-adds of a sample's products. */
export function tiledProducts(step: LinearStep): number {
  const [down, across] = tilesOf(step);
  return TILE * down * across * step.groups * step.inputs * step.outputs;
}

/** Rows of a layer's tiles at one point, or of their products when those are more. */
function tileRows(step: LinearStep): number {
  const [down, across] = tilesOf(step);
  return TILE * down * across * step.groups * Math.max(step.inputs, step.outputs);
}

/** The layers that tiles can do. */
const tileable = ({ steps }: Program): LinearStep[] =>
  steps.filter((step): step is LinearStep => step.kind === 'linear' && isTileable(step));

/** The same memory for slices that go as tiles, which are smaller where the tiles of a whole one are too many. */
export function tiledCapacity(program: Program, capacity: Capacity): Capacity {
  const most = Math.max(1, ...tileable(program).map(tileRows));
  const room = Math.floor(TILE_BYTES / (4 * most) / OCTET) * OCTET;
  const cells = Math.min(capacity.cells, room);
  const run = Math.min(capacity.run, Math.floor(cells / capacity.group / OCTET) * OCTET);
  return { ...capacity, cells, run };
}

function tiledRecipes(place: Place, step: LinearStep, transformed: GPUBuffer): Recipe[] {
  const { arena, kernels, program } = place;
  const { groups } = step;
  const most = Math.max(...tileable(program).map(tileRows));
  const { input, products } = arena.tiles(most * tiledCapacity(program, arena.capacity).cells * 4);
  const [down, across] = tilesOf(step);
  const tiles = down * across;
  const rowsIn = tiles * groups * step.inputs;
  const rowsOut = tiles * groups * step.outputs;

  const product: LinearStep = {
    ...step,
    residual: null,
    activation: 'identity',
    groups: TILE * groups,
    windows: {
      taps: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0],
      input: [down, across],
      output: [down, across],
    },
  };
  const source: Source = {
    buffer: input,
    address: (e) => ({ first: 0, row: e.columns, point: TILE * rowsIn * e.columns }),
  };
  const ends = { source, output: products, rows: TILE * rowsOut, once: null };
  const formed = kernels === 'direct' ? arena.formed : transformed;
  return [
    inputRecipe(place, step, { buffer: input, tiles, across, rows: rowsIn }),
    ...(kernels === 'direct' ? [formRecipe(place, transformed, transformedCount(step))] : []),
    linearRecipe(place, product, formed, false, ends),
    outputRecipe(place, step, { buffer: products, tiles, across, rows: rowsOut }, program.rows[step.output]!),
  ];
}

/** One of the buffers of tiles: how many tiles a channel has, how many lie side by side, rows of one element of them. */
interface Tiles {
  readonly buffer: GPUBuffer;
  readonly tiles: number;
  readonly across: number;
  readonly rows: number;
}

const noResidual = { residual_first: 0, residual_row: 0, residual_point: 0 };

function inputRecipe({ arena }: Place, step: LinearStep, { buffer, tiles, across, rows }: Tiles): Recipe {
  const source = arena.source(step.source);
  const { padding, input } = step.windows;
  return {
    stage: 'winograd_input',
    constants: {},
    choices: {},
    buffers: [source.buffer, buffer],
    pack: packer(winogradShape, (e) => {
      const { first, row, point } = source.address(e);
      return {
        count: rows,
        rows: TILE * rows,
        columns: e.columns,
        height: input[0],
        width: input[1],
        tiles,
        tiles_x: across,
        pad_top: padding[0],
        pad_left: padding[1],
        source_first: first,
        source_row: row,
        source_point: point,
        ...noResidual,
        channel: 0,
        channels: 0,
        slope: 0,
      };
    }),
    workgroups: (e) => flatWorkgroups(rows, e.columns, e.points),
  };
}

function outputRecipe(place: Place, step: LinearStep, of: Tiles, rows: number): Recipe {
  const { arena, program } = place;
  const residual = residualOf(place, step);
  const { output } = step.windows;
  return {
    stage: 'winograd_output',
    constants: { RESIDUAL: residual.constant },
    choices: { activation: step.activation },
    buffers: [arena.affine, of.buffer, residual.buffer, arena.output(step)],
    pack: packer(winogradShape, (e) => ({
      count: of.rows,
      rows,
      columns: e.columns,
      height: output[0],
      width: output[1],
      tiles: of.tiles,
      tiles_x: of.across,
      pad_top: 0,
      pad_left: 0,
      source_first: 0,
      source_row: 0,
      source_point: 0,
      ...residual.fields(e),
      channel: step.channel,
      channels: program.channelCount,
      slope: step.slope,
    })),
    workgroups: (e) => flatWorkgroups(of.rows, e.columns, e.points),
  };
}
