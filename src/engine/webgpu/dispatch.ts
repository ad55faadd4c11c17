/** How each kind of step becomes a dispatch: its stage, buffers, uniform struct and workgroups. */
import type { Dataset, LossName } from '../../model/data.js';
import type { Arena, Extent } from './arena.js';
import type { Choices } from './assemble.js';
import { LANE, padTo } from './pack.js';
import type { Constants } from './pipelines.js';
import type {
  GatherStep,
  LinearStep,
  MeanStep,
  MultiplyStep,
  PointwiseStep,
  PoolStep,
  Program,
  Step,
  Triple,
  Windows,
} from './program.js';
import {
  affineShape,
  COMBINE_POINTS,
  combineShape,
  DEPTH,
  FLAT_LANES,
  gatherShape,
  linearShape,
  LOSS_BLOCK,
  losses,
  lossShape,
  meanShape,
  multiplyShape,
  OCTET,
  outputLanes,
  OUTPUTS_EACH,
  POINT_LANES,
  pointwiseShape,
  poolShape,
  SAMPLE_LANES,
  type StageName,
} from './stages.js';
import type { Fields, UniformStruct } from './uniform.js';

type Workgroups = readonly [x: number, y: number, z: number];

/** Everything but the pipeline itself; `pack` writes the uniform struct for an extent. */
export interface Recipe {
  readonly stage: StageName;
  readonly constants: Constants;
  readonly choices: Choices;
  /** Bindings 1, 2, … in the stage's order. */
  readonly buffers: readonly GPUBuffer[];
  pack(extent: Extent, view: DataView, offset: number): void;
  workgroups(extent: Extent): Workgroups;
}

/** Bits of a NaN and of −∞, which WGSL cannot spell. */
const NAN_BITS = 0x7fc00000;
const MINUS_INFINITY_BITS = 0xff800000;
/** Workgroups along one axis of a dispatch. */
const MAX_WORKGROUPS = 65_535;

/** Invocations over rows × columns as workgroups along x, then y. */
function flatWorkgroups(rows: number, columns: number, points: number): Workgroups {
  const groups = Math.ceil((rows * columns) / FLAT_LANES);
  const x = Math.min(groups, MAX_WORKGROUPS);
  return [x, Math.ceil(groups / x), points];
}

/** A struct's values as a function of the extent, with their names checked. */
function packer<F extends Fields>(
  struct: UniformStruct<F>,
  values: (extent: Extent) => Readonly<Record<keyof F, number>>,
): Recipe['pack'] {
  return (extent, view, offset) => struct.pack(values(extent), view, offset);
}

export class Recipes {
  constructor(
    private readonly program: Program,
    private readonly arena: Arena,
  ) {}

  /** A step at every point of the extent; fixed ones once, at the first point. */
  step(step: Step, weights: (step: LinearStep) => GPUBuffer): Recipe {
    switch (step.kind) {
      case 'linear':
        return step.products ? this.combine(step) : this.linear(step, weights(step), true);
      case 'pointwise':
        return this.pointwise(step);
      case 'pool':
        return this.pool(step);
      case 'mean':
        return this.mean(step);
      case 'gather':
        return this.gather(step);
      case 'multiply':
        return this.multiply(step);
    }
  }

  /** Scales and shifts of all channels at every point. */
  affine(): Recipe {
    const { points, channels, affine } = this.arena;
    const count = this.program.channelCount;
    return {
      stage: 'affine',
      constants: {},
      choices: {},
      buffers: [points, channels, affine],
      pack: packer(affineShape, () => ({ channels: count, nan_bits: NAN_BITS })),
      workgroups: (e) => [Math.ceil(count / 64), e.points, 1],
    };
  }

  /**
   * A dense layer or convolution with its epilogue, or bare: then its output is the three products xW, xD1
   * and xD2, as the layer at three pseudo-points.
   */
  linear(step: LinearStep, weights: GPUBuffer, epilogue: boolean): Recipe {
    const { arena, program } = this;
    const { inputs, outputs, groups, windows, channel, slope } = step;
    const lanes = outputLanes(outputs);
    const tile = lanes * OUTPUTS_EACH;
    // What runs once must not write padding points.
    const pointLanes = epilogue && !arena.isFixed(step) ? POINT_LANES : 1;
    const source = arena.source(step.source);
    const residual = this.residual(epilogue ? step : { residual: null });
    const outPixels = windows.output[0] * windows.output[1];
    const octets = (vectors: number): number => vectors / (OCTET / LANE);
    const sizes = {
      inputs,
      outputs,
      groups,
      depth: padTo(inputs, DEPTH),
      slabs: padTo(outputs, tile) / LANE,
      rows: program.rows[step.output]! / outPixels,
      out_pixels: outPixels,
      out_width: windows.output[1],
      ...windowFields(windows),
      channel,
      channels: program.channelCount,
      slope,
    };
    return {
      stage: 'linear',
      constants: {
        SAMPLE_LANES,
        OUTPUT_LANES: lanes,
        POINT_LANES: pointLanes,
        DEPTH,
        EPILOGUE: epilogue ? 1 : 0,
        GROUPED: groups > 1 ? 1 : 0,
        RESIDUAL: residual.constant,
      },
      choices: { activation: epilogue ? step.activation : 'identity' },
      buffers: [
        arena.points,
        weights,
        arena.affine,
        source.buffer,
        residual.buffer,
        epilogue ? arena.output(step) : arena.productsOf(step),
      ],
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
      workgroups: (e) => [
        Math.ceil((octets(e.columns) * outPixels) / SAMPLE_LANES),
        groups * Math.ceil(outputs / tile),
        epilogue ? Math.ceil(e.points / pointLanes) : 3,
      ],
    };
  }

  /** Per-sample losses, summed block by block. */
  loss(loss: LossName, { labels }: Dataset): Recipe {
    const { arena, program } = this;
    const { buffer } = arena.source(program.logits);
    const blocks = (e: Extent): number => Math.ceil((e.columns * LANE) / LOSS_BLOCK);
    return {
      stage: 'loss',
      constants: { LOSS: losses.indexOf(loss), LABELS: labels ? 1 : 0 },
      choices: {},
      buffers: [buffer, arena.truth, arena.partials],
      pack: packer(lossShape, (e) => ({
        outputs: program.sizes[program.logits]!,
        rows: program.rows[program.logits]!,
        columns: e.columns,
        blocks: blocks(e),
        truth_first: e.firstColumn,
        truth_row: arena.columns,
        start: e.start,
        end: e.end,
      })),
      workgroups: (e) => [blocks(e), e.points, 1],
    };
  }

  private combine(step: LinearStep): Recipe {
    const { arena, program } = this;
    const residual = this.residual(step);
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

  private pointwise(step: PointwiseStep): Recipe {
    const { plane, channel, scale, slope } = step;
    const residual = this.residual(step);
    const [factor, offset] = scale ?? [1, 0];
    const channels = { channel: channel ?? 0, channels: this.program.channelCount };
    const { buffers, fields, workgroups } = this.flat(step, this.program.sizes[step.output]!);
    const [source, output] = buffers;
    return {
      stage: 'pointwise',
      constants: {
        RESIDUAL: residual.constant,
        AFFINE: channel === null ? 0 : 1,
        SCALE: scale === null ? 0 : 1,
      },
      choices: { activation: step.activation },
      buffers: [this.arena.affine, source, residual.buffer, output],
      pack: packer(pointwiseShape, (e) => ({
        ...fields(e),
        ...residual.fields(e),
        ...channels,
        plane,
        slope,
        factor,
        offset,
      })),
      workgroups,
    };
  }

  private pool(step: PoolStep): Recipe {
    const { node, windows } = step;
    const { fields, ...flat } = this.flat(step, this.program.sizes[step.output]!);
    const [, , bottom, right] = node.padding;
    return {
      stage: 'pool',
      constants: { MAXIMUM: node.mode === 'max' ? 1 : 0, COUNT_PADDING: node.countPadding ? 1 : 0 },
      choices: {},
      ...flat,
      pack: packer(poolShape, (e) => ({
        ...fields(e),
        ...windowFields(windows),
        out_height: windows.output[0],
        out_width: windows.output[1],
        pad_bottom: bottom,
        pad_right: right,
        minus_infinity_bits: MINUS_INFINITY_BITS,
      })),
    };
  }

  private mean(step: MeanStep): Recipe {
    const { kept, summed } = step;
    const { fields, ...flat } = this.flat(step, this.program.sizes[step.output]!);
    const size = kept.map((n, axis) => n * summed[axis]!);
    return {
      stage: 'mean',
      constants: {},
      choices: {},
      ...flat,
      pack: packer(meanShape, (e) => ({
        ...fields(e),
        ...named('kept', kept),
        ...named('sum', summed),
        stride_0: size[1]! * size[2]!,
        stride_1: size[2]!,
      })),
    };
  }

  private gather(step: GatherStep): Recipe {
    const { size, outputSize, first, fill } = step;
    const { fields, ...flat } = this.flat(step, size[0] * size[1] * size[2]);
    return {
      stage: 'gather',
      constants: {},
      choices: {},
      ...flat,
      pack: packer(gatherShape, (e) => ({
        ...fields(e),
        ...named('size', size),
        ...named('start', step.start),
        ...named('step', step.step),
        ...named('source_size', step.sourceSize),
        out_first: first,
        out_size_1: outputSize[1],
        out_size_2: outputSize[2],
        fill,
      })),
    };
  }

  private multiply(step: MultiplyStep): Recipe {
    const residual = this.residual(step);
    const { buffers, fields, workgroups } = this.flat(step, this.program.sizes[step.output]!);
    const [source, output] = buffers;
    return {
      stage: 'multiply',
      constants: {},
      choices: {},
      buffers: [source, residual.buffer, output],
      pack: packer(multiplyShape, (e) => ({
        ...fields(e),
        ...residual.fields(e),
        ...named('size', step.size),
        ...named('one', step.sourceStride),
        ...named('other', step.residualStride),
      })),
      workgroups,
    };
  }

  /** What element-wise stages share: source and output, `count` rows to write. */
  private flat(step: Step, count: number) {
    const source = this.arena.source(step.source);
    const rows = this.program.rows[step.output]!;
    const buffers = [source.buffer, this.arena.output(step)] as const;
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
  private residual({ residual }: Pick<Step, 'residual'>) {
    if (residual === null) {
      const fields = () => ({ residual_first: 0, residual_row: 0, residual_point: 0 });
      return { buffer: this.arena.nothing, constant: 0, fields };
    }
    const { buffer, address } = this.arena.source(residual);
    const fields = (e: Extent) => {
      const { first, row, point } = address(e);
      return { residual_first: first, residual_row: row, residual_point: point };
    };
    return { buffer, constant: 1, fields };
  }
}

function windowFields({ taps, stride, dilation, padding, input }: Windows) {
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

/** Three values as fields `prefix_0` to `prefix_2`. */
function named<P extends string>(prefix: P, [a, b, c]: Triple) {
  return { [`${prefix}_0`]: a, [`${prefix}_1`]: b, [`${prefix}_2`]: c } as Record<
    `${P}_${0 | 1 | 2}`,
    number
  >;
}
