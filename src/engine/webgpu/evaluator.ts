/** The losses, derivatives and differences of a problem on a device, their sums finished in float64. */
import type { Order } from '../../model/jet.js';
import {
  type Derivatives,
  type Differences,
  EngineUnsupportedError,
  type Evaluator,
  type EngineInfo,
  type Passes,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from '../engine.js';
import { Float64Passes } from '../float64.js';
import { TOO_LARGE, WebgpuDelta } from './delta/differences.js';
import { IN_FLIGHT, type ComputeDevice } from './device.js';
import { WebgpuDerivatives } from './jets/derivatives.js';
import { Network } from './network.js';
import { lossPass } from './pass.js';
import type { Slice } from './plan.js';
import type { KernelChoice } from './recipe.js';
import { Runner } from './runner.js';
import { LOSS_BLOCK } from './stages.js';

/** Bits of a partial sum's flags, as in loss.wgsl. */
const FLAG_INFINITE = 1;
const FLAG_NAN = 2;

export class WebgpuEvaluator implements Evaluator {
  readonly info: EngineInfo;
  readonly lanes = IN_FLIGHT;
  readonly passes: Passes;
  private readonly exact: Float64Passes;
  /** Made when they are first asked for, as they take memory of their own. */
  private readonly jets = new Map<Order, Promise<WebgpuDerivatives | null>>();
  private delta: Promise<WebgpuDelta | null> | null = null;
  private isDisposed = false;

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    private readonly choice: KernelChoice,
    private readonly losses: Runner,
  ) {
    this.exact = new Float64Passes(problem);
    this.passes = passesOf(gpu, problem, choice);
    this.info = { engine: 'webgpu', adapter: gpu.adapter };
  }

  static async create(
    gpu: ComputeDevice,
    problem: Problem,
    choice: KernelChoice,
    signal?: AbortSignal,
  ): Promise<WebgpuEvaluator> {
    const network = await Network.create(gpu, problem, choice, lossPass, signal);
    return new WebgpuEvaluator(gpu, problem, choice, new Runner(gpu, network, problem));
  }

  async evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    const count = points.a.length;
    const sums: Sums = {
      loss: new Float64Array(count),
      squares: new Float64Array(count),
      // Without labels nothing is right or wrong.
      correct: new Float64Array(count).fill(this.problem.data.labels === null ? NaN : 0),
    };
    await this.losses.run(points, samples, signal, (partials, slice) => addPartials(partials, slice, sums));
    return sums;
  }

  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    signal?: AbortSignal,
  ): Promise<Derivatives> {
    const own = this.passes.derivatives === 'float32' ? await this.jetsOf(order) : null;
    this.losses.throwIfStopped(signal);
    if (own) return own.derivatives(points, samples, signal);
    return this.exact.derivatives(points, samples, order, () => this.losses.throwIfStopped(signal));
  }

  /** The pass of an order, or null where jets are too large for the device. */
  private jetsOf(order: Order): Promise<WebgpuDerivatives | null> {
    let made = this.jets.get(order);
    if (!made) {
      made = this.make(() => WebgpuDerivatives.create(this.gpu, this.problem, order, this.choice));
      this.jets.set(order, made);
      // What failed for want of memory may succeed later.
      made.catch(() => this.jets.delete(order));
    }
    return made;
  }

  /** The pass of differences, or null where float64 has to do. */
  private deltaOf(): Promise<WebgpuDelta | null> {
    if (this.passes.differences === 'float64') return Promise.resolve(null);
    if (!this.delta) {
      this.delta = this.make(() => WebgpuDelta.create(this.gpu, this.problem, this.choice));
      this.delta.catch(() => (this.delta = null));
    }
    return this.delta;
  }

  private async make<T extends { dispose(): void }>(create: () => Promise<T>): Promise<T | null> {
    try {
      const made = await create();
      if (this.isDisposed) made.dispose();
      return made;
    } catch (error) {
      if (error instanceof EngineUnsupportedError) return null;
      throw error;
    }
  }

  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    const own = await this.deltaOf();
    this.losses.throwIfStopped(signal);
    if (own) return own.differences(centre, offsets, samples, signal);
    return this.exact.differences(centre, offsets, samples, () => this.losses.throwIfStopped(signal));
  }

  dispose(): void {
    this.isDisposed = true;
    this.losses.dispose();
    for (const made of [...this.jets.values(), this.delta])
      void made?.then((own) => own?.dispose()).catch(() => {});
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

/** What the stages do themselves on this device. */
function passesOf(gpu: ComputeDevice, problem: Problem, choice: KernelChoice): Passes {
  const derivatives = WebgpuDerivatives.fits(gpu, problem, 2, choice) ? null : TOO_LARGE;
  const differences = WebgpuDelta.refuses(gpu, problem, choice);
  return {
    evaluate: 'float32',
    derivatives: derivatives === null ? 'float32' : 'float64',
    differences: differences === null ? 'float32' : 'float64',
    obstacles: {
      ...(derivatives !== null && { derivatives }),
      ...(differences !== null && { differences }),
    },
  };
}
