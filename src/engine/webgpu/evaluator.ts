/** Evaluates calls slice by slice and finishes their sums in float64. */
import { multiplyAdds } from '../../model/cost.js';
import type { Order } from '../../model/jet.js';
import {
  type Derivatives,
  type Differences,
  EngineLostError,
  type Evaluator,
  type EngineInfo,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from '../engine.js';
import { Float64Passes } from '../float64.js';
import { IN_FLIGHT, type ComputeDevice } from './device.js';
import { Network } from './network.js';
import { nextSlice, SliceSizer, SOFTWARE_TARGET_MS, type Slice } from './plan.js';
import type { KernelChoice } from './recipe.js';
import { LOSS_BLOCK } from './stages.js';
import { Tuner } from './tuner.js';

const MAP_READ_COPY_DST = 9;
const MODE_READ = 1;
/** Bits of a partial sum's flags, as in loss.wgsl. */
const FLAG_INFINITE = 1;
const FLAG_NAN = 2;

export class WebgpuEvaluator implements Evaluator {
  readonly info: EngineInfo;
  readonly lanes = IN_FLIGHT;
  readonly passes = {
    evaluate: 'float32',
    derivatives: 'float64',
    differences: 'float64',
    obstacles: { derivatives: 'the shaders give losses only', differences: 'the shaders give losses only' },
  } as const;
  private readonly exact: Float64Passes;
  private readonly sizer: SliceSizer;
  private readonly tuner: Tuner;
  private isTuning = false;
  private readonly idle: GPUBuffer[] = [];
  private readonly disposed: Promise<never>;
  private end!: (reason: Error) => void;
  private endError: Error | null = null;
  private lastDone = 0;

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly network: Network,
    private readonly problem: Problem,
  ) {
    this.exact = new Float64Passes(problem);
    this.info = { engine: 'webgpu', adapter: gpu.adapter };
    const aim = gpu.software ? SOFTWARE_TARGET_MS : undefined;
    this.sizer = new SliceSizer(Math.max(1, multiplyAdds(problem.model)), aim);
    this.tuner = new Tuner(network.tiling, network.isSettled, (tiling) => network.rememberTiling(tiling));
    this.disposed = new Promise((_, reject) => {
      this.end = (reason) => {
        this.endError = reason;
        reject(reason);
      };
    });
    this.disposed.catch(() => {});
  }

  static async create(
    gpu: ComputeDevice,
    problem: Problem,
    choice: KernelChoice,
    signal?: AbortSignal,
  ): Promise<WebgpuEvaluator> {
    return new WebgpuEvaluator(gpu, await Network.create(gpu, problem, choice, signal), problem);
  }

  async evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    this.check(points, samples);
    const count = points.a.length;
    const sums: Sums = {
      loss: new Float64Array(count),
      squares: new Float64Array(count),
      // Without labels nothing is right or wrong.
      correct: new Float64Array(count).fill(this.problem.data.labels === null ? NaN : 0),
    };
    const running = new Set<Promise<void>>();
    let failure: { error: unknown } | null = null;
    let donePoints = 0;
    let doneSamples = 0;
    let open = 0;
    while (donePoints < count && samples.count > 0 && !failure) {
      const release = await this.gpu.place();
      try {
        this.throwIfStopped(signal);
        if (this.gpu.lostError) throw this.gpu.lostError;
        if (failure) break;
        const remaining = { points: count, range: samples, donePoints, doneSamples };
        const slice = nextSlice(remaining, this.sizer.cells, this.network.capacity, open);
        const run = this.run(points, slice, sums).catch((error: unknown) => {
          failure ??= { error };
        });
        const settled = run.finally(() => {
          release();
          running.delete(settled);
        });
        running.add(settled);
        doneSamples += slice.end - slice.start;
        open = slice.points;
        if (doneSamples >= samples.count) {
          donePoints += slice.points;
          doneSamples = 0;
          open = 0;
        }
      } catch (error) {
        release();
        failure ??= { error };
      }
    }
    await Promise.all(running);
    if (failure) throw (failure as { error: unknown }).error;
    signal?.throwIfAborted();
    this.tune();
    return sums;
  }

  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    signal?: AbortSignal,
  ): Promise<Derivatives> {
    return this.exact.derivatives(points, samples, order, () => this.throwIfStopped(signal));
  }

  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    return this.exact.differences(centre, offsets, samples, () => this.throwIfStopped(signal));
  }

  dispose(): void {
    if (this.endError) return;
    this.end(new EngineLostError(`${this.problem.model.name}: the evaluator was disposed`));
    this.network.dispose();
    for (const buffer of this.idle) buffer.destroy();
    this.idle.length = 0;
  }

  /** Has other tilings compiled and tried, once a first call has given its picture. */
  private tune(): void {
    if (this.isTuning || this.tuner.isSettled) return;
    this.isTuning = true;
    void this.network.prepareTilings().then((tilings) => this.tuner.offer(tilings));
  }

  private throwIfStopped(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.endError) throw this.endError;
  }

  private check({ a, b }: Points, { first, count }: SampleRange): void {
    const { samples, name } = this.problem.data;
    if (a.length !== b.length)
      throw new RangeError(`${a.length} values of α and ${b.length} of β; they go in pairs`);
    const sane = Number.isSafeInteger(first) && Number.isSafeInteger(count) && first >= 0 && count >= 0;
    if (!sane || first + count > samples) {
      throw new RangeError(
        `samples ${first} … ${first + count - 1} are not in data ${name}, which has ${samples}`,
      );
    }
  }

  private async run(points: Points, slice: Slice, sums: Sums): Promise<void> {
    const { gpu, network } = this;
    const bytes = network.partialBytes(slice);
    const what = `${this.problem.model.name}: ${slice.points} points × ${slice.samples} samples`;
    const submitted = performance.now();
    const tiling = this.tuner.next();
    let staging: GPUBuffer | undefined;
    await gpu.scoped(what, () => {
      staging = this.staging(bytes);
      network.writePoints(points.a, points.b, slice);
      network.submit(slice, staging, tiling);
    });
    const buffer = staging!;
    await Promise.race([gpu.orLost(buffer.mapAsync(MODE_READ, 0, bytes)), this.disposed]);
    const now = performance.now();
    // The queue works in order: this slice began when it was submitted or when the one before it ended.
    const taken = now - Math.max(submitted, this.lastDone);
    this.sizer.report(slice.points * slice.samples, taken);
    this.tuner.report(tiling, slice.points * slice.samples, taken);
    this.lastDone = now;
    addPartials(new DataView(buffer.getMappedRange(0, bytes)), slice, sums);
    buffer.unmap();
    if (this.endError) buffer.destroy();
    else this.idle.push(buffer);
  }

  /** A free staging buffer of at least this size. */
  private staging(bytes: number): GPUBuffer {
    const at = this.idle.findIndex((buffer) => buffer.size >= bytes);
    if (at >= 0) return this.idle.splice(at, 1)[0]!;
    for (const buffer of this.idle.splice(0)) buffer.destroy();
    return this.gpu.device.createBuffer({ label: 'staging', size: bytes, usage: MAP_READ_COPY_DST });
  }
}

/** Adds a slice's partial sums, `[point][block]` of (Σℓ, Σℓ², hits, flags). */
function addPartials(view: DataView, slice: Slice, sums: Sums): void {
  const blocks = Math.ceil(slice.samples / LOSS_BLOCK);
  let at = 0;
  for (let p = 0; p < slice.points; p++) {
    const i = slice.firstPoint + p;
    for (let block = 0; block < blocks; block++, at += 16) {
      const flags = view.getUint32(at + 12, true);
      const mark = flags & FLAG_NAN ? NaN : flags & FLAG_INFINITE ? Infinity : 0;
      sums.loss[i]! += view.getFloat32(at, true) + mark;
      sums.squares[i]! += view.getFloat32(at + 4, true) + mark;
      sums.correct[i]! += view.getUint32(at + 8, true);
    }
  }
}
