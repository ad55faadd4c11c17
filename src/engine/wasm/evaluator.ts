/** A prepared problem: its plan bound to kernels and a memory of its own. */
import { checkCall } from '../calls.js';
import {
  type Derivatives,
  type Differences,
  type EngineInfo,
  EngineLostError,
  type Evaluator,
  type Passes,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from '../engine.js';
import { Float64Passes } from '../float64.js';
import { elements } from '../../model/graph.js';
import type { Order } from '../../model/jet.js';
import type { Placed, Slot } from './arena.js';
import { prepareCall } from './calls.js';
import { coordinates } from './coordinates.js';
import { WasmDelta } from './delta.js';
import type { Kernels } from './kernels.js';
import { type Build, instantiate, ownBytes } from './modules.js';
import { at, type Block, type Machine, type Play, type Region } from './machine.js';
import { refusesDerivatives, WasmDerivatives } from './jets.js';
import { groupSamples, rowBytes, toLanes } from './pack.js';
import { nextTask } from '../pause.js';
import { makePlan, type Plan, type Storage } from './plan.js';
import { scaleAt } from './plane.js';
import { lossTargets } from './targets.js';

/** Milliseconds between two looks at the event loop, where a cancellation may be waiting. */
const patience = 8;
/** Address of the sums: Σℓ, Σℓ², number of right ones, float64. Below it nothing lies: 0 means absent. */
const sumsAt = 64;
/** Stretches of memory start at a cache line. */
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Where the stretches of a problem's memory start. */
interface Layout {
  readonly labels: number;
  readonly targets: number;
  readonly kept: number;
  readonly arena: number;
  readonly blocks: number;
  readonly end: number;
}

function layOut(plan: Plan, outputs: number): Layout {
  const { data, loss } = plan.problem;
  const labels = ownBytes;
  const targets = align(labels + (data.labels === null ? 0 : 4 * plan.groups * groupSamples));
  const kept = align(targets + (loss === 'ce' ? 0 : plan.groups * outputs * rowBytes));
  const arena = align(kept + plan.keptBytes);
  const blocks = align(arena + plan.arena.bytes);
  return { labels, targets, kept, arena, blocks, end: blocks + plan.blockBytes };
}

export class WasmEvaluator implements Evaluator {
  readonly info: EngineInfo;
  readonly lanes = 1;
  readonly passes: Passes;
  private readonly exact: Float64Passes;
  /** Made when they are first asked for, as they take memory of their own. */
  private delta: Promise<WasmDelta> | null = null;
  private readonly jets = new Map<Order, Promise<WasmDerivatives>>();
  private readonly disposal = new AbortController();
  /** Ends when the calls before it have; the memory holds one point at a time. */
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly build: Build,
    private readonly plan: Plan,
    private readonly kernels: Kernels,
    private readonly memory: WebAssembly.Memory,
    private readonly layout: Layout,
    private readonly placed: Placed,
    private readonly once: readonly Play[],
    private readonly point: readonly Play[],
    private readonly logits: Region,
  ) {
    this.exact = new Float64Passes(plan.problem);
    const derivatives = refusesDerivatives(plan.problem);
    this.passes = {
      evaluate: 'float32',
      derivatives: derivatives === null ? 'float32' : 'float64',
      differences: 'float32',
      obstacles: derivatives === null ? {} : { derivatives },
    };
    this.info = { engine: 'wasm', adapter: build === 'relaxed' ? 'relaxed SIMD' : 'SIMD' };
  }

  /** The data must have passed `checkData`. Throws `EngineMemoryError` when memory is not to be had. */
  static async create(problem: Problem, build: Build, signal?: AbortSignal): Promise<WasmEvaluator> {
    const plan = makePlan(problem);
    const bind = ({ calls, scratch }: Plan['once']) =>
      calls.map((call, i) => prepareCall(call, scratch[i]!, plan));
    const once = bind(plan.once);
    const point = bind(plan.point);
    const layout = layOut(plan, elements(problem.model.shapes.at(-1)!));
    const { kernels, memory } = await instantiate(build, layout.end);
    const placed = plan.arena.place(memory.buffer, layout.arena);
    const machine: Machine = {
      kernels,
      slot: (slot: Slot | null) => (slot === null ? 0 : placed.address(slot)),
      value: ({ kind, offset, stride }: Storage) =>
        kind === 'kept'
          ? { start: layout.kept + offset, step: stride, stride }
          : { start: layout.blocks + offset * plan.blockGroups, step: 0, stride },
      scratch: (offset) => layout.blocks + offset * plan.blockGroups,
    };
    const play = (binds: typeof once): Play[] => binds.map((bindTo) => bindTo(machine));
    const logits = machine.value(plan.storage.get(plan.logits)!);
    const evaluator = new WasmEvaluator(
      build,
      plan,
      kernels,
      memory,
      layout,
      placed,
      play(once),
      play(point),
      logits,
    );
    evaluator.load();
    await evaluator.computeOnce(signal);
    return evaluator;
  }

  evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    const turn = this.queue.then(() => this.run(points, samples, signal));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    signal?: AbortSignal,
  ): Promise<Derivatives> {
    const stop = (): void => this.throwIfStopped(signal);
    if (this.passes.derivatives === 'float64') return this.exact.derivatives(points, samples, order, stop);
    let making = this.jets.get(order);
    if (making === undefined) {
      making = WasmDerivatives.create(this.plan.problem, order, this.build);
      this.jets.set(order, making);
      // Memory may be there another time.
      making.catch(() => this.jets.delete(order));
    }
    const jets = await making;
    const turn = this.queue.then(() => jets.derivatives(points, samples, stop));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    const stop = (): void => this.throwIfStopped(signal);
    if (this.delta === null) {
      this.delta = WasmDelta.create(this.plan.problem, this.build);
      // Memory may be there another time.
      this.delta.catch(() => (this.delta = null));
    }
    const delta = await this.delta;
    const turn = this.queue.then(() => delta.differences(centre, offsets, samples, stop));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  dispose(): void {
    this.disposal.abort(new EngineLostError('this evaluator was disposed of; prepare the problem again'));
  }

  private async run(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    this.throwIfStopped(signal);
    const { data } = this.plan.problem;
    checkCall(this.plan.problem, points, samples);
    const { a, b } = points;
    const size = a.length;
    const sums = {
      loss: new Float64Array(size),
      squares: new Float64Array(size),
      correct: new Float64Array(size),
    };
    const head = new Float64Array(this.memory.buffer, sumsAt, 3);
    let rest = performance.now();
    for (let p = 0; p < size; p++) {
      this.formParameters(a[p]!, b[p]!);
      const where = coordinates(a[p]!, b[p]!);
      head.fill(0);
      for (const block of this.blocks(samples)) {
        for (const play of this.point) play(block, where);
        this.addLoss(block, samples);
        if (performance.now() - rest < patience) continue;
        await nextTask();
        this.throwIfStopped(signal);
        rest = performance.now();
      }
      sums.loss[p] = head[0]!;
      sums.squares[p] = head[1]!;
      sums.correct[p] = data.labels === null ? NaN : head[2]!;
    }
    return sums;
  }

  /** Blocks that hold the samples of a range. */
  private *blocks({ first, count }: SampleRange): Iterable<Block> {
    const end = Math.ceil((first + count) / groupSamples);
    const { blockGroups } = this.plan;
    for (let group = Math.floor(first / groupSamples); group < end; group += blockGroups) {
      yield { first: group, groups: Math.min(blockGroups, end - group) };
    }
  }

  private formParameters(a: number, b: number): void {
    const { arena, plane } = this.plan;
    const { base, d1, d2, formed, address } = this.placed;
    if (arena.formed > 0) this.kernels.form(base, d1, d2, formed, arena.formed, a, b);
    for (const moving of plane.movingScales) {
      const scales = new Float32Array(this.memory.buffer, address(moving.slot), moving.channels);
      for (let c = 0; c < moving.channels; c++) scales[c] = scaleAt(moving, c, a, b);
    }
  }

  /** Adds the losses of a block's samples that are in the range. */
  private addLoss(block: Block, { first, count }: SampleRange): void {
    const { model, loss, data } = this.plan.problem;
    const outputs = elements(model.shapes.at(-1)!);
    const z = at(this.logits, block);
    const start = groupSamples * block.first;
    const { stride } = this.logits;
    const [from, end] = [first - start, first + count - start];
    const labels = this.layout.labels + 4 * start;
    if (loss === 'ce') this.kernels.ce(z, labels, outputs, block.groups, stride, from, end, sumsAt);
    else {
      const targets = this.layout.targets + block.first * outputs * rowBytes;
      const known = data.labels === null ? 0 : labels;
      this.kernels[loss](z, targets, known, outputs, block.groups, stride, from, end, sumsAt);
    }
  }

  /** Writes data and labels. */
  private load(): void {
    const { data, model, loss } = this.plan.problem;
    const { buffer } = this.memory;
    const lanes = (address: number, units: number): Float32Array =>
      new Float32Array(buffer, address, this.plan.groups * units * groupSamples);
    const input = this.plan.storage.get(0)!;
    const width = elements(data.shape);
    toLanes(data.inputs, data.samples, width, lanes(this.layout.kept + input.offset, width));
    if (data.labels !== null) new Int32Array(buffer, this.layout.labels, data.samples).set(data.labels);
    if (loss === 'ce') return;
    const outputs = elements(model.shapes.at(-1)!);
    toLanes(lossTargets(data, outputs), data.samples, outputs, lanes(this.layout.targets, outputs));
  }

  private async computeOnce(signal?: AbortSignal): Promise<void> {
    const nowhere = coordinates(0, 0);
    let rest = performance.now();
    for (const block of this.blocks({ first: 0, count: this.plan.problem.data.samples })) {
      for (const play of this.once) play(block, nowhere);
      if (performance.now() - rest < patience) continue;
      await nextTask();
      this.throwIfStopped(signal);
      rest = performance.now();
    }
  }

  private throwIfStopped(signal: AbortSignal | undefined): void {
    this.disposal.signal.throwIfAborted();
    signal?.throwIfAborted();
  }
}
