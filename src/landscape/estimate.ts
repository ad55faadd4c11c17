/**
 * What a run costs, before it begins: counted from the networks and the grid, timed by a short call to the
 * engine that is to do it.
 */
import { EngineMemoryError, type Problem } from '../engine/engine.js';
import { multiplyAdds } from '../model/cost.js';
import type { Computes } from './queue.js';

/** A square grid of `size` × `size` points, each the mean over `samples`. */
export interface RunSize {
  readonly size: number;
  readonly samples: number;
}

export interface Cost {
  /** Two per multiply-add, over all networks, points and samples. */
  readonly flop: number;
  /** Of what is held throughout: inputs, weights with both directions, and the grids. */
  readonly bytes: number;
}

export interface Estimate extends Cost {
  /** Until the picture is complete, at the rate that was measured. */
  readonly seconds: number;
  /** Smaller runs that would be done in time, the most like what was asked for first; may be empty. */
  readonly smaller: readonly Offer[];
}

/** A run that can be had sooner. */
export interface Offer extends RunSize {
  readonly seconds: number;
}

/** One landscape of a run: how long a sample at a point takes, and how many are still to be done. */
export interface TimedWork {
  /** Seconds per point and sample, all lanes busy. */
  readonly pace: number;
  /** Points × samples that are missing. */
  readonly left: number;
}

/** What is offered instead should stay below the limit even when the engine is a little slower than measured. */
const MARGIN = 0.75;
const FLOAT32 = Float32Array.BYTES_PER_ELEMENT;
/** Σℓ, Σℓ² and the count of right samples in float64, the number of samples in uint32, who computed them in uint16. */
const POINT_BYTES =
  3 * Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT + Uint16Array.BYTES_PER_ELEMENT;

/** Points per side that are offered. */
const SIZES = [301, 201, 151, 101, 75, 51, 41, 31, 25, 21, 15, 11, 9, 7, 5, 3];
/** A coarser grid than this shows little of a landscape. */
const LEAST_SIZE = 11;
/** Numbers of samples that are offered; fewer say little. */
const SAMPLES = [50_000, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20];

/**
 * FLOP and bytes of all problems together. `copies` is in how many workers each problem is held, 1 on a GPU.
 */
export function runCost(problems: readonly Problem[], { size, samples }: RunSize, copies = 1): Cost {
  const points = size * size;
  let flop = 0;
  let bytes = 0;
  for (const { model, data } of problems) {
    flop += 2 * multiplyAdds(model) * points * samples;
    const weights = [...model.parameters.values()].reduce((sum, parameter) => sum + parameter.data.length, 0);
    bytes += copies * FLOAT32 * (3 * weights + data.inputs.length) + points * POINT_BYTES;
  }
  return { flop, bytes };
}

/** Seconds that the missing work takes; landscapes of one run share the engine, so their times add up. */
export function secondsFor(works: readonly TimedWork[]): number {
  return works.reduce((sum, { pace, left }) => sum + pace * left, 0);
}

/**
 * What would be done within `limit` seconds instead of a run that takes `seconds`: a smaller grid, fewer
 * samples, both where one is not enough, and at the worst a grid that is too small to show much.
 */
export function smallerRuns(run: RunSize, seconds: number, limit: number): Offer[] {
  const time = ({ size, samples }: RunSize) => (seconds * (size / run.size) ** 2 * samples) / run.samples;
  const soon = (offer: RunSize) => time(offer) <= MARGIN * limit;
  const sizes = SIZES.filter((size) => size < run.size);
  const counts = SAMPLES.filter((samples) => samples < run.samples);
  const useful = sizes.filter((size) => size >= LEAST_SIZE);
  const smaller = useful.map((size) => ({ ...run, size })).find(soon);
  const fewer = counts.map((samples) => ({ ...run, samples })).find(soon);
  const both = counts.flatMap((samples) => useful.map((size) => ({ size, samples }))).find(soon);
  const least = Math.min(run.samples, SAMPLES.at(-1)!);
  const tiny = sizes.map((size) => ({ size, samples: least })).find(soon);
  const separate = [smaller, fewer].filter((offer) => offer !== undefined);
  const offers = separate.length > 0 ? separate : [both ?? tiny].filter((offer) => offer !== undefined);
  return offers.map(({ size, samples }) => ({ size, samples, seconds: time({ size, samples }) }));
}

/**
 * Time above that of the smallest call which settles a measurement, in milliseconds. Some browsers tell of a
 * finished queue every 100 ms only.
 */
const SETTLED = 150;
/** A first call that takes as long as this is measurement enough, in milliseconds. */
const SLOW = 1000;
/** Samples of the first call: enough for every engine's vector lanes. */
const FIRST_SAMPLES = 8;
/** Calls grow by no more than this, so that none is much longer than it should be. */
const GROWTH = 4;

/**
 * Seconds per point and sample of a prepared problem, with as many calls at once as it has lanes. The time
 * that a call takes whatever it carries is left out, as it vanishes in the run's larger calls. Rejects as
 * `evaluate` does, memory apart.
 */
export async function measurePace(
  evaluator: Computes,
  { size, samples }: RunSize,
  signal?: AbortSignal,
  now: () => number = () => performance.now(),
): Promise<number> {
  const { lanes } = evaluator;
  const mostPoints = Math.max(1, Math.ceil((size * size) / lanes));
  let call = { points: 1, count: Math.min(samples, FIRST_SAMPLES) };

  const time = async (): Promise<{ work: number; milliseconds: number }> => {
    const { points, count } = call;
    // Somewhere off the centre, where no product is spared.
    const a = Float64Array.from({ length: points }, (_, i) => (i + 1) / (points + 1));
    const start = now();
    await Promise.all(
      Array.from({ length: lanes }, () => evaluator.evaluate({ a, b: a }, { first: 0, count }, signal)),
    );
    return { work: lanes * points * count, milliseconds: now() - start };
  };

  const cold = await time();
  if (cold.milliseconds > SLOW) return cold.milliseconds / cold.work / 1000;
  const least = await time();
  let last = least;
  while (last.milliseconds - least.milliseconds < SETTLED) {
    const { points, count } = call;
    if (count < samples) call = { points, count: Math.min(samples, GROWTH * count) };
    else if (points < mostPoints) call = { points: Math.min(mostPoints, GROWTH * points), count };
    else break;
    try {
      last = await time();
    } catch (error) {
      // What is known of the smaller calls has to do.
      if (error instanceof EngineMemoryError) break;
      throw error;
    }
  }
  // A busy moment makes a call longer and nothing makes it shorter, so the faster of two is the truer one.
  if (last.milliseconds < SLOW) {
    const again = await time().catch((error: unknown) => {
      if (error instanceof EngineMemoryError) return last;
      throw error;
    });
    if (again.work === last.work && again.milliseconds < last.milliseconds) last = again;
  }
  const grown = last.work - least.work;
  const above = last.milliseconds - least.milliseconds;
  // All of the run fits in one call, or the clock stood still: what that call took is an upper bound.
  return (grown > 0 && above > 0 ? above / grown : last.milliseconds / last.work) / 1000;
}
