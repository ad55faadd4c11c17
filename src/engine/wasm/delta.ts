/**
 * The delta pass in float32: differences from a centre as ρ·s + ρ²·R, ρ the largest offset. s comes from derivatives at
 * the centre, computed in float64 once for all offsets of a call; the kernels carry only the remainder R, which
 * stays near 1 however small ρ is. Products are linear in R, so their kernels run on a copy of the network
 * without biases, means, shifts and inputs, and get the second-order part afterwards.
 */
import { CompensatedSums } from '../../math/sum.js';
import { allocateValues, forward, type Values } from '../../model/forward.js';
import { elements, type Node } from '../../model/graph.js';
import { allocateJets, tangents } from '../../model/tangent.js';
import type { Jet } from '../../model/jet.js';
import { lossDifference, softmaxRows } from '../../model/loss-derivatives.js';
import { opOf } from '../../model/ops/index.js';
import { checkCall } from '../calls.js';
import type { Differences, Direction, Point, Points, Problem, SampleRange } from '../engine.js';
import { batchesOf, batchSamples, breather, Float64Passes, parametersAt } from '../float64.js';
import type { Placed, Slot } from './arena.js';
import { prepareCall } from './calls.js';
import { type Build, instantiate, type Kernels, ownBytes } from './kernels.js';
import type { Step } from './lower.js';
import { type Block, type Machine, type Play, type Region, storageOf } from './machine.js';
import { groupSamples, rowBytes } from './pack.js';
import { type Call, makePlan, type Plan, type Storage } from './plan.js';
import { Plane } from './plane.js';

/** Groups whose centre stays in the cache while the offsets go by. */
const mostGroups = 8;
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Whether the float32 kernels keep the accuracy on this network; otherwise the pass is float64's. */
export function keepsDifferences(problem: Problem): boolean {
  const plane = new Plane(problem);
  return problem.model.nodes.every((node) => {
    switch (node.op) {
      case 'activation':
        return node.fn === 'relu' || node.fn === 'tanh' || node.fn === 'identity';
      case 'batchnorm':
        return !plane.moves(node.variance) && (node.scale === null || !plane.moves(node.scale));
      case 'pool':
        return node.mode === 'average';
      default:
        return node.op !== 'multiply';
    }
  });
}

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

/** Offset over ρ, and ρ. */
interface Scaled {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
}

/** What a call reads of the centre, and what it does with it after its own kernel. */
interface Stage {
  /** Writes what it reads of some samples at the centre to memory. */
  load(centre: Centre, rho: number): void;
  play(block: Block, at: Scaled): void;
}

/** Values and derivatives at the centre of the samples of a block from number `from` on. */
interface Centre {
  readonly from: number;
  readonly samples: number;
  readonly values: readonly Float64Array[];
  readonly jets: readonly Jet[];
}

/** Logits of a block at the centre and their derivatives. */
interface Logits {
  readonly values: Float64Array;
  readonly t1: Float64Array;
  readonly t2: Float64Array;
}

export class WasmDelta {
  private readonly directions: ReadonlyMap<string, readonly [Float64Array | null, Float64Array | null]>;
  private readonly exact: Float64Passes;
  private stages: readonly Stage[] = [];
  /** Of a block's logits from the centre's. */
  private readonly difference: Float64Array;

  private constructor(
    private readonly problem: Problem,
    private readonly plan: Plan,
    private readonly kernels: Kernels,
    private readonly memory: WebAssembly.Memory,
    private readonly placed: Placed,
    private readonly logits: Region,
  ) {
    const wide = (direction: Direction, name: string): Float64Array | null => {
      const values = direction.get(name);
      return values === undefined || values.every((value) => value === 0) ? null : Float64Array.from(values);
    };
    this.directions = new Map(
      [...problem.model.parameters.keys()].map((name) => [
        name,
        [wide(problem.d1, name), wide(problem.d2, name)],
      ]),
    );
    this.exact = new Float64Passes(problem);
    const outputs = elements(problem.model.shapes.at(-1)!);
    this.difference = new Float64Array(plan.groups * groupSamples * outputs);
  }

  /** For a problem that `keepsDifferences`. Throws `EngineMemoryError` when memory is not to be had. */
  static async create(problem: Problem, build: Build): Promise<WasmDelta> {
    const moving = new Plane(problem);
    const make = (groups: number): Plan =>
      makePlan(homogeneous(problem, groups * groupSamples), (name) => moving.moves(name), true);
    const most = Math.min(mostGroups, Math.ceil(problem.data.samples / groupSamples));
    const plan = make(make(most).blockGroups);
    const binds = plan.point.calls.map((call, i) => prepareCall(call, plan.point.scratch[i]!, plan));
    const kept = align(ownBytes);
    const arena = align(kept + plan.keptBytes);
    const blocks = align(arena + plan.arena.bytes);
    const centre = align(blocks + plan.blockBytes);
    const bytes = plan.point.calls.reduce((sum, call) => sum + centreBytes(call.step, plan), 0);
    const { kernels, memory } = await instantiate(build, centre + bytes);
    const placed = plan.arena.place(memory.buffer, arena);
    const machine: Machine = {
      kernels,
      slot: (slot: Slot | null) => (slot === null ? 0 : placed.address(slot)),
      value: ({ kind, offset, stride }: Storage) =>
        kind === 'kept'
          ? { start: kept + offset, step: stride, stride }
          : { start: blocks + offset * plan.blockGroups, step: 0, stride },
      scratch: (offset) => blocks + offset * plan.blockGroups,
    };
    const logits = machine.value(plan.storage.get(plan.logits)!);
    const delta = new WasmDelta(problem, plan, kernels, memory, placed, logits);
    let at = centre;
    delta.stages = plan.point.calls.map((call, i) => {
      const stage = delta.stage(call, binds[i]!(machine), machine, at);
      at += centreBytes(call.step, plan);
      return stage;
    });
    return delta;
  }

  /** As `Evaluator.differences`; `stop` throws when the work is no longer wanted. */
  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    stop: () => void,
  ): Promise<Differences> {
    const { problem, plan } = this;
    checkCall(problem, offsets, samples);
    const size = offsets.a.length;
    let rho = 0;
    for (let i = 0; i < size; i++) {
      rho = Math.max(rho, Math.abs(offsets.a[i]!), Math.abs(offsets.b[i]!));
    }
    // Where float32 has no room for ρ, ρ² or 1/ρ.
    if (!(rho > 1e-18 && rho < 1e18)) return this.exact.differences(centre, offsets, samples, stop);
    const outputs = elements(problem.model.shapes.at(-1)!);
    const blockSize = plan.groups * groupSamples;
    const rows = () => new Float64Array(blockSize * outputs);
    const logits = { values: rows(), t1: rows(), t2: rows() };
    const sums = new CompensatedSums(size);
    const { base, d1, d2, formed } = this.placed;
    const breathe = breather(stop);
    const visit = this.centreVisitor(centre, rho, logits);
    for (const { first, count } of batchesOf(samples, blockSize)) {
      for (const part of batchesOf({ first, count }, visit.batch)) {
        await breathe();
        visit.load(part, part.first - first);
      }
      const softmaxes = softmaxRows(logits.values, outputs);
      const block = { first: 0, groups: Math.ceil(count / groupSamples) };
      for (let point = 0; point < size; point++) {
        await breathe();
        const at = { a: offsets.a[point]! / rho, b: offsets.b[point]! / rho, rho };
        if (plan.arena.formed > 0) {
          const [a, b] = [centre.a + offsets.a[point]!, centre.b + offsets.b[point]!];
          this.kernels.form(base, d1, d2, formed, plan.arena.formed, a, b);
        }
        for (const stage of this.stages) stage.play(block, at);
        this.addLosses(sums, point, { ...logits, softmaxes }, { first, count }, at);
      }
    }
    stop();
    return this.withoutOverflow(centre, offsets, samples, sums.values(), stop);
  }

  /** What computes samples at the centre, `batch` at most at a time, for their places in a block. */
  private centreVisitor({ a, b }: Point, rho: number, logits: Logits) {
    const { problem } = this;
    const { model, data } = problem;
    const batch = batchSamples(problem, 3);
    const parameters = parametersAt(problem, a, b);
    const parameter = (name: string): Values => parameters.get(name)!;
    const along = (name: string) => this.directions.get(name)!;
    const values = allocateValues(model, batch);
    const jets = allocateJets(model, batch, 1);
    const width = elements(data.shape);
    return {
      batch,
      load: ({ first, count }: SampleRange, from: number): void => {
        values[0]!.set(data.inputs.subarray(first * width, (first + count) * width));
        const z = forward(model, parameter, values, count);
        const [t1, t2] = tangents(model, parameter, along, values, jets, count) as [
          Float64Array,
          Float64Array,
        ];
        const start = (from * z.length) / count;
        logits.values.set(z, start);
        logits.t1.set(t1, start);
        logits.t2.set(t2, start);
        for (const stage of this.stages) stage.load({ from, samples: count, values, jets }, rho);
      },
    };
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

  /** Adds the losses' differences at one offset over a block's samples. */
  private addLosses(
    sums: CompensatedSums,
    point: number,
    { values, t1, t2, softmaxes }: Logits & { readonly softmaxes: Float64Array },
    { first, count }: SampleRange,
    { a, b, rho }: Scaled,
  ): void {
    const { loss, data } = this.problem;
    const blockSize = this.plan.groups * groupSamples;
    const outputs = values.length / blockSize;
    const rest = new Float32Array(this.memory.buffer, this.logits.start, blockSize * outputs);
    const { difference } = this;
    for (let s = 0; s < count; s++) {
      const lane = s % groupSamples;
      const from = (s - lane) * outputs + lane;
      const start = s * outputs;
      for (let j = 0; j < outputs; j++) {
        const i = start + j;
        difference[i] = rho * (a * t1[i]! + b * t2[i]! + rho * rest[from + j * groupSamples]!);
      }
      const row = { values, start, count: outputs };
      sums.add(point, lossDifference(loss, row, difference, data, first + s, softmaxes));
    }
  }

  /** A call with what the difference needs beside its kernel; the centre's part lies at `start`. */
  private stage({ step }: Call, own: Play, machine: Machine, start: number): Stage {
    const { plan, kernels, problem } = this;
    const units = elements(problem.model.shapes[step.out]!);
    const stride = units * rowBytes;
    const slots = [0, 1, 2, 3].map((i) => start + i * stride * plan.groups) as [
      number,
      number,
      number,
      number,
    ];
    const write = (slot: number, { from, samples }: Centre, rows: Float64Array, factor = 1): void => {
      const lanes = new Float32Array(this.memory.buffer, slot, plan.groups * units * groupSamples);
      for (let s = 0; s < samples; s++) {
        const lane = (from + s) % groupSamples;
        const start = (from + s - lane) * units + lane;
        for (let u = 0; u < units; u++) lanes[start + u * groupSamples] = rows[s * units + u]! * factor;
      }
    };
    // The first layer's products are those of inputs that are zero.
    const nowhere = { a: 0, aLow: 0, b: 0, bLow: 0 };
    if (step.kind === 'product') {
      const r = machine.value(storageOf(plan, step.out));
      return {
        load: (centre) => {
          const parts = this.secondOrder(step, centre.samples, centre.jets);
          for (const [k, q] of parts.entries()) write(slots[k]!, centre, q);
        },
        play: (block, { a, b }) => {
          own(block, nowhere);
          const bytes = stride * block.groups;
          kernels.delta_product(r.start, slots[0], slots[1], slots[2], bytes, a * a, a * b, b * b);
        },
      };
    }
    if (step.kind !== 'activation') return { load: () => undefined, play: (block) => own(block, nowhere) };
    const input = step.node.inputs[0]!;
    const x = machine.value(storageOf(plan, step.inputs[0]!));
    const y = machine.value(storageOf(plan, step.out));
    const isRelu = step.node.fn === 'relu';
    return {
      load: (centre, rho) => {
        const [t1, t2] = centre.jets[input]! as [Float64Array, Float64Array];
        write(slots[0], centre, t1);
        write(slots[1], centre, t2);
        const z = centre.values[input]!;
        if (isRelu) write(slots[2], centre, z, 1 / rho);
        else {
          write(slots[2], centre, z.map(Math.tanh));
          // 1 − tanh² without cancellation.
          write(
            slots[3],
            centre,
            z.map((v) => 1 / Math.cosh(v) ** 2),
          );
        }
      },
      play: ({ groups }, { a, b, rho }) => {
        const bytes = stride * groups;
        const [t1, t2, z, slope] = slots;
        if (isRelu) kernels.delta_relu(x.start, z, t1, t2, y.start, bytes, a, b, rho);
        else kernels.delta_tanh(x.start, z, slope, t1, t2, y.start, bytes, a, b, rho);
      },
    };
  }

  /** D1·t1, D1·t2 + D2·t1 and D2·t2 of a product's input, normalised as the product is. */
  private secondOrder(
    { node, epilogue }: Extract<Step, { kind: 'product' }>,
    samples: number,
    jets: readonly Jet[],
  ): Float64Array[] {
    const { model } = this.problem;
    const from = node.inputs[0]!;
    const shape = model.shapes[model.nodes.indexOf(node) + 1]!;
    const width = samples * elements(shape);
    const [d1, d2] = this.directions.get(node.weight)!;
    const product = (direction: Float64Array | null, along: Float64Array): Float64Array => {
      const output = new Float64Array(width);
      if (direction === null) return output;
      const weight = { shape: model.parameters.get(node.weight)!.shape, data: direction };
      opOf(node).forward({
        node: { ...node, bias: null },
        samples,
        inputs: [along.subarray(0, samples * elements(model.shapes[from]!))],
        shapes: [model.shapes[from]!],
        output,
        shape,
        parameter: () => weight,
      });
      return output;
    };
    const [t1, t2] = jets[from]! as [Float64Array, Float64Array];
    const mixed = product(d2, t1);
    const parts = [product(d1, t1), product(d1, t2).map((q, i) => q + mixed[i]!), product(d2, t2)];
    const { norm } = epilogue;
    if (norm === null) return parts;
    const { data: variance } = model.parameters.get(norm.variance)!;
    const scale = norm.scale === null ? null : model.parameters.get(norm.scale)!.data;
    const area = elements(shape) / shape[0]!;
    const factors = Float64Array.from(variance, (v, c) => (scale?.[c] ?? 1) / Math.sqrt(v + norm.epsilon));
    return parts.map((q) => q.map((value, i) => value * factors[Math.floor(i / area) % shape[0]!]!));
  }
}

/** Bytes that a step keeps of the centre of a block: up to four numbers for each of its units. */
function centreBytes(step: Step, plan: Plan): number {
  const numbers = step.kind === 'product' ? 3 : step.kind === 'activation' ? 4 : 0;
  return numbers * elements(plan.problem.model.shapes[step.out]!) * rowBytes * plan.groups;
}
