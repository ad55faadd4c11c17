/**
 * The delta pass in float32, its sums finished in float64: Δ = ρ·(a·∂α + b·∂β) + ρ²·ΣR, the derivatives at the centre in
 * float64 and R from the stages of pass.ts. What left float32's range on the way is computed again in float64.
 */
import { CompensatedSums } from '../../../math/sum.js';
import { checkCall, offsetScale } from '../../calls.js';
import type { Differences, Point, Points, Problem, SampleRange } from '../../engine.js';
import { Float64Passes } from '../../float64.js';
import type { ComputeDevice } from '../device.js';
import { Network } from '../network.js';
import { LANE } from '../pack.js';
import type { Slice } from '../plan.js';
import { type KernelChoice, layerwise } from '../recipe.js';
import { Runner } from '../runner.js';
import { LOSS_BLOCK } from '../stages.js';
import { CentreMaker, type FormedCentre } from './centre.js';
import { refusesDelta } from './keeps.js';
import { DeltaPass } from './pass.js';

export const TOO_LARGE = 'its values are too large for this adapter';

/** The centre in the buffer. */
interface Held extends Pick<FormedCentre, 'a' | 'b'> {
  readonly centre: Point;
  /** Its first sample. */
  readonly first: number;
}

export class WebgpuDelta {
  private readonly maker: CentreMaker;
  private readonly exact: Float64Passes;
  private held: Held | null = null;
  /** Calls take turns: there is room for one centre. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    private readonly pass: DeltaPass,
    private readonly runner: Runner,
  ) {
    this.maker = new CentreMaker(problem, pass.centre.keeps);
    this.exact = new Float64Passes(problem);
  }

  /** Why float64 has to do on this device; null where it need not. */
  static refuses(gpu: ComputeDevice, problem: Problem, { kernels }: KernelChoice): string | null {
    const refusal = refusesDelta(problem);
    if (refusal !== null) return refusal;
    const pass = new DeltaPass(problem, gpu.device.limits.maxStorageBufferBindingSize);
    return Network.fits(gpu, problem, layerwise(kernels), pass) && pass.fits ? null : TOO_LARGE;
  }

  /**
   * For a problem that `refuses` has nothing against.
   *
   * @throws as `Network.create`
   */
  static async create(
    gpu: ComputeDevice,
    problem: Problem,
    { kernels, tiling }: KernelChoice,
  ): Promise<WebgpuDelta> {
    const pass = new DeltaPass(problem, gpu.device.limits.maxStorageBufferBindingSize);
    const choice = { kernels: layerwise(kernels), tiling };
    const network = await Network.create(gpu, problem, choice, pass);
    return new WebgpuDelta(gpu, problem, pass, new Runner(gpu, network, problem));
  }

  /** As `Evaluator.differences`. */
  differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    const turn = this.last.then(() => this.run(centre, offsets, samples, signal));
    this.last = turn.catch(() => {});
    return turn;
  }

  dispose(): void {
    this.runner.dispose();
  }

  private async run(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal: AbortSignal | undefined,
  ): Promise<Differences> {
    checkCall(this.problem, offsets, samples);
    const stop = (): void => this.runner.throwIfStopped(signal);
    stop();
    const rho = offsetScale(offsets);
    if (rho === null) return this.exact.differences(centre, offsets, samples, stop);
    const scaled = { a: offsets.a.map((x) => x / rho), b: offsets.b.map((x) => x / rho), rho };
    const points = { a: offsets.a.map((x) => centre.a + x), b: offsets.b.map((x) => centre.b + x) };
    const rest = new Float64Array(offsets.a.length);
    const lost = new Set<number>();
    const slopes = new CompensatedSums(2);
    const block = this.pass.centre.columns * LANE;
    const end = samples.first + samples.count;
    for (let from = samples.first; from < end;) {
      const first = from - (from % block);
      const count = Math.min(end, first + block) - from;
      const held = await this.hold(centre, first, block, stop);
      for (let s = from - first; s < from - first + count; s++) {
        slopes.add(0, held.a[s]!);
        slopes.add(1, held.b[s]!);
      }
      this.pass.offsets = scaled;
      await this.runner.run(points, { first: from, count }, signal, (partials, slice) =>
        addPartials(partials, slice, rest, lost),
      );
      from += count;
    }
    const [slopeA, slopeB] = slopes.values() as Float64Array & [number, number];
    const delta = rest.map((sum, p) => rho * (scaled.a[p]! * slopeA! + scaled.b[p]! * slopeB! + rho * sum));
    await this.replace([...lost], delta, centre, offsets, samples, stop);
    return { delta };
  }

  /** Sees to it that the buffer has a block of samples at a centre. */
  private async hold(centre: Point, first: number, block: number, stop: () => void): Promise<Held> {
    const { held, gpu, problem } = this;
    if (held !== null && held.first === first && held.centre.a === centre.a && held.centre.b === centre.b) {
      return held;
    }
    this.held = null;
    const count = Math.min(block, problem.data.samples - first);
    const { data, a, b } = await this.maker.form(centre, { first, count }, block, stop);
    await gpu.scoped(`${problem.model.name}: uploading the centre`, () =>
      gpu.device.queue.writeBuffer(this.pass.centre.buffer, 0, data),
    );
    return (this.held = { centre, first, a, b });
  }

  private async replace(
    lost: readonly number[],
    delta: Float64Array,
    centre: Point,
    { a, b }: Points,
    samples: SampleRange,
    stop: () => void,
  ): Promise<void> {
    if (lost.length === 0) return;
    const again = { a: Float64Array.from(lost, (p) => a[p]!), b: Float64Array.from(lost, (p) => b[p]!) };
    const exact = await this.exact.differences(centre, again, samples, stop);
    for (const [i, point] of lost.entries()) delta[point] = exact.delta[i]!;
  }
}

/** Adds a slice's partial sums, `[point][block]` of a sum and a flag that some difference is no finite number. */
function addPartials(
  view: DataView,
  { firstPoint, points, samples }: Slice,
  sums: Float64Array,
  lost: Set<number>,
): void {
  const blocks = Math.ceil(samples / LOSS_BLOCK);
  let at = 0;
  for (let p = firstPoint; p < firstPoint + points; p++) {
    for (let block = 0; block < blocks; block++, at += 16) {
      const value = view.getFloat32(at, true);
      sums[p]! += value;
      if (!Number.isFinite(value) || view.getUint32(at + 4, true) !== 0) lost.add(p);
    }
  }
}
