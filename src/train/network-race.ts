/**
 * Optimizers from one point of a network's plane, raced step by step in the full space of its weights: each step is
 * projected on the plane by least squares, and how far off it lies is kept beside.
 */
import type { Direction } from '../engine/engine.js';
import { loadParameters, type TrainingSession, type Vector, viewOf } from '../engine/training.js';
import type { Model } from '../model/graph.js';
import { shuffledBatches } from './batches.js';
import { createOptimizer } from './optimizers.js';
import { FLOW_STEPS, type Racer } from './race.js';
import { sharpness, type Sharpness } from './sharpness.js';

export interface NetworkRaceOptions {
  readonly racers: readonly Racer[];
  /** α, β of the start. */
  readonly start: readonly [a: number, b: number];
  readonly steps: number;
  /** Samples of a step, the same ones for all racers. */
  readonly batch: number;
  /** Of the batches. */
  readonly seed: number;
}

/** Structured-cloneable. */
export interface NetworkPath {
  /** α, β of the start and of every step's nearest point of the plane. */
  readonly points: Float64Array;
  /** ‖θ_k − θ* − αd1 − βd2‖ over all weights, and the way from the start, ‖θ_k − θ_0‖. */
  readonly offPlane: Float64Array;
  readonly distance: Float64Array;
  /** True loss of every step, in evaluation mode, over the first `measured` samples. */
  readonly loss: Float64Array;
  /** Steps taken so far; what lies beyond in the arrays is not computed. */
  readonly steps: number;
  /** The next step left the finite numbers. */
  readonly diverged: boolean;
}

/** The weights at both ends of a run, by name. */
export interface Way {
  readonly start: ReadonlyMap<string, Float32Array | Float64Array>;
  readonly end: ReadonlyMap<string, Float32Array | Float64Array>;
}

/** Where a run ended. */
export interface NetworkEnd {
  readonly weights: Vector;
  readonly statistics: Vector;
  /** Evenly spaced over its steps, the start's first and the end's last; what lies after a loss that is not finite is NaN. */
  readonly loss: readonly number[];
}

/** Samples that a step's loss is of, at most: the page's data are in an order of which every beginning resembles the whole. */
export const MEASURED = 256;

/** Called with the paths as they are and the steps taken; a promise of false ends the race. */
export type OnStep = (paths: readonly NetworkPath[], step: number) => Promise<boolean>;

/** Where a racer is. */
interface Runner {
  readonly weights: Vector;
  /** Where it began. */
  readonly origin: Vector;
  readonly statistics: Vector;
  readonly move: (samples: Int32Array) => Promise<void>;
  readonly points: Float64Array;
  readonly offPlane: Float64Array;
  readonly distance: Float64Array;
  readonly loss: Float64Array;
  steps: number;
  diverged: boolean;
}

export class NetworkRace {
  readonly #session: TrainingSession;
  readonly #samples: number;
  readonly #d1: Float64Array;
  readonly #d2: Float64Array;
  readonly #centre: Float64Array;
  readonly #model: Model;
  readonly #directions: readonly [Direction, Direction];
  /** Of (d1, d2), over weights. */
  readonly #gram: readonly [g11: number, g12: number, g22: number];

  /** Of the last race. */
  #runners: readonly Runner[] = [];

  /** `session` is one of `model` on `samples` samples, and is used up: nobody else may use it. */
  constructor(session: TrainingSession, samples: number, model: Model, d1: Direction, d2: Direction) {
    this.#session = session;
    this.#samples = samples;
    this.#model = model;
    this.#directions = [d1, d2];
    loadParameters(model, session);
    this.#centre = Float64Array.from(session.weights);
    this.#d1 = flat(session, d1);
    this.#d2 = flat(session, d2);
    this.#gram = [dot(this.#d1, this.#d1), dot(this.#d1, this.#d2), dot(this.#d2, this.#d2)];
  }

  /** Races until all steps are taken or `onStep` says no; the paths as far as they came. */
  async run(
    { racers, start, steps, batch, seed }: NetworkRaceOptions,
    onStep: OnStep = async () => true,
  ): Promise<NetworkPath[]> {
    const batches = shuffledBatches(this.#samples, Math.min(batch, this.#samples), seed);
    const runners = racers.map((racer) => this.#runner(racer, start, steps));
    this.#runners = runners;
    for (const runner of runners) {
      this.#load(runner);
      await this.#note(runner, 0);
    }
    for (let step = 0; step < steps; step++) {
      if (!(await onStep(runners, step))) return runners;
      const samples = batches.at(step);
      for (const runner of runners) {
        if (runner.diverged) continue;
        this.#load(runner);
        await runner.move(samples);
        const loss = await this.#note(runner, runner.steps + 1);
        runner.diverged = !Number.isFinite(loss);
        // A step that does not count must not become the end of the run.
        if (runner.diverged) continue;
        this.#save(runner);
        runner.steps++;
      }
    }
    await onStep(runners, steps);
    return runners;
  }

  /** Where a run of the last race began and where it is. Throws `RangeError` when there is none of this number. */
  way(index: number): Way {
    const runner = this.#runners[index];
    if (runner === undefined) throw new RangeError(`there is no run ${index}; race first`);
    const named = (weights: Vector): Map<string, Float32Array | Float64Array> => {
      const places = this.#session.places.filter(({ kind }) => kind === 'weight');
      return new Map(
        places.map(({ name, offset, length }) => [name, weights.slice(offset, offset + length)]),
      );
    };
    return { start: named(runner.origin), end: named(runner.weights) };
  }

  /**
   * The largest curvature where the last race's lowest loss is, over the samples that losses are of, as steps there
   * see it; null when no run has a finite loss. Not while a race is on. `check` is as `sharpness` takes it.
   */
  async curvature(check?: () => Promise<void>): Promise<Sharpness | null> {
    const reached = this.#runners.filter(({ loss, steps }) => Number.isFinite(loss[steps]!));
    if (reached.length === 0) return null;
    const lowest = reached.reduce((a, b) => (b.loss[b.steps]! < a.loss[a.steps]! ? b : a));
    this.#load(lowest);
    return sharpness(this.#session, Math.min(this.#samples, MEASURED), lowest.steps, check);
  }

  /** Where one racer ends from (α, β), its loss looked at so many times on the way. Not while a race is on. */
  async follow(
    racer: Racer,
    start: readonly [a: number, b: number],
    { steps, batch, seed }: Pick<NetworkRaceOptions, 'steps' | 'batch' | 'seed'>,
    looks: number,
  ): Promise<NetworkEnd> {
    const batches = shuffledBatches(this.#samples, Math.min(batch, this.#samples), seed);
    const { weights, statistics, move } = this.#runner(racer, start, 0);
    const runner = { weights, statistics };
    const loss = [await this.#measure(runner)];
    let step = 0;
    for (let look = 1; look <= looks; look++) {
      for (; step < Math.round((look * steps) / looks) && Number.isFinite(loss.at(-1)!); step++) {
        this.#load(runner);
        await move(batches.at(step));
        this.#save(runner);
      }
      loss.push(Number.isFinite(loss.at(-1)!) ? await this.#measure(runner) : NaN);
    }
    return { weights, statistics, loss };
  }

  /** The loss at a share of the straight way from one end to another, in evaluation mode. Not while a race is on. */
  async lossBetween(one: NetworkEnd, two: NetworkEnd, share: number): Promise<number> {
    const between = (from: Vector, to: Vector): Vector => from.map((x, i) => x + share * (to[i]! - x));
    return this.#measure({
      weights: between(one.weights, two.weights),
      statistics: between(one.statistics, two.statistics),
    });
  }

  #runner(racer: Racer, [a, b]: readonly [number, number], steps: number): Runner {
    const { weights, statistics } = this.#session;
    loadParameters(this.#model, this.#session);
    for (const place of this.#session.places) {
      const values = viewOf(this.#session, place);
      const [x, y] = this.#directions.map((direction) => direction.get(place.name));
      for (let i = 0; i < values.length; i++) values[i]! += a * (x?.[i] ?? 0) + b * (y?.[i] ?? 0);
    }
    const make = (): Float64Array => new Float64Array(steps + 1);
    return {
      weights: weights.slice(),
      origin: weights.slice(),
      statistics: statistics.slice(),
      move: this.#moveOf(racer),
      points: new Float64Array(2 * (steps + 1)),
      offPlane: make(),
      distance: make(),
      loss: make(),
      steps: 0,
      diverged: false,
    };
  }

  /** A step of the weights that the session holds. */
  #moveOf({ name, rate }: Racer): Runner['move'] {
    const session = this.#session;
    if (name === 'flow') return (samples) => this.#flow(samples, rate);
    const precision = session.weights instanceof Float64Array ? 'float64' : 'float32';
    const optimizer = createOptimizer(name, {}, session.weights.length, precision);
    return async (samples) => {
      await session.learn(samples);
      optimizer.step(session.weights, session.gradient, rate);
    };
  }

  /** Classical Runge–Kutta on the loss of the batch; running statistics move once, as in any other step. */
  async #flow(samples: Int32Array, rate: number): Promise<void> {
    const session = this.#session;
    const h = rate / FLOW_STEPS;
    let moved: Vector | null = null;
    const slope = async (at: Float64Array): Promise<Float64Array> => {
      session.weights.set(at);
      await session.learn(samples);
      moved ??= session.statistics.slice();
      return Float64Array.from(session.gradient);
    };
    let w = Float64Array.from(session.weights);
    const along = (k: Float64Array, share: number): Float64Array => w.map((x, i) => x - share * h * k[i]!);
    for (let s = 0; s < FLOW_STEPS; s++) {
      const k1 = await slope(w);
      const k2 = await slope(along(k1, 1 / 2));
      const k3 = await slope(along(k2, 1 / 2));
      const k4 = await slope(along(k3, 1));
      w = w.map((x, i) => x - (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
    }
    session.weights.set(w);
    if (moved !== null) session.statistics.set(moved);
  }

  #load({ weights, statistics }: Pick<Runner, 'weights' | 'statistics'>): void {
    this.#session.weights.set(weights);
    this.#session.statistics.set(statistics);
  }

  #save({ weights, statistics }: Pick<Runner, 'weights' | 'statistics'>): void {
    weights.set(this.#session.weights);
    statistics.set(this.#session.statistics);
  }

  /** Where the session is, as step `k` of the runner: its projection, what is left of it, and its true loss. */
  async #note(runner: Runner, k: number): Promise<number> {
    const { weights } = this.#session;
    const { origin } = runner;
    const [d1, d2, centre] = [this.#d1, this.#d2, this.#centre];
    const [g11, g12, g22] = this.#gram;
    let [b1, b2, square] = [0, 0, 0];
    for (let i = 0; i < centre.length; i++) {
      const w = weights[i]! - centre[i]!;
      square += (weights[i]! - origin[i]!) ** 2;
      b1 += w * d1[i]!;
      b2 += w * d2[i]!;
    }
    const determinant = g11 * g22 - g12 * g12;
    const a = (g22 * b1 - g12 * b2) / determinant;
    const b = (g11 * b2 - g12 * b1) / determinant;
    let rest = 0;
    for (let i = 0; i < centre.length; i++) {
      const w = weights[i]! - centre[i]! - a * d1[i]! - b * d2[i]!;
      rest += w * w;
    }
    runner.points[2 * k] = a;
    runner.points[2 * k + 1] = b;
    runner.offPlane[k] = Math.sqrt(rest);
    runner.distance[k] = Math.sqrt(square);
    return (runner.loss[k] = await this.#lossHere());
  }

  async #measure(state: Pick<Runner, 'weights' | 'statistics'>): Promise<number> {
    this.#load(state);
    return this.#lossHere();
  }

  /** The true loss where the session is, in evaluation mode, over the first `MEASURED` samples. */
  async #lossHere(): Promise<number> {
    const measured = Int32Array.from({ length: Math.min(this.#samples, MEASURED) }, (_, i) => i);
    return (await this.#session.measure(measured)).loss;
  }
}

/** A direction in the order of the session's weights. */
function flat({ places, weights }: TrainingSession, direction: Direction): Float64Array {
  const all = new Float64Array(weights.length);
  for (const { name, kind, offset } of places) {
    const part = direction.get(name);
    if (kind === 'weight' && part !== undefined) all.set(part, offset);
  }
  return all;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
