/** Runs calls on a network slice by slice, each sized by how long those before it took. */
import { multiplyAdds } from '../../model/cost.js';
import { checkCall } from '../calls.js';
import { EngineLostError, type Points, type Problem, type SampleRange } from '../engine.js';
import type { ComputeDevice } from './device.js';
import type { Network } from './network.js';
import { nextSlice, SliceSizer, SOFTWARE_TARGET_MS, type Slice } from './plan.js';
import { Tuner } from './tuner.js';

const MAP_READ_COPY_DST = 9;
const MODE_READ = 1;

export class Runner {
  private readonly sizer: SliceSizer;
  private readonly tuner: Tuner;
  private isTuning = false;
  /** Runs under way. */
  private active = 0;
  private readonly idle: GPUBuffer[] = [];
  private readonly disposed: Promise<never>;
  private end!: (reason: Error) => void;
  private endError: Error | null = null;
  private lastDone = 0;

  constructor(
    private readonly gpu: ComputeDevice,
    private readonly network: Network,
    private readonly problem: Problem,
  ) {
    const aim = gpu.software ? SOFTWARE_TARGET_MS : undefined;
    this.sizer = new SliceSizer(Math.max(1, network.lanes * multiplyAdds(problem.model)), aim);
    this.tuner = new Tuner(network.tiling, network.isSettled, (tiling) => network.rememberTiling(tiling));
    this.disposed = new Promise((_, reject) => {
      this.end = (reason) => {
        this.endError = reason;
        reject(reason);
      };
    });
    this.disposed.catch(() => {});
  }

  /**
   * Evaluates every point on every sample of the range; `add` gets each slice's partial sums as the network writes them.
   * Rejects as an `Evaluator`'s calls do.
   */
  async run(
    points: Points,
    samples: SampleRange,
    signal: AbortSignal | undefined,
    add: (partials: DataView, slice: Slice) => void,
  ): Promise<void> {
    checkCall(this.problem, points, samples);
    this.active++;
    try {
      await this.runSlices(points, samples, signal, add);
    } finally {
      this.active--;
    }
    signal?.throwIfAborted();
    if (this.active > 0) return;
    if (this.tuner.isSettled) this.network.settle(this.tuner.next());
    else this.tune();
  }

  private async runSlices(
    points: Points,
    samples: SampleRange,
    signal: AbortSignal | undefined,
    add: (partials: DataView, slice: Slice) => void,
  ): Promise<void> {
    const count = points.a.length;
    const running = new Set<Promise<void>>();
    let failure: { error: unknown } | null = null;
    let donePoints = 0;
    let doneSamples = 0;
    let open = 0;
    let tiling = 0;
    while (donePoints < count && samples.count > 0 && !failure) {
      const release = await this.gpu.place();
      try {
        this.throwIfStopped(signal);
        if (this.gpu.lostError) throw this.gpu.lostError;
        if (failure) {
          release();
          break;
        }
        const remaining = { points: count, range: samples, donePoints, doneSamples };
        // Tilings may hold different numbers of points, so that those under way keep theirs.
        if (open === 0) tiling = this.tuner.next();
        const slice = nextSlice(remaining, this.sizer.cells, this.network.capacityIn(tiling), open);
        const run = this.slice(points, slice, tiling, add).catch((error: unknown) => {
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
  }

  throwIfStopped(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.endError) throw this.endError;
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
    if (this.isTuning) return;
    this.isTuning = true;
    void this.network.prepareTilings().then((tilings) => this.tuner.offer(tilings));
  }

  private async slice(
    points: Points,
    slice: Slice,
    tiling: number,
    add: (partials: DataView, slice: Slice) => void,
  ): Promise<void> {
    const { gpu, network } = this;
    const bytes = network.partialBytes(slice);
    const what = `${this.problem.model.name}: ${slice.points} points × ${slice.samples} samples`;
    const submitted = performance.now();
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
    add(new DataView(buffer.getMappedRange(0, bytes)), slice);
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
