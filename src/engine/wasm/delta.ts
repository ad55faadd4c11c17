/**
 * The delta pass in float32: differences from a centre as ρ·s + ρ²·R, ρ the largest offset. s comes from derivatives at
 * the centre, computed in float64 once for all offsets and kept from call to call; the kernels carry only the remainder R,
 * which stays near 1 however small ρ is. Products are linear in R, so their kernels run on a copy of the network
 * without biases, means, shifts and inputs, and get the second-order part afterwards.
 */
import { elements, type Node } from '../../model/graph.js';
import { checkCall, offsetScale } from '../calls.js';
import {
  type Differences,
  type Direction,
  EngineMemoryError,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
} from '../engine.js';
import { breather, Float64Passes } from '../float64.js';
import type { Placed, Slot } from './arena.js';
import { Centre } from './centre.js';
import type { Scaled } from './delta-rows.js';
import { absorbedBy, prepareStage, reluStage, type Stage, writeCoefficients } from './delta-steps.js';
import type { Kernels } from './kernels.js';
import { type Build, instantiate, ownBytes } from './modules.js';
import { lower } from './lower.js';
import type { Machine } from './machine.js';
import { groupSamples, groupsOf, rowBytes, toLanes } from './pack.js';
import { makePlan, type Plan, type Storage } from './plan.js';
import { Plane } from './plane.js';

/** Groups whose centre stays in the cache while the offsets go by. */
const mostGroups = 16;
/** Offsets that go through a layer one after the other, while what they read of the centre is in the cache. */
const mostLanes = 8;
/** Bytes of their buffers together. */
const lanesBytes = 2 ** 19;
/**
 * Bytes that the centre's blocks may take, enough for 100 samples of a ResNet-20 in one thread; of more samples the blocks
 * that there is no room for are computed anew in every call.
 */
const mostKeptBytes = 2 ** 29;
const pageBytes = 65_536;
/** Address of a block's sum, a float64; below the module's constants are only it and `coefficientsAt`. */
const sumAt = 64;
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The network on which products act as they do on a remainder: everything that is added is zero. */
function homogeneous(problem: Problem, samples: number): Problem {
  const { model, data } = problem;
  const added = new Set<string>();
  for (const node of model.nodes) {
    if ((node.op === 'dense' || node.op === 'conv2d') && node.bias !== null) added.add(node.bias);
    if (node.op === 'batchnorm') added.add(node.mean);
    if (node.op === 'batchnorm' && node.shift !== null) added.add(node.shift);
  }
  const parameters = new Map(
    [...model.parameters].map(([name, parameter]) => {
      return [name, added.has(name) ? { ...parameter, data: parameter.data.map(() => 0) } : parameter];
    }),
  );
  const nodes = model.nodes.map((node): Node => {
    if (node.op === 'scale') return { ...node, offset: 0 };
    return node.op === 'pad' ? { ...node, value: 0 } : node;
  });
  const without = (direction: Direction): Direction =>
    new Map([...direction].filter(([name]) => !added.has(name)));
  const inputs = new Float32Array(samples * elements(data.shape));
  return {
    ...problem,
    model: { ...model, nodes, parameters },
    d1: without(problem.d1),
    d2: without(problem.d2),
    data: { ...data, samples, inputs },
  };
}

/** The centre whose blocks are in memory, and by the group of samples that a block starts at, its place there. */
interface Held {
  readonly centre: Point;
  readonly places: Map<number, number>;
}

export class WasmDelta {
  private readonly exact: Float64Passes;
  private held: Held | null = null;
  /** Blocks that there is room for; fewer once memory was not to be had. */
  private room: number;

  private constructor(
    private readonly problem: Problem,
    private readonly plan: Plan,
    private readonly centre: Centre,
    private readonly kernels: Kernels,
    private readonly memory: WebAssembly.Memory,
    private readonly placed: Placed,
    private readonly stages: readonly Stage[],
    /** Offsets that have buffers. */
    private readonly lanes: number,
    /** Bytes of the buffers of one. */
    private readonly laneBytes: number,
    /** Values whose share of the centre is interleaved. */
    private readonly interleaved: ReadonlySet<number>,
    /** Addresses of the centre's weights, labels, the outputs' remainders, the first of the centre's blocks and scratch memory. */
    private readonly at: Readonly<Record<'weights' | 'labels' | 'logits' | 'blocks' | 'planar', number>>,
    mostKept: number,
  ) {
    this.exact = new Float64Passes(problem);
    this.room = Math.max(1, Math.floor(mostKept / this.blockBytes));
  }

  private get blockBytes(): number {
    return this.centre.keptBytes * this.plan.groups;
  }

  /** Throws `EngineMemoryError` when memory is not to be had. */
  static async create(problem: Problem, build: Build, mostKept = mostKeptBytes): Promise<WasmDelta> {
    const { model, data } = problem;
    const moving = new Plane(problem);
    const moves = (name: string): boolean => moving.moves(name);
    const make = (groups: number): Plan => makePlan(homogeneous(problem, groups * groupSamples), moves, true);
    const all = groupsOf(data.samples);
    const plan = make(make(Math.min(mostGroups, all)).blockGroups);
    const { groups } = plan;
    const { steps, logits } = lower(model, moves, true);
    const centre = new Centre(problem, steps, logits, groups);
    const absorbed = absorbedBy(plan, centre);
    const prepared = plan.point.calls.map((call, i) => {
      const first = plan.arena.formed;
      const bind = prepareStage(call, plan.point.scratch[i]!, plan, centre, absorbed.has(call.step.out));
      return { call, bind, first, count: plan.arena.formed - first };
    });

    let end = ownBytes;
    const take = (bytes: number): number => {
      const at = align(end);
      end = at + bytes;
      return at;
    };
    const width = elements(data.shape);
    // A block may start at any group, and is always computed whole.
    const labels = take(4 * (all + groups) * groupSamples);
    const inputs = take((all + groups) * width * rowBytes);
    const kept = take(plan.keptBytes);
    const arena = take(plan.arena.bytes);
    const weights = take(4 * plan.arena.formed);
    const laneBytes = align(plan.blockBytes);
    const lanes = Math.max(1, Math.min(mostLanes, Math.floor(lanesBytes / laneBytes)));
    const blocks = take(lanes * laneBytes);
    const largest = Math.max(0, ...[...absorbed].map((value) => elements(model.shapes[value]!)));
    const planar = take(3 * largest * rowBytes * groups);
    const centreAt = take(centre.bytes);
    const heldAt = take(0);
    const { kernels, memory } = await instantiate(build, end);
    toLanes(
      data.inputs,
      data.samples,
      width,
      new Float32Array(memory.buffer, inputs, all * width * groupSamples),
    );
    if (data.labels !== null) new Int32Array(memory.buffer, labels, data.samples).set(data.labels);
    const placed = plan.arena.place(memory.buffer, arena);
    centre.place(kernels, memory, centreAt, inputs);
    const machines = Array.from({ length: lanes }, (_, lane): Machine => {
      const from = blocks + lane * laneBytes;
      return {
        kernels,
        slot: (slot: Slot | null) => (slot === null ? 0 : placed.address(slot)),
        value: ({ kind, offset, stride }: Storage) =>
          kind === 'kept'
            ? { start: kept + offset, step: stride, stride }
            : { start: from + offset * plan.blockGroups, step: 0, stride },
        scratch: (offset) => from + offset * plan.blockGroups,
      };
    });
    const stages = prepared.map(({ call, bind, first, count }): Stage => {
      const { step } = call;
      if (absorbed.has(step.out) && step.kind === 'activation') {
        return reluStage(step, machines[0]!, plan, centre, laneBytes);
      }
      const plays = machines.map((machine) => bind(machine, memory));
      const [from, d1, d2, to] = [weights, placed.d1, placed.d2, placed.formed].map(
        (at) => at + 4 * first,
      ) as [number, number, number, number];
      return (block, batch, used) => {
        for (let lane = 0; lane < batch.length; lane++) {
          const at = batch[lane]!;
          if (count > 0) kernels.delta_form(from, d1, d2, to, count, at.rho * at.a, at.rho * at.b);
          plays[lane]!(block, at, used);
        }
      };
    });
    const { start } = machines[0]!.value(plan.storage.get(plan.logits)!);
    const at = { weights, labels, logits: start, blocks: heldAt, planar };
    return new WasmDelta(
      problem,
      plan,
      centre,
      kernels,
      memory,
      placed,
      stages,
      lanes,
      laneBytes,
      absorbed,
      at,
      mostKept,
    );
  }

  /** As `Evaluator.differences`; `stop` throws when the work is no longer wanted. */
  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    stop: () => void,
  ): Promise<Differences> {
    const { plan, kernels, placed, at } = this;
    checkCall(this.problem, offsets, samples);
    const size = offsets.a.length;
    const rho = offsetScale(offsets);
    if (rho === null) return this.exact.differences(centre, offsets, samples, stop);
    const delta = new Float64Array(size);
    const breathe = breather(stop);
    const { base, d1, d2 } = placed;
    const weights = plan.arena.formed;
    if (weights > 0) kernels.form(base, d1, d2, at.weights, weights, centre.a, centre.b);
    const first = Math.floor(samples.first / groupSamples);
    const end = Math.ceil((samples.first + samples.count) / groupSamples);
    for (let group = first; group < end; group += plan.groups) {
      const kept = await this.hold(centre, group, breathe);
      const used = Math.min(plan.groups, end - group);
      const sum = new Float64Array(this.memory.buffer, sumAt, 1);
      for (let point = 0; point < size; point += this.lanes) {
        await breathe();
        const batch = Array.from({ length: Math.min(this.lanes, size - point) }, (_, lane): Scaled => {
          return { a: offsets.a[point + lane]! / rho, b: offsets.b[point + lane]! / rho, rho };
        });
        writeCoefficients(this.memory, batch);
        for (const play of this.stages) play(kept, batch, used);
        for (let lane = 0; lane < batch.length; lane++) {
          sum[0] = delta[point + lane]!;
          this.addLoss(kept, group, samples, batch[lane]!, lane);
          delta[point + lane] = sum[0];
        }
      }
    }
    stop();
    return this.withoutOverflow(centre, offsets, samples, delta, stop);
  }

  /** The address of a centre's block that starts at a group, which is computed unless it is there. */
  private async hold(centre: Point, group: number, breathe: () => Promise<void>): Promise<number> {
    let { held } = this;
    if (held === null || held.centre.a !== centre.a || held.centre.b !== centre.b) {
      held = { centre, places: new Map() };
      this.held = held;
      this.centre.form(centre);
    }
    const { places } = held;
    const known = places.get(group);
    if (known !== undefined) return this.at.blocks + known * this.blockBytes;
    await breathe();
    // What came first stays, and all others share the last place: calls go through the samples in turn, so that with any
    // other rule a block would be gone just before it is wanted again.
    const place = this.makeRoom(places.size);
    for (const [other, taken] of places) if (taken === place) places.delete(other);
    const kept = this.at.blocks + place * this.blockBytes;
    this.centre.block(group, kept);
    for (const value of this.interleaved) this.interleave(value, kept);
    places.set(group, place);
    return kept;
  }

  /** The place after so many blocks, or the last there is. Throws `EngineMemoryError` when there is none for a single block. */
  private makeRoom(blocks: number): number {
    const { memory, at, blockBytes } = this;
    if (blocks >= this.room) return this.room - 1;
    const missing = at.blocks + (blocks + 1) * blockBytes - memory.buffer.byteLength;
    try {
      if (missing > 0) growBy(memory, missing);
    } catch (error) {
      if (blocks === 0) throw error;
      this.room = blocks;
    }
    return Math.min(blocks, this.room - 1);
  }

  private interleave(value: number, kept: number): void {
    const { problem, plan, kernels, memory, centre, at } = this;
    const { offset, rows } = centre.kept.get(value)!;
    if (rows === 0) return;
    const from = kept + offset * plan.groups;
    const bytes = elements(problem.model.shapes[value]!) * rowBytes * plan.groups;
    new Uint8Array(memory.buffer).copyWithin(at.planar, from, from + 3 * bytes);
    kernels.delta_interleave(at.planar, from, bytes);
  }

  /** Adds the losses' differences at one offset over a block's samples that are in the range. */
  private addLoss(
    kept: number,
    group: number,
    { first, count }: SampleRange,
    { a, b, rho }: Scaled,
    lane: number,
  ): void {
    const { problem, plan, kernels, centre, at } = this;
    const outputs = elements(problem.model.shapes.at(-1)!);
    const start = group * groupSamples;
    const loss = kept + centre.lossOffset * plan.groups;
    const labels = at.labels + 4 * start;
    const [from, end] = [first - start, first + count - start];
    const kernel = kernels[`delta_${problem.loss}`];
    const logits = at.logits + lane * this.laneBytes;
    kernel(logits, loss, labels, outputs, plan.groups, a, b, rho, from, end, sumAt);
  }

  /** What left float32's range on the way, in float64. */
  private async withoutOverflow(
    centre: Point,
    { a, b }: Points,
    samples: SampleRange,
    delta: Float64Array,
    stop: () => void,
  ): Promise<Differences> {
    const lost = [...delta.keys()].filter((point) => !Number.isFinite(delta[point]!));
    if (lost.length === 0) return { delta };
    const again = { a: Float64Array.from(lost, (p) => a[p]!), b: Float64Array.from(lost, (p) => b[p]!) };
    const exact = await this.exact.differences(centre, again, samples, stop);
    for (const [i, point] of lost.entries()) delta[point] = exact.delta[i]!;
    return { delta };
  }
}

/** Throws `EngineMemoryError` when memory is not to be had. */
function growBy(memory: WebAssembly.Memory, bytes: number): void {
  try {
    memory.grow(Math.ceil(bytes / pageBytes));
  } catch (error) {
    const mebibytes = Math.ceil(bytes / 2 ** 20);
    throw new EngineMemoryError(`WASM: ${mebibytes} MiB more are not to be had; use fewer samples`, {
      cause: error,
    });
  }
}
