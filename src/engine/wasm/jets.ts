/**
 * The derivative pass in float32: jets of all values, block by block, in kernels with samples in the vector lanes; sums
 * over samples are float64. Directions are scaled by powers of two to the size of the weights, so that products of
 * sums (jet-products.ts) lose no digits, and what left float32's range on the way is computed again in float64.
 */
import { elements } from '../../model/graph.js';
import type { Order } from '../../model/jet.js';
import { checkCall } from '../calls.js';
import type { Derivatives, Points, Problem, SampleRange } from '../engine.js';
import { breather, Float64Passes } from '../float64.js';
import { scaled, scaleOf } from '../scaling.js';
import { Arena } from './arena.js';
import { allocate, type Use } from './buffers.js';
import { coordinates } from './coordinates.js';
import type { JetMachine, JetPlay, JetSite } from './jet-machine.js';
import { jetScratch } from './jet-products.js';
import { prepareJet } from './jet-steps.js';
import { type Build, instantiate, ownBytes } from './modules.js';
import { lower, reads, type Step } from './lower.js';
import { groupSamples, groupsOf, rowBytes, toLanes } from './pack.js';
import { Plane } from './plane.js';
import { straightValues } from './straight.js';
import { lossTargets } from './targets.js';

/** Bytes of a block's buffers, so that they stay in the second-level cache beside the weights. */
const blockCache = 2 ** 18;
/** Groups of a block where the network is tiny. */
const mostGroups = 32;
/** Inputs from which on a first layer's three products are worth keeping for all samples, and bytes for them. */
const keptFrom = 6;
const mostKept = 2 ** 28;
/** Address of the sums, up to five float64; nothing else lies below the module's constants. */
const sumsAt = 64;
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Why the derivatives of this problem are computed in float64; null where the float32 kernels serve. */
export function refusesDerivatives(problem: Problem): string | null {
  const plane = new Plane(problem);
  for (const node of problem.model.nodes) {
    if (node.op === 'multiply') return `${node.name} multiplies two values`;
    if (node.op === 'batchnorm' && plane.moves(node.variance)) {
      return `a direction moves ${node.variance}`;
    }
  }
  return null;
}

/** A first layer whose products of all samples pay. */
function keepsFirst(step: Step, plane: Plane, { model, data }: Problem, groups: number): boolean {
  if (step.kind !== 'product' || step.inputs[0] !== 0 || step.node.op !== 'dense') return false;
  const bytes = 3 * elements(model.shapes[step.out]!) * rowBytes * groups;
  return plane.moves(step.node.weight) && elements(data.shape) >= keptFrom && bytes <= mostKept;
}

export class WasmDerivatives {
  private plays: readonly JetPlay[] = [];

  private constructor(
    private readonly problem: Problem,
    private readonly order: Order,
    private readonly scales: readonly [number, number],
    private readonly site: JetSite,
    private readonly machine: JetMachine,
    private readonly memory: WebAssembly.Memory,
    /** Addresses of labels, targets and the logits' jets. */
    private readonly at: { readonly labels: number; readonly targets: number; readonly logits: number },
    private readonly exact: Float64Passes,
  ) {}

  /** Throws `EngineMemoryError` when memory is not to be had. */
  static async create(problem: Problem, order: Order, build: Build): Promise<WasmDerivatives> {
    const { model, data, loss } = problem;
    const scales = [scaleOf(problem, problem.d1), scaleOf(problem, problem.d2)] as const;
    const own = { ...problem, d1: scaled(problem.d1, scales[0]), d2: scaled(problem.d2, scales[1]) };
    const parts = order === 1 ? 3 : 6;
    const plane = new Plane(own);
    const arena = new Arena();
    const { steps, logits } = lower(model, () => true);
    const size = (value: number): number => parts * elements(model.shapes[value]!) * rowBytes;

    const wantsInput = (step: Step): boolean =>
      step.kind === 'product' ? step.epilogue.residual === 0 : step.inputs.includes(0);
    const startsWithJet = logits === 0 || steps.some(wantsInput);
    const uses = steps.map((step): Use => {
      const elementwise = step.kind === 'activation' || step.kind === 'affine' || step.kind === 'add';
      const residual = step.kind === 'product' ? step.epilogue.residual : null;
      const residuals = residual === null || step.inputs.includes(residual) ? [] : [residual];
      return {
        reads: reads(step).filter((value) => value !== 0 || startsWithJet),
        writes: step.out,
        overwrites: elementwise ? step.inputs : residuals,
        scratch: jetScratch(step, { problem: own, plane, parts }),
      };
    });
    const nothing = { overwrites: [], scratch: 0 };
    if (startsWithJet) uses.unshift({ reads: [], writes: 0, ...nothing });
    const buffers = allocate([...uses, { reads: [logits], writes: null, ...nothing }], size);
    const scratch = buffers.scratch.slice(startsWithJet ? 1 : 0);
    const all = groupsOf(data.samples);
    const groups = Math.max(
      1,
      Math.min(mostGroups, all, Math.floor(blockCache / Math.max(1, buffers.bytes))),
    );
    const site: JetSite = {
      problem: own,
      plane,
      arena,
      parts,
      groups,
      straight: straightValues(steps, plane),
    };
    const binds = steps.map((step, i) => prepareJet(step, scratch[i]!, site));

    // A block may start at any group, and is always computed whole.
    const held = all + groups;
    const outputs = elements(model.shapes.at(-1)!);
    const first = steps.find((step) => keepsFirst(step, plane, own, held));
    const kept = first === undefined ? 0 : elements(model.shapes[first.out]!) * rowBytes * held;
    const labels = ownBytes;
    const targets = align(labels + 4 * held * groupSamples);
    const inputs = align(targets + (loss === 'ce' ? 0 : held * outputs * rowBytes));
    const keptAt = align(inputs + held * elements(data.shape) * rowBytes);
    const arenaAt = align(keptAt + 3 * kept);
    const moreAt = align(arenaAt + arena.bytes);
    const formed = 4 * arena.formed;
    const blocks = align(moreAt + 3 * formed);
    const { kernels, memory } = await instantiate(build, blocks + buffers.bytes * groups);
    const placed = arena.place(memory.buffer, arenaAt);
    const weights = {
      base: placed.base,
      w: placed.formed,
      d1: placed.d1,
      d2: placed.d2,
      wPlusD1: moreAt,
      wPlusD2: moreAt + formed,
      d1PlusD2: moreAt + 2 * formed,
    };
    const machine: JetMachine = {
      kernels,
      placed,
      weights,
      value: (value) => blocks + buffers.offsets.get(value)! * groups,
      scratch: (offset) => blocks + offset * groups,
      inputs,
      kept: first === undefined ? null : [keptAt, keptAt + kept, keptAt + 2 * kept],
      all,
    };
    const lanes = (address: number, units: number) =>
      new Float32Array(memory.buffer, address, all * units * groupSamples);
    const width = elements(data.shape);
    toLanes(data.inputs, data.samples, width, lanes(inputs, width));
    if (data.labels !== null) new Int32Array(memory.buffer, labels, data.samples).set(data.labels);
    if (loss !== 'ce') toLanes(lossTargets(data, outputs), data.samples, outputs, lanes(targets, outputs));
    if (arena.formed > 0 && order === 2) {
      kernels.form(placed.d1, placed.d2, placed.d2, weights.d1PlusD2, arena.formed, 1, 0);
    }
    const at = { labels, targets, logits: machine.value(logits) };
    const exact = new Float64Passes(problem);
    const made = new WasmDerivatives(problem, order, scales, site, machine, memory, at, exact);
    const bare: JetMachine = { ...machine, kept: null };
    made.plays = binds.map((bind, i) => bind(steps[i] === first ? machine : bare));
    if (startsWithJet) made.plays = [inputJet(site, machine), ...made.plays];
    return made;
  }

  /** As `Evaluator.derivatives`; `stop` throws when the work is no longer wanted. */
  async derivatives(points: Points, samples: SampleRange, stop: () => void): Promise<Derivatives> {
    const { problem, order, scales, site, memory } = this;
    checkCall(problem, points, samples);
    const size = points.a.length;
    const [scaleA, scaleB] = scales;
    // What the kernels' coordinates are in the plane's, for each part.
    const factors = [scaleA, scaleB, scaleA ** 2, scaleA * scaleB, scaleB ** 2].slice(0, order === 1 ? 2 : 5);
    const sums = factors.map(() => new Float64Array(size));
    const held = new Float64Array(memory.buffer, sumsAt, factors.length);
    const breathe = breather(stop);
    const end = Math.ceil((samples.first + samples.count) / groupSamples);
    for (let point = 0; point < size; point++) {
      const [a, b] = [points.a[point]! / scaleA, points.b[point]! / scaleB];
      this.form(a, b);
      const where = coordinates(a, b);
      held.fill(0);
      for (let first = Math.floor(samples.first / groupSamples); first < end; first += site.groups) {
        await breathe();
        for (const play of this.plays) play({ ...where, first });
        this.addLoss(first, samples);
      }
      for (const [part, sum] of sums.entries()) sum[point] = held[part]! / factors[part]!;
    }
    stop();
    await this.replaceLost(sums, points, samples, stop);
    const [a, b, aa = null, ab = null, bb = null] = sums as [Float64Array, Float64Array, ...Float64Array[]];
    return { a, b, aa, ab, bb };
  }

  private form(a: number, b: number): void {
    const { site, machine, order } = this;
    const { kernels, placed, weights } = machine;
    const count = site.arena.formed;
    if (count === 0) return;
    const { base, d1, d2 } = placed;
    kernels.form(base, d1, d2, weights.w, count, a, b);
    if (order === 1) return;
    kernels.form(base, d1, d2, weights.wPlusD1, count, a + 1, b);
    kernels.form(base, d1, d2, weights.wPlusD2, count, a, b + 1);
  }

  private addLoss(firstGroup: number, { first, count }: SampleRange): void {
    const { problem, site, machine, at } = this;
    const { kernels } = machine;
    const outputs = elements(problem.model.shapes.at(-1)!);
    const part = outputs * rowBytes * site.groups;
    const start = firstGroup * groupSamples;
    const isCe = problem.loss === 'ce';
    const truth = isCe ? at.labels + 4 * start : at.targets + firstGroup * outputs * rowBytes;
    const kernel = kernels[`jet_${problem.loss}`];
    const [from, end] = [first - start, first + count - start];
    kernel(at.logits, truth, outputs, site.groups, site.parts, part, from, end, sumsAt);
  }

  /** What left float32's range on the way, in float64. */
  private async replaceLost(
    sums: readonly Float64Array[],
    { a, b }: Points,
    samples: SampleRange,
    stop: () => void,
  ): Promise<void> {
    const lost = [...a.keys()].filter((point) => sums.some((sum) => !Number.isFinite(sum[point]!)));
    if (lost.length === 0) return;
    const again = { a: Float64Array.from(lost, (p) => a[p]!), b: Float64Array.from(lost, (p) => b[p]!) };
    const exact = await this.exact.derivatives(again, samples, this.order, stop);
    const parts = [exact.a, exact.b, exact.aa, exact.ab, exact.bb];
    for (const [part, sum] of sums.entries()) {
      for (const [i, point] of lost.entries()) sum[point] = parts[part]![i]!;
    }
  }
}

/** The input's jet for steps that want one: the value, which no direction moves, and zeros. */
function inputJet(site: JetSite, machine: JetMachine): JetPlay {
  const stride = elements(site.problem.model.shapes[0]!) * rowBytes;
  const part = stride * site.groups;
  const to = machine.value(0);
  const { kernels, inputs } = machine;
  return ({ first }) => {
    kernels.fill(to, site.parts * part, 0);
    kernels.add(inputs + first * stride, to, to, part);
  };
}
