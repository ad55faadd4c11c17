/** What every dispatch is made of, and the fields that several stages share. */
import type { Arena, Extent } from './arena.js';
import type { Choices } from './assemble.js';
import type { Constants } from './pipelines.js';
import type { LinearStep, Program, Step, Windows } from './program.js';
import { FLAT_LANES, type StageName } from './stages.js';
import type { Fields, UniformStruct } from './uniform.js';

export type Workgroups = readonly [x: number, y: number, z: number];

/**
 * `chain`: whole networks in one dispatch where chain.ts can, else as `tiled`: layer by layer through workgroup memory.
 * `direct`: layer by layer without workgroup memory and barriers, for renderers on the CPU.
 */
export type Kernels = 'chain' | 'tiled' | 'direct';

/** The kernels of passes whose layers are combined with something else in between, which a chain keeps in registers. */
export function layerwise(kernels: Kernels): Exclude<Kernels, 'chain'> {
  return kernels === 'chain' ? 'tiled' : kernels;
}

/** What computes a problem, as far as it is not left to measurements. */
export interface KernelChoice {
  readonly kernels: Kernels;
  /** Which of the kernels' tilings; null for the one that measuring finds. */
  readonly tiling: number | null;
}

/** How a dispatch is divided into workgroups. */
export interface Tiling {
  readonly constants: Constants;
  workgroups(extent: Extent): Workgroups;
}

/** Everything but the pipeline itself; `pack` writes the uniform struct for an extent. */
export interface Recipe extends Tiling {
  readonly stage: StageName;
  /** Tilings 1, 2, … that give the same values; the recipe itself is tiling 0. */
  readonly others?: readonly Tiling[];
  readonly choices: Choices;
  /** Bindings 1, 2, … in the stage's order. */
  readonly buffers: readonly GPUBuffer[];
  pack(extent: Extent, view: DataView, offset: number): void;
}

/** Uploads W, D1 and D2 of a layer; `transformed` as winograd.ts wants them. */
export type Uploader = (step: LinearStep, transformed?: boolean) => GPUBuffer;

/** The program and the buffers that a recipe is for. */
export interface Place {
  readonly program: Program;
  readonly arena: Arena;
  readonly kernels: Kernels;
}

/** Workgroups along one axis of a dispatch. */
const MAX_WORKGROUPS = 65_535;

/** Invocations over rows × columns as workgroups along x, then y. */
export function flatWorkgroups(rows: number, columns: number, points: number): Workgroups {
  const groups = Math.ceil((rows * columns) / FLAT_LANES);
  const x = Math.min(groups, MAX_WORKGROUPS);
  return [x, Math.ceil(groups / x), points];
}

/** A struct's values as a function of the extent, with their names checked. */
export function packer<F extends Fields>(
  struct: UniformStruct<F>,
  values: (extent: Extent) => Readonly<Record<keyof F, number>>,
): Recipe['pack'] {
  return (extent, view, offset) => struct.pack(values(extent), view, offset);
}

/** What element-wise stages share: source and output, `count` rows to write. */
export function flatOf(place: Place, step: Step, count: number) {
  const source = place.arena.source(step.source);
  const rows = place.program.rows[step.output]!;
  const buffers = [source.buffer, place.arena.output(step)] as const;
  const fields = (e: Extent) => {
    const { first, row, point } = source.address(e);
    return {
      count,
      rows,
      columns: e.columns,
      source_first: first,
      source_row: row,
      source_point: point,
    };
  };
  const workgroups = (e: Extent): Workgroups => flatWorkgroups(count, e.columns, e.points);
  return { buffers, fields, workgroups };
}

/** The second value of a step, or a buffer that stands for none. */
export function residualOf(place: Place, { residual }: Pick<Step, 'residual'>) {
  if (residual === null) {
    const fields = () => ({ residual_first: 0, residual_row: 0, residual_point: 0 });
    return { buffer: place.arena.nothing, constant: 0, fields };
  }
  const { buffer, address } = place.arena.source(residual);
  const fields = (e: Extent) => {
    const { first, row, point } = address(e);
    return { residual_first: first, residual_row: row, residual_point: point };
  };
  return { buffer, constant: 1, fields };
}

/** Fields of the windows of a convolution or a pool. */
export function windowFields({ taps, stride, dilation, padding, input }: Windows) {
  return {
    taps_y: taps[0],
    taps_x: taps[1],
    stride_y: stride[0],
    stride_x: stride[1],
    dilation_y: dilation[0],
    dilation_x: dilation[1],
    pad_top: padding[0],
    pad_left: padding[1],
    in_height: input[0],
    in_width: input[1],
  };
}

/** Whether a value is the same at every point. */
export function isFixed({ program }: Place, value: number | null): boolean {
  return value !== null && (value === 0 || program.shared.some(({ output }) => output === value));
}

/** The layer whose bare products a value is. */
export function productAt({ program }: Place, value: number): LinearStep | undefined {
  return program.steps.find((step) => step.kind === 'linear' && step.output === value) as
    LinearStep | undefined;
}
