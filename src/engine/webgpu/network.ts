/** A program on a device: its buffers, bind groups and the commands of one slice. */
import { EngineMemoryError, EngineUnsupportedError, type Problem } from '../engine.js';
import { elements } from '../../model/graph.js';
import type { ComputeDevice } from './device.js';
import { LANE, packChannels, packInputs, packTruth, packWeights, padTo } from './pack.js';
import { capacityOf, type Capacity, type Slice } from './plan.js';
import { lower, type DenseStep, type Program, type Step } from './program.js';
import type { Choices } from './assemble.js';
import type { Constants } from './pipelines.js';
import {
  COMBINE_POINTS,
  DEPTH,
  LOSS_BLOCK,
  losses,
  outputLanes,
  OUTPUTS_EACH,
  POINT_LANES,
  POINTWISE_LANES,
  SAMPLE_LANES,
  SAMPLE_TILE,
  stages,
  type StageName,
} from './stages.js';

/** Dynamic offsets of uniform buffers are multiples of this by default. */
const UNIFORM_STRIDE = 256;
const NAN_BITS = 0x7fc00000;

const BUFFER = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;

/** What one slice looks like to a dispatch. */
interface Extent {
  readonly points: number;
  readonly columns: number;
  /** First column of fixed values. */
  readonly firstColumn: number;
  readonly start: number;
  readonly end: number;
}

interface Dispatch {
  readonly stage: StageName;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Byte offset of its struct. */
  readonly offset: number;
  readonly values: (extent: Extent) => Readonly<Record<string, number>>;
  readonly workgroups: (extent: Extent) => readonly [number, number, number];
}

interface Source {
  readonly buffer: GPUBuffer;
  readonly address: (extent: Extent) => { first: number; row: number; point: number };
}

export class Network {
  readonly program: Program;
  readonly capacity: Capacity;
  private readonly buffers: GPUBuffer[] = [];
  private readonly columns: number;
  private readonly outputs: number;
  private readonly fixedValues = new Map<number, GPUBuffer>();
  private readonly products = new Map<DenseStep, GPUBuffer>();
  private slots: GPUBuffer[] = [];
  private points!: GPUBuffer;
  private affine!: GPUBuffer;
  private partials!: GPUBuffer;
  private nothing!: GPUBuffer;
  private uniforms!: GPUBuffer;
  private uniformBytes = 0;
  private dispatches: Dispatch[] = [];
  private written = '';

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    capacity: Capacity,
    program: Program,
  ) {
    this.program = program;
    this.capacity = capacity;
    this.columns = padTo(problem.data.samples, SAMPLE_TILE) / LANE;
    this.outputs = elements(problem.model.shapes.at(-1)!);
  }

  /**
   * @throws EngineUnsupportedError, EngineMemoryError, EngineLostError
   */
  static async create(gpu: ComputeDevice, problem: Problem, signal?: AbortSignal): Promise<Network> {
    const program = lower(problem.model, problem.d1, problem.d2);
    const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
    for (let halvings = 0; ; halvings++) {
      signal?.throwIfAborted();
      const capacity = capacityOf(program, maxBinding, halvings);
      if (!capacity) {
        throw new EngineUnsupportedError(
          `${problem.model.name}: values of ${Math.max(...program.slotSizes)} elements are too large for ${gpu.adapter}`,
        );
      }
      const network = new Network(gpu, problem, capacity, program);
      try {
        await network.build();
        return network;
      } catch (error) {
        network.dispose();
        if (!(error instanceof EngineMemoryError) || halvings === MAX_HALVINGS) throw error;
      }
    }
  }

  dispose(): void {
    for (const buffer of this.buffers) buffer.destroy();
    this.buffers.length = 0;
  }

  private buffer(label: string, size: number, usage: number): GPUBuffer {
    const { limits } = this.gpu.device;
    const bytes = padTo(Math.max(16, size), 16);
    if (bytes > limits.maxStorageBufferBindingSize) {
      throw new EngineUnsupportedError(
        `${this.problem.model.name}: ${label} takes ${Math.ceil(bytes / 2 ** 20)} MiB, ` +
          `${this.gpu.adapter} binds at most ${limits.maxStorageBufferBindingSize / 2 ** 20}; use the WASM engine or fewer samples`,
      );
    }
    const buffer = this.gpu.device.createBuffer({ label, size: bytes, usage });
    this.buffers.push(buffer);
    return buffer;
  }

  private upload(label: string, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): GPUBuffer {
    const buffer = this.buffer(label, data.byteLength, BUFFER.STORAGE | BUFFER.COPY_DST);
    this.gpu.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  private async build(): Promise<void> {
    const { problem, program, capacity, gpu } = this;
    const { model, data } = problem;
    const storage = BUFFER.STORAGE | BUFFER.COPY_DST;
    const [channels, truth] = await gpu.scoped(`${model.name}: allocating`, () => {
      const rows = (value: number) => program.rows[value]! * this.columns * 16;
      this.fixedValues.set(0, this.upload('inputs', packInputs(data)));
      for (const step of program.shared) {
        this.fixedValues.set(step.output, this.buffer(step.name, rows(step.output), storage));
      }
      for (const step of program.steps) {
        if (step.kind !== 'dense' || !step.linear) continue;
        this.products.set(step, this.buffer(`products of ${step.name}`, 3 * rows(step.output), storage));
      }
      this.slots = program.slotSizes.map((size, i) =>
        this.buffer(`slot ${i}`, size * capacity.cells * 4, storage),
      );
      this.points = this.buffer('points', padTo(capacity.points, POINT_LANES) * 16, storage);
      this.affine = this.buffer('affine', capacity.points * program.channelCount * 8, storage);
      this.partials = this.buffer('partials', capacity.partials * 16, BUFFER.STORAGE | BUFFER.COPY_SRC);
      this.nothing = this.buffer('nothing', 16, storage);
      // One struct for each step, one for each product, and the affine and loss stages.
      const structs = program.shared.length + program.steps.length + this.products.size + 3;
      this.uniforms = this.buffer('uniforms', structs * UNIFORM_STRIDE, BUFFER.UNIFORM | BUFFER.COPY_DST);
      return [
        this.upload('channels', packChannels(model, [problem.d1, problem.d2], program)),
        this.upload('truth', packTruth(data, this.outputs)),
      ];
    });

    const once: Dispatch[] = [];
    const affine = await this.affineDispatch(channels!);
    once.push(affine);
    for (const step of program.shared) once.push(await this.stepDispatch(step));
    for (const step of this.products.keys()) once.push(await this.productDispatch(step));
    const every: Dispatch[] = [await this.affineDispatch(channels!)];
    for (const step of program.steps) every.push(await this.stepDispatch(step));
    every.push(await this.lossDispatch(truth!));
    this.dispatches = every;

    // Three pseudo-points give xW, xD1 and xD2; the first one is the centre itself.
    const centre = { points: 1, columns: this.columns, firstColumn: 0, start: 0, end: 0 };
    await gpu.scoped(`${model.name}: what no direction moves`, () => {
      const pseudo = new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
      gpu.device.queue.writeBuffer(this.points, 0, pseudo);
      this.writeUniforms(once, centre);
      const encoder = gpu.device.createCommandEncoder();
      this.encode(encoder, once, centre);
      gpu.device.queue.submit([encoder.finish()]);
    });
    await gpu.orLost(gpu.device.queue.onSubmittedWorkDone());
  }

  /** Coordinates of the slice's points; the padding of the last group is zero. */
  writePoints(a: Float64Array, b: Float64Array, slice: Slice): void {
    const coordinates = new Float32Array(padTo(slice.points, POINT_LANES) * 4);
    for (let p = 0; p < slice.points; p++) {
      coordinates[4 * p] = 1;
      coordinates[4 * p + 1] = a[slice.firstPoint + p]!;
      coordinates[4 * p + 2] = b[slice.firstPoint + p]!;
    }
    this.gpu.device.queue.writeBuffer(this.points, 0, coordinates);
  }

  /** Bytes of the partial sums of a slice. */
  partialBytes(slice: Slice): number {
    return slice.points * Math.ceil(slice.samples / LOSS_BLOCK) * 16;
  }

  /** Submits a slice whose points are written; its partial sums end in `staging`. */
  submit(slice: Slice, staging: GPUBuffer): void {
    const { device } = this.gpu;
    const extent: Extent = {
      points: slice.points,
      columns: slice.samples / LANE,
      firstColumn: slice.firstSample / LANE,
      start: slice.start,
      end: slice.end,
    };
    const key = JSON.stringify(extent);
    if (key !== this.written) {
      this.writeUniforms(this.dispatches, extent);
      this.written = key;
    }
    const encoder = device.createCommandEncoder();
    this.encode(encoder, this.dispatches, extent);
    encoder.copyBufferToBuffer(this.partials, 0, staging, 0, this.partialBytes(slice));
    device.queue.submit([encoder.finish()]);
  }

  private encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[], extent: Extent): void {
    const pass = encoder.beginComputePass();
    for (const dispatch of dispatches) {
      pass.setPipeline(dispatch.pipeline);
      pass.setBindGroup(0, dispatch.bindGroup);
      pass.dispatchWorkgroups(...dispatch.workgroups(extent));
    }
    pass.end();
  }

  private writeUniforms(dispatches: readonly Dispatch[], extent: Extent): void {
    const view = new DataView(new ArrayBuffer(dispatches.length * UNIFORM_STRIDE));
    const first = dispatches[0]!.offset;
    for (const { stage, offset, values } of dispatches) {
      stages[stage].struct.pack(values(extent) as never, view, offset - first);
    }
    this.gpu.device.queue.writeBuffer(this.uniforms, first, view.buffer);
  }

  /** Where a value is read: fixed ones by data-set column, the others in their slot. */
  private source(value: number): Source {
    const rows = this.program.rows[value]!;
    const fixed = this.fixedValues.get(value);
    if (fixed)
      return { buffer: fixed, address: (e) => ({ first: e.firstColumn, row: this.columns, point: 0 }) };
    const buffer = this.slots[this.program.slots[value]!]!;
    return { buffer, address: (e) => ({ first: 0, row: e.columns, point: rows * e.columns }) };
  }

  private async dispatch(
    stage: StageName,
    constants: Constants,
    buffers: readonly GPUBuffer[],
    values: Dispatch['values'],
    workgroups: Dispatch['workgroups'],
    choices: Choices = {},
  ): Promise<Dispatch> {
    const { pipelines, device } = this.gpu;
    const offset = this.uniformBytes;
    this.uniformBytes += UNIFORM_STRIDE;
    const { size } = stages[stage].struct;
    const entries = [
      { binding: 0, resource: { buffer: this.uniforms, offset, size } },
      ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
    ];
    const pipeline = await this.gpu.orLost(pipelines.get(stage, constants, choices));
    const bindGroup = device.createBindGroup({ label: stage, layout: pipelines.layout(stage), entries });
    return { stage, pipeline, bindGroup, offset, values, workgroups };
  }

  private affineDispatch(channels: GPUBuffer): Promise<Dispatch> {
    const count = this.program.channelCount;
    return this.dispatch(
      'affine',
      {},
      [this.points, channels, this.affine],
      () => ({ channels: count, nan_bits: NAN_BITS }),
      (e) => [Math.ceil(count / 64), e.points, 1],
    );
  }

  private stepDispatch(step: Step): Promise<Dispatch> {
    if (step.kind === 'pointwise') return this.pointwiseDispatch(step);
    return step.linear ? this.combineDispatch(step) : this.denseDispatch(step);
  }

  private output(step: Step): GPUBuffer {
    return this.fixedValues.get(step.output) ?? this.slots[this.program.slots[step.output]!]!;
  }

  private residual(step: Step): { buffer: GPUBuffer; fields: (e: Extent) => Record<string, number> } {
    if (step.residual === null) {
      return {
        buffer: this.nothing,
        fields: () => ({ residual_first: 0, residual_row: 0, residual_point: 0 }),
      };
    }
    const { buffer, address } = this.source(step.residual);
    const fields = (e: Extent) => {
      const { first, row, point } = address(e);
      return { residual_first: first, residual_row: row, residual_point: point };
    };
    return { buffer, fields };
  }

  private epilogue(step: Step): Constants {
    return { RESIDUAL: step.residual === null ? 0 : 1 };
  }

  /** Weights and tile of a dense step; what runs once, at the centre or for products, has no padding points. */
  private denseParts(step: DenseStep, pointLanes: number) {
    const { model, d1, d2 } = this.problem;
    const lanes = outputLanes(step.outputs);
    const tile = { depth: DEPTH, outputs: lanes * OUTPUTS_EACH };
    const weights = this.upload(step.weight, packWeights(model, [d1, d2], step, tile));
    const constants = { SAMPLE_LANES, OUTPUT_LANES: lanes, POINT_LANES: pointLanes, DEPTH };
    const { inputs, channel, slope } = step;
    const rows = this.program.rows[step.output]!;
    const sizes = { inputs, rows, channel, channels: this.program.channelCount, slope };
    const padded = { depth: padTo(inputs, DEPTH), slabs: rows / 4 };
    const groups = (columns: number, points: number): [number, number, number] => [
      Math.ceil(columns / (2 * SAMPLE_LANES)),
      rows / tile.outputs,
      Math.ceil(points / pointLanes),
    ];
    return { weights, constants, sizes, padded, groups };
  }

  private denseDispatch(step: DenseStep): Promise<Dispatch> {
    const { weights, constants, sizes, padded, groups } = this.denseParts(
      step,
      this.fixedValues.has(step.output) ? 1 : POINT_LANES,
    );
    const source = this.source(step.source);
    const residual = this.residual(step);
    return this.dispatch(
      'dense',
      { ...constants, EPILOGUE: 1, ...this.epilogue(step) },
      [this.points, weights, this.affine, source.buffer, residual.buffer, this.output(step)],
      (e) => {
        const { first, row, point } = source.address(e);
        const read = { source_first: first, source_row: row, source_point: point };
        return { ...sizes, ...padded, columns: e.columns, ...read, ...residual.fields(e) };
      },
      (e) => groups(e.columns, e.points),
      { activation: step.activation },
    );
  }

  /** xW, xD1 and xD2 as the layer at three pseudo-points. */
  private productDispatch(step: DenseStep): Promise<Dispatch> {
    const { weights, constants, sizes, padded, groups } = this.denseParts(step, 1);
    const source = this.source(step.source);
    return this.dispatch(
      'dense',
      { ...constants, EPILOGUE: 0 },
      [this.points, weights, this.affine, source.buffer, this.nothing, this.products.get(step)!],
      (e) => {
        const { first, row } = source.address(e);
        const read = { source_first: first, source_row: row, source_point: 0 };
        const none = { residual_first: 0, residual_row: 0, residual_point: 0 };
        return { ...sizes, ...padded, columns: this.columns, ...read, ...none };
      },
      () => groups(this.columns, 3),
      { activation: 'identity' },
    );
  }

  private combineDispatch(step: DenseStep): Promise<Dispatch> {
    const residual = this.residual(step);
    const { outputs, channel, slope } = step;
    const products = {
      products_row: this.columns,
      products_section: this.program.rows[step.output]! * this.columns,
    };
    return this.dispatch(
      'combine',
      this.epilogue(step),
      [this.points, this.products.get(step)!, this.affine, residual.buffer, this.output(step)],
      (e) => ({
        rows: this.program.rows[step.output]!,
        plane: 1,
        points: e.points,
        columns: e.columns,
        products_first: e.firstColumn,
        ...products,
        ...residual.fields(e),
        channel,
        channels: this.program.channelCount,
        slope,
      }),
      (e) => [Math.ceil(e.columns / POINTWISE_LANES), outputs, Math.ceil(e.points / COMBINE_POINTS)],
      { activation: step.activation },
    );
  }

  private pointwiseDispatch(step: Step & { kind: 'pointwise' }): Promise<Dispatch> {
    const source = this.source(step.source);
    const residual = this.residual(step);
    const { rows, plane, slope } = step;
    return this.dispatch(
      'pointwise',
      { ...this.epilogue(step), AFFINE: step.channel === null ? 0 : 1 },
      [this.affine, source.buffer, residual.buffer, this.output(step)],
      (e) => {
        const { first, row, point } = source.address(e);
        const read = { source_first: first, source_row: row, source_point: point };
        const channels = { channel: step.channel ?? 0, channels: this.program.channelCount };
        return { rows, plane, columns: e.columns, ...read, ...residual.fields(e), ...channels, slope };
      },
      (e) => [Math.ceil(e.columns / POINTWISE_LANES), rows, e.points],
      { activation: step.activation },
    );
  }

  private lossDispatch(truth: GPUBuffer): Promise<Dispatch> {
    const { loss, data } = this.problem;
    const slot = this.slots[this.program.slots[this.program.logits]!]!;
    return this.dispatch(
      'loss',
      { LOSS: losses.indexOf(loss), LABELS: data.labels ? 1 : 0 },
      [slot, truth, this.partials],
      (e) => ({
        outputs: this.outputs,
        rows: this.program.rows[this.program.logits]!,
        columns: e.columns,
        blocks: Math.ceil((e.columns * LANE) / LOSS_BLOCK),
        truth_first: e.firstColumn,
        truth_row: this.columns,
        start: e.start,
        end: e.end,
      }),
      (e) => [Math.ceil((e.columns * LANE) / LOSS_BLOCK), e.points, 1],
    );
  }
}

/** Down to a 64th of the budget. */
const MAX_HALVINGS = 6;
