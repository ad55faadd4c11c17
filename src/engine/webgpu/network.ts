/** A problem on a device: its program, buffers and pipelines, and the commands of one slice. */
import { EngineMemoryError, EngineUnsupportedError, type Problem } from '../engine.js';
import { Arena, UNIFORM_STRIDE, type Extent } from './arena.js';
import { productsOf } from './chain.js';
import type { ComputeDevice } from './device.js';
import { affineRecipe, stepRecipe } from './dispatch.js';
import { linearRecipe } from './linear.js';
import { lower } from './lower.js';
import { LANE, packWeights, padTo } from './pack.js';
import type { Pass } from './pass.js';
import { capacityOf, shareOf, type Capacity, type Slice } from './plan.js';
import type { LinearStep, Program } from './program.js';
import type { KernelChoice, Kernels, Place, Recipe, Tiling } from './recipe.js';
import { DEPTH, LOSS_BLOCK, outputLanes, OUTPUTS_EACH, POINT_LANES, stages } from './stages.js';

/** Down to a 64th of a pass's memory budget. */
const MAX_HALVINGS = 6;

interface Dispatch {
  readonly tiling: Tiling;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export class Network {
  /** Of one slice, and the bytes where their uniform structs begin. */
  private recipes: readonly Recipe[] = [];
  private uniformsFirst = 0;
  /** Dispatches of one slice by tiling, of those tilings that are compiled. */
  private readonly dispatches = new Map<number, readonly Dispatch[]>();
  private isDisposed = false;
  /** Extent that the uniform structs were last written for. */
  private written = '';

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    private readonly pass: Pass,
    private readonly program: Program,
    readonly capacity: Capacity,
    private readonly arena: Arena,
    private readonly kernels: Kernels,
    /** Tiling that is compiled first, and whether it has been chosen already. */
    readonly tiling: number,
    readonly isSettled: boolean,
  ) {}

  /**
   * Allocates, compiles, and computes once what no direction moves.
   *
   * @throws EngineUnsupportedError, EngineMemoryError, EngineLostError, or an Error that names a shader
   */
  static async create(
    gpu: ComputeDevice,
    problem: Problem,
    { kernels, tiling }: KernelChoice,
    pass: Pass,
    signal?: AbortSignal,
  ): Promise<Network> {
    const { model, data, d1, d2 } = problem;
    const program = pass.program(lower(model, [d1, d2], data.samples), kernels);
    const chosen = tiling ?? (await gpu.tilings.recall(familyOf(program, kernels)));
    const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
    // Every step once, its products perhaps, and the affine and loss stages.
    const dispatches = program.shared.length + 2 * program.steps.length + 3;
    for (let halvings = pass.halvings; ; halvings++) {
      signal?.throwIfAborted();
      const whole = capacityOf(program, kernels, maxBinding, halvings);
      const capacity = whole && shareOf(whole, pass.lanes.length);
      if (!capacity) {
        const rows = Math.max(...program.slotRows);
        throw new EngineUnsupportedError(
          `${model.name}: values of ${rows} elements are too large for ${gpu.adapter}; use the WASM engine`,
        );
      }
      let arena: Arena | undefined;
      try {
        await gpu.scoped(`${model.name}: allocating`, () => {
          arena = new Arena(gpu, problem, program, whole!, dispatches);
        });
        const network = new Network(
          gpu,
          problem,
          pass,
          program,
          capacity,
          arena!,
          kernels,
          chosen ?? 0,
          chosen !== null,
        );
        await network.build();
        return network;
      } catch (error) {
        arena?.destroy();
        if (!(error instanceof EngineMemoryError) || halvings === pass.halvings + MAX_HALVINGS) throw error;
      }
    }
  }

  /** Places that a point takes up in the buffers. */
  get lanes(): number {
    return this.pass.lanes.length;
  }

  dispose(): void {
    this.isDisposed = true;
    this.arena.destroy();
  }

  /** Compiles every tiling; gives those that this device takes. */
  async prepareTilings(): Promise<number[]> {
    const most = Math.max(...this.recipes.map(({ others = [] }) => others.length));
    for (let tiling = 0; tiling <= most && !this.isDisposed; tiling++) {
      if (this.dispatches.has(tiling)) continue;
      const made = await this.prepare(this.recipes, this.uniformsFirst, tiling).catch(() => null);
      if (made) this.dispatches.set(tiling, made);
    }
    return [...this.dispatches.keys()];
  }

  /** Keeps the choice for this adapter and kernels like these. */
  rememberTiling(tiling: number): void {
    void this.gpu.tilings.remember(familyOf(this.program, this.kernels), tiling);
  }

  private async build(): Promise<void> {
    const { problem, pass, program, arena, gpu, kernels } = this;
    const { model, data } = problem;
    const place: Place = { program, arena, kernels };
    const once: Recipe[] = [affineRecipe(place)];
    let every: readonly Recipe[] = [];
    await gpu.scoped(`${model.name}: uploading weights`, () => {
      const weights = (step: LinearStep): GPUBuffer => this.uploadWeights(step);
      for (const step of program.shared) once.push(stepRecipe(place, step, problem, weights));
      for (const step of program.steps) {
        const linear = productsOf(step);
        if (linear) once.push(linearRecipe(place, linear, weights(linear), false));
      }
      every = pass.recipes(place, problem, weights);
    });
    const onceDispatches = await this.prepare(once, 0, 0);
    this.uniformsFirst = once.length * UNIFORM_STRIDE;
    this.recipes = every;
    this.dispatches.set(this.tiling, await this.prepare(every, this.uniformsFirst, this.tiling));

    // Three pseudo-points give xW, xD1 and xD2; the first one is the centre itself.
    const whole: Extent = { points: 1, columns: arena.columns, firstColumn: 0, start: 0, end: data.samples };
    await gpu.scoped(`${model.name}: what no direction moves`, () => {
      const pseudo = new Float32Array(4 * POINT_LANES);
      for (let p = 0; p < 3; p++) pseudo[5 * p] = 1;
      gpu.device.queue.writeBuffer(arena.points, 0, pseudo);
      this.writeUniforms(once, 0, whole);
      const encoder = gpu.device.createCommandEncoder();
      encode(encoder, onceDispatches, whole);
      gpu.device.queue.submit([encoder.finish()]);
    });
    await gpu.orLost(gpu.device.queue.onSubmittedWorkDone());
  }

  private uploadWeights(step: LinearStep): GPUBuffer {
    const { model, d1, d2 } = this.problem;
    const tile = { depth: DEPTH, outputs: outputLanes(step.outputs) * OUTPUTS_EACH };
    return this.arena.upload(step.weight, packWeights(model, [d1, d2], step, tile));
  }

  /** Pipelines and bind groups, with uniform structs from byte `first`. */
  private prepare(recipes: readonly Recipe[], first: number, tiling: number): Promise<Dispatch[]> {
    const { pipelines, device } = this.gpu;
    const making = recipes.map(async (recipe, i): Promise<Dispatch> => {
      const { stage, choices, buffers } = recipe;
      const tiled = recipe.others?.[tiling - 1] ?? recipe;
      const pipeline = await this.gpu.orLost(pipelines.get(stage, tiled.constants, choices));
      const offset = first + i * UNIFORM_STRIDE;
      const uniform = { buffer: this.arena.uniforms, offset, size: stages[stage].struct.size };
      const entries = [uniform, ...buffers.map((buffer) => ({ buffer }))].map((resource, binding) => ({
        binding,
        resource,
      }));
      const bindGroup = device.createBindGroup({ label: stage, layout: pipelines.layout(stage), entries });
      return { tiling: tiled, pipeline, bindGroup };
    });
    return Promise.all(making);
  }

  /** Coordinates of the slice's points, lane by lane; the padding of the last group is zero. */
  writePoints(a: Float64Array, b: Float64Array, slice: Slice): void {
    const { lanes } = this.pass;
    const coordinates = new Float32Array(padTo(slice.points * lanes.length, POINT_LANES) * 4);
    let at = 0;
    for (let p = slice.firstPoint; p < slice.firstPoint + slice.points; p++) {
      for (const [c, alongA, alongB] of lanes) {
        coordinates[at] = c;
        coordinates[at + 1] = c * a[p]! + alongA;
        coordinates[at + 2] = c * b[p]! + alongB;
        at += 4;
      }
    }
    this.gpu.device.queue.writeBuffer(this.arena.points, 0, coordinates);
    this.pass.prepare?.(this.gpu.device.queue, slice);
  }

  /** Bytes of the partial sums of a slice. */
  partialBytes(slice: Slice): number {
    return slice.points * Math.ceil(slice.samples / LOSS_BLOCK) * this.pass.partial;
  }

  /** Submits a slice whose points are written, in a tiling that is compiled; its partial sums end in `staging`. */
  submit(slice: Slice, staging: GPUBuffer, tiling: number): void {
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
      this.writeUniforms(this.recipes, this.uniformsFirst, extent);
      this.written = key;
    }
    const encoder = device.createCommandEncoder();
    encode(encoder, this.dispatches.get(tiling)!, extent);
    encoder.copyBufferToBuffer(this.arena.partials, 0, staging, 0, this.partialBytes(slice));
    device.queue.submit([encoder.finish()]);
  }

  private writeUniforms(recipes: readonly Recipe[], first: number, extent: Extent): void {
    const view = new DataView(new ArrayBuffer(recipes.length * UNIFORM_STRIDE));
    for (const [i, recipe] of recipes.entries()) recipe.pack(extent, view, i * UNIFORM_STRIDE);
    this.gpu.device.queue.writeBuffer(this.arena.uniforms, first, view.buffer);
  }
}

/** What a tiling is chosen for: chains by their width, which decides how a workgroup is divided. */
function familyOf({ steps }: Program, kernels: Kernels): string {
  const [first] = steps;
  if (first?.kind !== 'chain') return kernels === 'direct' ? 'direct' : 'tiled';
  return `chain ${outputLanes(Math.max(...first.layers.map(({ outputs }) => outputs)))}`;
}

function encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[], extent: Extent): void {
  const pass = encoder.beginComputePass();
  for (const { tiling, pipeline, bindGroup } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...tiling.workgroups(extent));
  }
  pass.end();
}
