/** How much memory a program gets and how points × samples are cut into slices. Pure. */
import type { SampleRange } from '../engine.js';
import { padTo } from './pack.js';
import type { LinearStep, Program, Step } from './program.js';
import type { Kernels } from './recipe.js';
import { formedCount } from './winograd.js';
import { DIRECT_SAMPLES, LOSS_BLOCK, OCTET, POINT_LANES } from './stages.js';

/** Bytes of all activation buffers together; two networks side by side stay below 256 MiB with all they need. */
const ACTIVATION_BYTES = 96 * 2 ** 20;
/** Bytes of the (scale, shift) pairs of a slice. */
const AFFINE_BYTES = 16 * 2 ** 20;
/** Bytes of the formed weights of a slice. */
const FORMED_BYTES = 16 * 2 ** 20;
/** Points of a slice, whatever their size: well below the 65,535 workgroups of a dispatch. */
const MAX_POINTS = 16_384;

export interface Capacity {
  /** Points × samples (padded) that the activation buffers hold. */
  readonly cells: number;
  readonly points: number;
  /** Points that a workgroup serves: a slice takes the room of a multiple of them. */
  readonly group: number;
  /** Partial sums: per point one for each block of samples. */
  readonly partials: number;
  /** Bytes of a point's formed weights, of the layer that has most. */
  readonly formed: number;
  /** Samples of a slice, at least, where the range has as many: fewer would leave workgroups half empty. */
  readonly run: number;
}

/**
 * @param kernels `direct` ones serve points one by one, the others in groups
 * @param halvings how often the budget is halved because memory ran out
 * @returns null when not even one block of samples of a few points fits
 */
export function capacityOf(
  program: Program,
  kernels: Kernels,
  maxBinding: number,
  halvings: number,
): Capacity | null {
  const group = kernels === 'direct' ? 1 : POINT_LANES;
  const total = program.slotRows.reduce((sum, size) => sum + size, 0);
  const largest = Math.max(...program.slotRows);
  const budget = ACTIVATION_BYTES / 2 ** halvings;
  const cells = Math.floor(Math.min(budget / (4 * total), maxBinding / (4 * largest)) / OCTET) * OCTET;
  if (cells < group * OCTET) return null;
  const formed = kernels === 'direct' ? mostFormed(program) : 0;
  const formable = Math.floor(Math.min(FORMED_BYTES, maxBinding) / Math.max(1, formed));
  const perPoint = 8 * Math.max(1, program.channelCount);
  const most = Math.min(MAX_POINTS, Math.floor(AFFINE_BYTES / perPoint), cells / OCTET, formable);
  const points = Math.max(group, Math.floor(most / group) * group);
  const room = Math.floor(cells / group / OCTET) * OCTET;
  const run = Math.min(room, fullRun(program, kernels));
  return { cells, points, group, formed, partials: points + Math.ceil(cells / LOSS_BLOCK), run };
}

/** The same memory where a point takes up `lanes` places, or null when not even one block of samples of a few points fits. */
export function shareOf(capacity: Capacity, lanes: number): Capacity | null {
  const { group } = capacity;
  const cells = Math.floor(capacity.cells / lanes / OCTET) * OCTET;
  const points = Math.floor(capacity.points / lanes / group) * group;
  if (cells < group * OCTET || points < group) return null;
  const run = Math.min(capacity.run, Math.floor(cells / group / OCTET) * OCTET);
  return { ...capacity, cells, points, run };
}

/** Whether a stage forms this step's weights at every point. */
export const isFormed = (step: Step): step is LinearStep => step.kind === 'linear' && !step.products;

function mostFormed({ steps }: Program): number {
  return Math.max(0, ...steps.filter(isFormed).map((step) => 4 * formedCount(step)));
}

/** Samples that make whole workgroups of the costliest step, whose pixels share them. */
function fullRun({ steps }: Program, kernels: Kernels): number {
  const costs = steps.map((step) => {
    // As many samples as any chain's workgroup takes.
    if (step.kind === 'chain') return { cost: 1, pixels: 1 };
    if (step.kind !== 'linear' || step.products) return { cost: 0, pixels: 1 };
    const { windows, groups, inputs, outputs } = step;
    const pixels = windows.output[0] * windows.output[1];
    return { cost: pixels * windows.taps[0] * windows.taps[1] * groups * inputs * outputs, pixels };
  });
  const { pixels } = costs.reduce((most, step) => (step.cost > most.cost ? step : most));
  // Four invocations make a vector of a renderer on the CPU.
  if (kernels === 'direct') return padTo(Math.ceil((4 * DIRECT_SAMPLES) / pixels), DIRECT_SAMPLES);
  return padTo(Math.ceil(LOSS_BLOCK / pixels), OCTET);
}

/** Points `firstPoint …` and samples `from … end − 1`, evaluated in one submission. */
export interface Slice {
  readonly firstPoint: number;
  readonly points: number;
  /** First sample loaded, a multiple of `OCTET`. */
  readonly firstSample: number;
  /** Samples loaded, a multiple of `OCTET`. */
  readonly samples: number;
  /** Samples that count, relative to `firstSample`. */
  readonly start: number;
  readonly end: number;
}

export interface Remaining {
  readonly points: number;
  readonly range: SampleRange;
  /** Points done so far, and samples of the range done for the points under way. */
  readonly donePoints: number;
  readonly doneSamples: number;
}

/**
 * The next slice of about `cells` points × samples: whole ranges of samples for as many groups of points
 * as fit, else a run of samples for one group.
 *
 * @param open points under way when only a part of their samples is done, else 0
 */
export function nextSlice(remaining: Remaining, cells: number, capacity: Capacity, open: number): Slice {
  const { range, donePoints, doneSamples } = remaining;
  const first = range.first + doneSamples;
  const firstSample = first - (first % OCTET);
  const start = first - firstSample;
  const last = start + range.count - doneSamples;
  const whole = padTo(last, OCTET);
  const allowed = Math.min(cells, capacity.cells);

  const fit = Math.floor(allowed / whole);
  const { group } = capacity;
  const wanted = Math.max(group, fit - (fit % group));
  const points = open > 0 ? open : Math.min(remaining.points - donePoints, capacity.points, wanted);
  const width = padTo(points, group);
  const each = Math.floor(allowed / width);
  // Whole loss blocks where there is room for one, so that few are cut in two; else whole workgroups.
  const step = Math.min(LOSS_BLOCK, capacity.run);
  const run = Math.max(capacity.run, each - (each % step));
  const samples = width * whole > allowed ? Math.min(whole, run) : whole;
  return { firstPoint: donePoints, points, firstSample, samples, start, end: Math.min(last, samples) };
}

/**
 * Seconds-to-size controller of slices: starts small, at most doubles, aims at so many milliseconds, never predicts more
 * than 200 ms.
 */
export class SliceSizer {
  /** Multiply-adds of the next slice. */
  private work = START_WORK;
  private reports = 0;
  /** Milliseconds per multiply-add of the best slice, which creeps up so that a device may become slower. */
  private best = Infinity;

  /**
   * @param cost multiply-adds of one sample at one point
   * @param aim milliseconds of a slice
   */
  constructor(
    private readonly cost: number,
    private readonly aim = TARGET_MS,
  ) {}

  get cells(): number {
    return Math.max(1, Math.floor(this.work / this.cost));
  }

  /** Tells how long a slice of `cells` points × samples took. */
  report(cells: number, milliseconds: number): void {
    const { aim } = this;
    const work = cells * this.cost;
    // Some drivers compile a shader when it first runs: that the first slice took long says nothing.
    if (this.reports++ === 0 && milliseconds > aim) return;
    if (milliseconds >= SHORTEST_MS) this.best = Math.min(this.best * CREEP, milliseconds / work);
    const factor = Math.min(2, Math.max(0.25, aim / Math.max(milliseconds, 0.1)));
    // A slice cut short by the end of the call says little about larger ones.
    if (work * factor > this.work || milliseconds > aim) this.work = Math.min(work * factor, this.work * 2);
    // Where waiting, not computing, takes the time, smaller slices take as long each and there are more of them.
    if (milliseconds > aim) this.work = Math.max(this.work, Math.min(work, (LEAST * aim) / this.best));
  }
}

/** Multiply-adds of the first slice: a millisecond on a slow GPU. */
const START_WORK = 4e6;
const TARGET_MS = 40;
/** On a renderer that computes on the CPU, where every slice costs more and nobody waits for the GPU. */
export const SOFTWARE_TARGET_MS = 100;
/** Share of the aim that a slice is to compute for, at the device's best. */
const LEAST = 0.25;
/** Milliseconds below which a time is mostly that of the clock and of the way to the device. */
const SHORTEST_MS = 4;
/** Growth of the best pace from report to report. */
const CREEP = 1.02;
