/**
 * The centre of a window: values and first derivatives of all samples in float64, block by block, and from them what the
 * delta pass reads: for every product the second-order part of its difference, for every activation its input's
 * derivatives and what its kernel needs, for the loss the logits' derivatives in float64.
 */
import { elements, type Shape } from '../../model/graph.js';
import type { Point, Problem } from '../engine.js';
import { Arena } from './arena.js';
import { allocate, type Use } from './buffers.js';
import {
  keepActivation,
  keepCentred,
  keepFactors,
  keepMaxima,
  keptRows,
  maximumTable,
  movedNorm,
} from './centre-kept.js';
import type { Kernels } from './kernels.js';
import { reads, type Step } from './lower.js';
import { groupSamples, rowBytes } from './pack.js';
import { Plane } from './plane.js';
import { keepLoss, lossArrays } from './wide-loss.js';
import {
  type CentreMachine,
  type CentrePlay,
  type CentreSite,
  type Kept,
  playProduct,
  prepareProduct,
  type Product,
  wideBytes,
} from './wide-products.js';
import { type WideJet, wideActivation, wideCopy, wideMultiply, wideReduce } from './wide-rows.js';
import { channelsOf, type Factor, factorOf, vectorCount, writeVectors } from './wide-vectors.js';

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export class Centre implements CentreSite {
  /** By a step's output. */
  readonly kept = new Map<number, Kept>();
  /** Bytes a group before what the loss keeps. */
  readonly lossOffset: number;
  /** Of normalisations whose scale moves, at the centre whose blocks are computed; by the step's output. */
  readonly factors = new Map<number, Factor>();
  /** Bytes of a group that all of them keep. */
  readonly keptBytes: number;
  /** Bytes of everything else. */
  readonly bytes: number;
  readonly arena = new Arena();
  /** Directions as the float32 kernels take them. */
  readonly narrow = new Arena();
  readonly plane: Plane;
  private readonly products = new Map<Step, Product>();
  private readonly offsets: ReadonlyMap<number, number>;
  private readonly vectors = new Map<Step, number>();
  private readonly vectorBytes: number;
  private readonly buffersBytes: number;
  private readonly scratchBytes: number;
  private machine: CentreMachine | null = null;
  private plays: readonly CentrePlay[] = [];

  /** `steps` keep activations apart; a block is `groups` groups of samples. */
  constructor(
    readonly problem: Problem,
    private readonly steps: readonly Step[],
    private readonly logits: number,
    readonly groups: number,
  ) {
    const { model, loss } = problem;
    this.plane = new Plane(problem);
    let kept = 0;
    let vectors = 0;
    let scratch = 0;
    for (const step of steps) {
      const rows = keptRows(step, model, this.plane);
      this.kept.set(step.out, { offset: kept, rows });
      kept += rows * rowBytes;
      if (step.kind === 'product' || step.kind === 'affine') {
        this.vectors.set(step, vectors);
        vectors += vectorCount * channelsOf(step, model.shapes[step.out]!) * 8;
      }
      if (step.kind !== 'product') continue;
      const product = prepareProduct(step, this);
      this.products.set(step, product);
      scratch = Math.max(scratch, product.scratch);
    }
    const outputs = elements(model.shapes[logits]!);
    this.lossOffset = align(kept);
    this.keptBytes = align(this.lossOffset + lossArrays[loss] * outputs * wideBytes);
    const uses = steps.map((step): Use => ({
      reads: reads(step),
      writes: step.out,
      overwrites: [],
      scratch: 0,
    }));
    const nothing = { overwrites: [], scratch: 0 };
    uses.unshift({ reads: [], writes: 0, ...nothing });
    const size = (value: number): number => 3 * elements(model.shapes[value]!) * wideBytes;
    const buffers = allocate([...uses, { reads: [logits], writes: null, ...nothing }], size);
    this.offsets = buffers.offsets;
    this.vectorBytes = vectors;
    this.buffersBytes = buffers.bytes * groups;
    this.scratchBytes = scratch * groups;
    this.bytes =
      this.arena.bytes +
      this.narrow.bytes +
      24 * this.arena.formed +
      align(vectors) +
      this.buffersBytes +
      this.scratchBytes +
      64 * 8;
  }

  /** Lays everything out from address `start` on, `inputs` being the data's lanes, and writes what is known. */
  place(kernels: Kernels, memory: WebAssembly.Memory, start: number, inputs: number): void {
    let end = start;
    const take = (bytes: number): number => {
      const at = align(end);
      end = at + bytes;
      return at;
    };
    const wide = this.arena.place(memory.buffer, take(this.arena.bytes));
    const narrow = this.narrow.place(memory.buffer, take(this.narrow.bytes));
    const count = this.arena.formed;
    const [w, d1, d2] = [take(8 * count), take(8 * count), take(8 * count)];
    if (count > 0) {
      kernels.wide_form(wide.d1, wide.d2, wide.d2, d1, count, 0, 0);
      kernels.wide_form(wide.d2, wide.d1, wide.d1, d2, count, 0, 0);
    }
    const vectors = take(this.vectorBytes);
    const buffers = take(this.buffersBytes);
    const scratch = take(this.scratchBytes);
    const value = (index: number): number => buffers + this.offsets.get(index)! * this.groups;
    this.machine = { kernels, memory, wide, narrow, w, d1, d2, vectors, scratch, inputs, value };
    this.plays = this.steps.map((step) => this.play(step, this.machine!));
  }

  /** Forms the parameters of a centre; blocks that come afterwards are of it. */
  form(point: Point): void {
    const { kernels, memory, wide, w, vectors } = this.machine!;
    if (this.arena.formed > 0)
      kernels.wide_form(wide.base, wide.d1, wide.d2, w, this.arena.formed, point.a, point.b);
    for (const [step, offset] of this.vectors) {
      const channels = channelsOf(step, this.problem.model.shapes[step.out]!);
      const own = new Float64Array(memory.buffer, vectors + offset, vectorCount * channels);
      writeVectors(step, this.plane, point, own);
      const norm = movedNorm(step, this.plane);
      if (norm !== null) this.factors.set(step.out, factorOf(norm, this.plane, point));
    }
  }

  /** Computes the block that starts at group `first`, and keeps what the delta pass reads at address `kept`. */
  block(first: number, kept: number): void {
    const { kernels, memory, inputs, value } = this.machine!;
    const width = elements(this.problem.data.shape);
    const part = width * wideBytes * this.groups;
    kernels.wide_widen(inputs + first * width * rowBytes, value(0), part / 2);
    kernels.fill(value(0) + part, 2 * part, 0);
    for (const play of this.plays) play(kept);
    const at = kept + this.lossOffset * this.groups;
    keepLoss(this.problem, memory.buffer, value(this.logits), first, this.groups, at);
  }

  private play(step: Step, machine: CentreMachine): CentrePlay {
    const { kernels, memory, value } = machine;
    const { groups } = this;
    const { shapes } = this.problem.model;
    const { offset, rows: keptOf } = this.kept.get(step.out)!;
    const partOf = (index: number): number => elements(shapes[index]!) * wideBytes * groups;
    const jet = (index: number): WideJet => {
      const view = (k: number) =>
        new Float64Array(memory.buffer, value(index) + k * partOf(index), partOf(index) / 8);
      return [view(0), view(1), view(2)];
    };
    const rows = (run: ReturnType<typeof wideActivation>): CentrePlay => {
      return () => run(step.inputs.map(jet), jet(step.out), groups);
    };
    switch (step.kind) {
      case 'product': {
        const vectors = machine.vectors + this.vectors.get(step)!;
        return playProduct(step, this.products.get(step)!, vectors, machine, this, partOf);
      }
      case 'activation': {
        const isRelu = step.node.fn === 'relu';
        const input = step.inputs[0]!;
        const run = rows(wideActivation(step));
        const part = partOf(input);
        return (kept) => {
          if (isRelu) kernels.wide_relu(value(input), value(step.out), part);
          else run(kept);
          keepActivation(step, jet(input), kept + offset * groups, kernels);
        };
      }
      case 'affine': {
        const shape = shapes[step.out]!;
        const channels = channelsOf(step, shape);
        const area = elements(shape) / channels;
        const vectors = machine.vectors + this.vectors.get(step)!;
        const [x, y] = [value(step.inputs[0]!), value(step.out)];
        const finish = () => kernels.wide_finish(0, x, 0, y, vectors, channels, area, groups);
        if (keptOf === 0) return finish;
        return (kept) => {
          finish();
          const own = new Float64Array(memory.buffer, vectors, vectorCount * channels);
          keepCentred(jet(step.inputs[0]!), own, area, kept + offset * groups);
        };
      }
      case 'add': {
        const [x, y, z] = [value(step.inputs[0]!), value(step.inputs[1]!), value(step.out)];
        return () => kernels.wide_add(x, y, z, 3 * partOf(step.out));
      }
      case 'reduce': {
        const maxima = maximumTable(step, this.problem.model);
        if (maxima === null) return rows(wideReduce(step, shapes[step.node.inputs[0]!]!, shapes[step.out]!));
        return (kept) => {
          const to = new Float32Array(memory.buffer, kept + offset * groups, keptOf * groupSamples * groups);
          keepMaxima(maxima, jet(step.inputs[0]!), jet(step.out), groups, to);
        };
      }
      case 'copy': {
        const inputs = step.node.inputs.map((index) => shapes[index]!);
        return rows(wideCopy(step, inputs, shapes[step.out]!));
      }
      case 'multiply': {
        const [left, right] = step.node.inputs.map((index) => shapes[index]!) as [Shape, Shape];
        const run = rows(wideMultiply(left, right, shapes[step.out]!));
        return (kept) => {
          run(kept);
          keepFactors(step.inputs.map(jet), kept + offset * groups, kernels);
        };
      }
    }
  }
}
