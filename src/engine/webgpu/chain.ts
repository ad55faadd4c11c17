/**
 * Whole networks of dense layers in one dispatch: which programs are such a chain, and its recipe. What is wider,
 * branches otherwise or mixes activations goes layer by layer.
 */
import type { Model } from '../../model/graph.js';
import type { Direction } from '../engine.js';
import { packWeights, padTo, type WeightTile } from './pack.js';
import type { ChainStep, LinearStep, Program, Step } from './program.js';
import { packer, type Place, type Recipe, type Tiling } from './recipe.js';
import { assignSlots } from './slots.js';
import { chainShape, DEPTH, outputLanes, OUTPUTS_EACH, POINT_LANES } from './stages.js';

/** Rows that the lanes of a workgroup hold in registers. */
const WIDEST = 64;
/** Points of a workgroup, a divisor of `POINT_LANES`, which load W, D1 and D2 together; invocations for each of them. */
const CHAIN_TILES: readonly (readonly [points: number, invocations: number])[] = [
  [2, 128],
  [1, 128],
  [1, 256],
  [4, 64],
];
/** Bytes of workgroup memory that every device has. */
const WORKGROUP_BYTES = 16_384;

/** Flags of a layer in chain.wgsl. */
const FLAG = { ACTIVATE: 1, ADD: 2, KEEP: 4 } as const;
/** 32-bit words of a `Layer` in chain.wgsl. */
const LAYER_WORDS = 8;

/** The program with all its steps in one, or null when the chain kernel cannot run it. */
export function chained(program: Program): Program | null {
  const { steps, rows, logits } = program;
  const layers = steps.filter((step) => step.kind === 'linear');
  const [first, ...others] = layers;
  const follows = others.every((layer, i) => layer.source === layers[i]!.output && !layer.products);
  const fits =
    layers.length === steps.length &&
    first?.products === true &&
    others.length > 0 &&
    follows &&
    layers.every(isNarrow);
  if (!fits) return null;
  const kept = keptOutputs(layers);
  const activations = new Set(layers.map(({ activation }) => activation));
  activations.delete('identity');
  const [activation = 'identity', second] = activations;
  if (kept === null || second !== undefined) return null;
  const step: ChainStep = {
    kind: 'chain',
    name: layers.map(({ name }) => name).join(' → '),
    source: first!.source,
    output: logits,
    residual: null,
    layers,
    kept,
    activation,
  };
  return { ...program, steps: [step], ...assignSlots([step], rows, logits) };
}

/** The step whose three products are made once, if this one has such. */
export function productsOf(step: Step): LinearStep | null {
  if (step.kind === 'chain') return step.layers[0]!;
  return step.kind === 'linear' && step.products ? step : null;
}

function isNarrow({ windows, groups, inputs, outputs, products }: LinearStep): boolean {
  const pixels = windows.output[0] * windows.output[1];
  const taps = windows.taps[0] * windows.taps[1];
  return pixels === 1 && taps === 1 && groups === 1 && outputs <= WIDEST && (products || inputs <= WIDEST);
}

/** Outputs that a later layer adds, or null when two would have to be kept at once or one is from elsewhere. */
function keptOutputs(layers: readonly LinearStep[]): ReadonlySet<number> | null {
  const lastUse = new Map<number, number>();
  for (const [i, { residual }] of layers.entries()) {
    if (residual !== null) lastUse.set(residual, i);
  }
  let free = 0;
  let found = 0;
  for (const [i, { output }] of layers.entries()) {
    const until = lastUse.get(output);
    if (until === undefined) continue;
    // A layer adds the kept value before its own result takes the place.
    if (i < free) return null;
    free = until;
    found++;
  }
  return found === lastUse.size ? new Set(lastUse.keys()) : null;
}

/** All layers' W, D1 and D2 as chain.wgsl reads them, and its table of layers. */
export function packChain(model: Model, directions: readonly Direction[], { layers, kept }: ChainStep) {
  const table = new DataView(new ArrayBuffer(layers.length * LAYER_WORDS * 4));
  const parts: Float32Array[] = [];
  let weights = 0;
  for (const [i, layer] of layers.entries()) {
    const tile: WeightTile = { depth: DEPTH, outputs: outputLanes(layer.outputs) * OUTPUTS_EACH };
    // The first layer's products hold its weights.
    const packed = layer.products ? new Float32Array(0) : packWeights(model, directions, layer, tile);
    const flags =
      (layer.activation === 'identity' ? 0 : FLAG.ACTIVATE) |
      (layer.residual === null ? 0 : FLAG.ADD) |
      (kept.has(layer.output) ? FLAG.KEEP : 0);
    const words = [
      weights / 4,
      packed.length / 12,
      layer.inputs,
      layer.outputs,
      padTo(layer.outputs, tile.outputs) / 4,
      layer.channel,
      flags,
    ];
    for (const [word, value] of words.entries()) {
      table.setUint32(4 * (i * LAYER_WORDS + word), value, true);
    }
    table.setFloat32(4 * (i * LAYER_WORDS + words.length), layer.slope, true);
    weights += packed.length;
    parts.push(packed);
  }
  const all = new Float32Array(weights);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { table: table.buffer, weights: all };
}

/** The lanes of a workgroup for layers of at most so many outputs, and the inputs that it holds at once. */
export function chainLanes(widest: number, points: number, invocations: number) {
  const outputs = outputLanes(widest);
  // Of 4 samples a lane and of 8 outputs a lane, for every input, 4 bytes each.
  const bytes = (samples: number, depth: number): number => points * depth * (16 * samples + 32 * outputs);
  let samples = 2 ** Math.floor(Math.log2(invocations / outputs));
  while (bytes(samples, 8) > WORKGROUP_BYTES) samples /= 2;
  return { samples, outputs, depth: bytes(samples, 16) > WORKGROUP_BYTES ? 8 : 16 };
}

export function chainRecipe(
  { program, arena }: Place,
  step: ChainStep,
  { model, d1, d2 }: { model: Model; d1: Direction; d2: Direction },
): Recipe {
  const { layers } = step;
  const first = layers[0]!;
  const { table, weights } = packChain(model, [d1, d2], step);
  const widest = Math.max(...layers.map(({ outputs }) => outputs));
  const [tiling, ...others] = CHAIN_TILES.map(([points, invocations]): Tiling => {
    const lanes = chainLanes(widest, points, invocations);
    return {
      constants: {
        SAMPLE_LANES: lanes.samples,
        OUTPUT_LANES: lanes.outputs,
        POINT_LANES: points,
        DEPTH: lanes.depth,
        RESIDUAL: step.kept.size > 0 ? 1 : 0,
      },
      workgroups: (e) => [Math.ceil(e.columns / lanes.samples), 1, padTo(e.points, POINT_LANES) / points],
    };
  });
  const sizes = {
    layers: layers.length,
    rows: program.rows[step.output]!,
    channels: program.channelCount,
    products_row: arena.columns,
    products_section: program.rows[first.output]! * arena.columns,
  };
  return {
    ...tiling!,
    others,
    stage: 'chain',
    choices: { activation: step.activation },
    buffers: [
      arena.upload('layers', table),
      arena.points,
      arena.productsOf(first),
      arena.upload('weights', weights),
      arena.affine,
      arena.output(step),
    ],
    pack: packer(chainShape, (e) => ({ ...sizes, columns: e.columns, products_first: e.firstColumn })),
  };
}
