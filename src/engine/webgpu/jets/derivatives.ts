/**
 * The derivative pass in float32, its sums finished in float64. Directions are scaled by powers of two to the size of the
 * weights, so that products of sums lose no digits, and what left float32's range on the way is computed again in float64.
 */
import type { Order } from '../../../model/jet.js';
import type { Derivatives, Points, Problem, SampleRange } from '../../engine.js';
import { Float64Passes } from '../../float64.js';
import { scaled, scaleOf } from '../../scaling.js';
import type { ComputeDevice } from '../device.js';
import { Network } from '../network.js';
import type { Slice } from '../plan.js';
import { type KernelChoice, layerwise } from '../recipe.js';
import { Runner } from '../runner.js';
import { LOSS_BLOCK } from '../stages.js';
import { JET_PARTIAL, jetPass } from './pass.js';

export class WebgpuDerivatives {
  private constructor(
    private readonly order: Order,
    private readonly scales: readonly [number, number],
    private readonly runner: Runner,
    private readonly exact: Float64Passes,
  ) {}

  /** Whether there is room for jets on a device. */
  static fits(gpu: ComputeDevice, problem: Problem, order: Order, { kernels }: KernelChoice): boolean {
    return Network.fits(gpu, problem, layerwise(kernels), jetPass(order));
  }

  /** @throws as `Network.create` */
  static async create(
    gpu: ComputeDevice,
    problem: Problem,
    order: Order,
    { kernels, tiling }: KernelChoice,
  ): Promise<WebgpuDerivatives> {
    const scales = [scaleOf(problem, problem.d1), scaleOf(problem, problem.d2)] as const;
    const own = { ...problem, d1: scaled(problem.d1, scales[0]), d2: scaled(problem.d2, scales[1]) };
    const choice = { kernels: layerwise(kernels), tiling };
    const network = await Network.create(gpu, own, choice, jetPass(order));
    return new WebgpuDerivatives(order, scales, new Runner(gpu, network, own), new Float64Passes(problem));
  }

  /** As `Evaluator.derivatives`. */
  async derivatives(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Derivatives> {
    const { order, scales, runner } = this;
    const [scaleA, scaleB] = scales;
    // What the kernels' coordinates are in the plane's, for each part.
    const factors = [scaleA, scaleB, scaleA ** 2, scaleA * scaleB, scaleB ** 2].slice(0, order === 1 ? 2 : 5);
    const own = { a: points.a.map((x) => x / scaleA), b: points.b.map((x) => x / scaleB) };
    const sums = factors.map(() => new Float64Array(points.a.length));
    const lost = new Set<number>();
    await runner.run(own, samples, signal, (partials, slice) => addPartials(partials, slice, sums, lost));
    for (const [part, sum] of sums.entries()) {
      for (let p = 0; p < sum.length; p++) sum[p]! /= factors[part]!;
    }
    if (lost.size > 0) await this.replace([...lost], sums, points, samples, signal);
    const [a, b, aa = null, ab = null, bb = null] = sums as [Float64Array, Float64Array, ...Float64Array[]];
    return { a, b, aa, ab, bb };
  }

  dispose(): void {
    this.runner.dispose();
  }

  private async replace(
    lost: readonly number[],
    sums: readonly Float64Array[],
    { a, b }: Points,
    samples: SampleRange,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const again = { a: Float64Array.from(lost, (p) => a[p]!), b: Float64Array.from(lost, (p) => b[p]!) };
    const stop = (): void => this.runner.throwIfStopped(signal);
    const exact = await this.exact.derivatives(again, samples, this.order, stop);
    const parts = [exact.a, exact.b, exact.aa, exact.ab, exact.bb];
    for (const [part, sum] of sums.entries()) {
      for (const [i, point] of lost.entries()) sum[point] = parts[part]![i]!;
    }
  }
}

/** Adds a slice's partial sums, `[point][block]` of five sums and a flag that some derivative is no finite number. */
function addPartials(
  view: DataView,
  { firstPoint, points, samples }: Slice,
  sums: readonly Float64Array[],
  lost: Set<number>,
): void {
  const blocks = Math.ceil(samples / LOSS_BLOCK);
  let at = 0;
  for (let p = firstPoint; p < firstPoint + points; p++) {
    for (let block = 0; block < blocks; block++, at += JET_PARTIAL) {
      for (const [part, sum] of sums.entries()) {
        const value = view.getFloat32(at + 4 * part, true);
        sum[p]! += value;
        if (!Number.isFinite(value)) lost.add(p);
      }
      if (view.getUint32(at + 20, true) !== 0) lost.add(p);
    }
  }
}
