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
import type { Program } from './program.js';
import type { KernelChoice, Kernels, Place, Recipe, Tiling, Uploader } from './recipe.js';
import { DEPTH, LOSS_BLOCK, outputLanes, OUTPUTS_EACH, POINT_LANES, stages } from './stages.js';
import { tileableInputs, tiledCapacity, transformWeights, WINOGRAD_TILING } from './winograd.js';

/** Down to a 64th of a pass's memory budget. */
const MAX_HALVINGS = 6;

/** A slice in one tiling. */
interface Compiled {
  readonly recipes: readonly Recipe[];
  readonly dispatches: readonly Dispatch[];
}

interface Dispatch {
  readonly tiling: Tiling;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export class Network {
  /** What a slice's dispatches are made from; with Winograd's tiles once those were asked for. */
  private recipes: readonly Recipe[] = [];
  private tiledRecipes: readonly Recipe[] | null = null;
  /** Bytes where the uniform structs of a slice begin. */
  private uniformsFirst = 0;
  /** Those tilings that are compiled. */
  private readonly compiled = new Map<number, Compiled>();
  /** Layers' weights on the device, as they are and transformed. */
  private readonly weights = {
    plain: new Map<string, GPUBuffer>(),
    transformed: new Map<string, GPUBuffer>(),
  };
  private isDisposed = false;
  /** Recipes and extent that the uniform structs were last written for. */
  private written: { readonly recipes: readonly Recipe[]; readonly extent: string } | null = null;

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    private readonly pass: Pass,
    private readonly program: Program,
    private readonly capacity: Capacity,
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
    const chosen = tiling ?? (await gpu.tilings.recall(pass.family(program, kernels)));
    // Every step once, or as Winograd's four, its products perhaps, and the affine and loss stages.
    const dispatches = program.shared.length + 5 * program.steps.length + 3;
    const first = halvingsFor(gpu, program, kernels, pass);
    for (let halvings = first; ; halvings++) {
      signal?.throwIfAborted();
      const room = roomFor(gpu, program, kernels, pass, halvings);
      if (!room) {
        const rows = Math.max(...program.slotRows);
        throw new EngineUnsupportedError(
          `${model.name}: values of ${rows} elements are too large for ${gpu.adapter}; use the WASM engine`,
        );
      }
      let arena: Arena | undefined;
      try {
        await gpu.scoped(`${model.name}: allocating`, () => {
          arena = new Arena(gpu, problem, program, room.whole, dispatches);
        });
        const network = new Network(
          gpu,
          problem,
          pass,
          program,
          room.own,
          arena!,
          kernels,
          chosen ?? 0,
          chosen !== null,
        );
        await network.build();
        return network;
      } catch (error) {
        arena?.destroy();
        if (!(error instanceof EngineMemoryError) || halvings === first + MAX_HALVINGS) throw error;
      }
    }
  }

  /** Whether a pass has room on a device, as long as there is memory. */
  static fits(gpu: ComputeDevice, problem: Problem, kernels: Kernels, pass: Pass): boolean {
    const { model, data, d1, d2 } = problem;
    const program = pass.program(lower(model, [d1, d2], data.samples), kernels);
    return roomFor(gpu, program, kernels, pass, halvingsFor(gpu, program, kernels, pass)) !== null;
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
    for (let tiling = 0; tiling <= most && !this.isDisposed; tiling++) await this.tryTiling(tiling);
    if (this.hasTiles && !this.isDisposed) await this.tryTiling(WINOGRAD_TILING[this.kernels]);
    return [...this.compiled.keys()];
  }

  private async tryTiling(tiling: number): Promise<void> {
    // What does not compile or takes too much memory is not offered.
    if (!this.compiled.has(tiling)) await this.compile(tiling).catch(() => {});
  }

  /** What a slice in a tiling may take. */
  capacityIn(tiling: number): Capacity {
    const { program, capacity } = this;
    return this.isTiles(tiling) ? tiledCapacity(program, capacity) : capacity;
  }

  private isTiles(tiling: number): boolean {
    return this.hasTiles && tiling === WINOGRAD_TILING[this.kernels];
  }

  private get hasTiles(): boolean {
    return this.pass.winograd && tileableInputs(this.program) > 0;
  }

  private async compile(tiling: number): Promise<void> {
    const { gpu, problem } = this;
    let { recipes } = this;
    if (this.isTiles(tiling)) {
      this.tiledRecipes ??= await gpu.scoped(`${problem.model.name}: tiles`, () => this.sliceRecipes(true));
      recipes = this.tiledRecipes;
    }
    const dispatches = await this.prepare(recipes, this.uniformsFirst, tiling);
    this.compiled.set(tiling, { recipes, dispatches });
  }

  /** Keeps the choice for this adapter and kernels like these. */
  rememberTiling(tiling: number): void {
    void this.gpu.tilings.remember(this.pass.family(this.program, this.kernels), tiling);
  }

  /** Gives back what only other tilings than the chosen one take; call it when no slice is under way. */
  settle(tiling: number): void {
    if (this.tiledRecipes === null || this.isTiles(tiling)) return;
    this.compiled.delete(WINOGRAD_TILING[this.kernels]);
    this.tiledRecipes = null;
    this.arena.dropTiles();
  }

  private get place(): Place {
    return { program: this.program, arena: this.arena, kernels: this.kernels };
  }

  private sliceRecipes(winograd: boolean): readonly Recipe[] {
    return this.pass.recipes(this.place, this.problem, this.upload, winograd);
  }

  private async build(): Promise<void> {
    const { problem, program, arena, gpu, place, upload: weights } = this;
    const { model, data } = problem;
    const once: Recipe[] = [affineRecipe(place)];
    await gpu.scoped(`${model.name}: uploading weights`, () => {
      for (const step of program.shared) once.push(stepRecipe(place, step, problem, weights));
      for (const step of program.steps) {
        const linear = productsOf(step);
        if (linear) once.push(linearRecipe(place, linear, weights(linear), false));
      }
      this.recipes = this.sliceRecipes(false);
    });
    const onceDispatches = await this.prepare(once, 0, 0);
    this.uniformsFirst = once.length * UNIFORM_STRIDE;
    await this.compile(this.tiling);

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

  private readonly upload: Uploader = (step, transformed = false) => {
    const known = transformed ? this.weights.transformed : this.weights.plain;
    let buffer = known.get(step.name);
    if (buffer) return buffer;
    const { model, d1, d2 } = this.problem;
    const tile = { depth: DEPTH, outputs: outputLanes(step.outputs) * OUTPUTS_EACH };
    const packed = packWeights(model, [d1, d2], step, tile);
    buffer = this.arena.upload(step.weight, transformed ? transformWeights(packed, step) : packed);
    known.set(step.name, buffer);
    return buffer;
  };

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
    const { recipes, dispatches } = this.compiled.get(tiling)!;
    const key = JSON.stringify(extent);
    if (recipes !== this.written?.recipes || key !== this.written.extent) {
      this.writeUniforms(recipes, this.uniformsFirst, extent);
      this.written = { recipes, extent: key };
    }
    const encoder = device.createCommandEncoder();
    encode(encoder, dispatches, extent);
    encoder.copyBufferToBuffer(this.arena.partials, 0, staging, 0, this.partialBytes(slice));
    device.queue.submit([encoder.finish()]);
  }

  private writeUniforms(recipes: readonly Recipe[], first: number, extent: Extent): void {
    const view = new DataView(new ArrayBuffer(recipes.length * UNIFORM_STRIDE));
    for (const [i, recipe] of recipes.entries()) recipe.pack(extent, view, i * UNIFORM_STRIDE);
    this.gpu.device.queue.writeBuffer(this.arena.uniforms, first, view.buffer);
  }
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

/** How often the budget is halved at first: as a pass has it, or less often where that would leave it no room. */
function halvingsFor(gpu: ComputeDevice, program: Program, kernels: Kernels, pass: Pass): number {
  let { halvings } = pass;
  while (halvings > 0 && roomFor(gpu, program, kernels, pass, halvings) === null) halvings--;
  return halvings;
}

/** What all buffers hold, and what is left of it for a point's lanes; null where values are too large. */
function roomFor(
  { device }: ComputeDevice,
  program: Program,
  kernels: Kernels,
  { lanes }: Pass,
  halvings: number,
): { readonly whole: Capacity; readonly own: Capacity } | null {
  const whole = capacityOf(program, kernels, device.limits.maxStorageBufferBindingSize, halvings);
  const own = whole && shareOf(whole, lanes.length);
  return own && { whole, own };
}
