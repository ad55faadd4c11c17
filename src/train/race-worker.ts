/** Races on a network's plane, in a worker of their own: a newer one ends the one before it. */
import type { Direction } from '../engine/engine.js';
import { nextTask } from '../engine/pause.js';
import type { TrainingProblem } from '../engine/training.js';
import type { Basins } from './basins.js';
import { prepareTraining } from './engines.js';
import { networkBasins, type NetworkBasinsOptions } from './network-basins.js';
import { type NetworkPath, NetworkRace, type NetworkRaceOptions, type Way } from './network-race.js';

export type RaceRequest =
  | {
      readonly kind: 'prepare';
      readonly problem: TrainingProblem;
      readonly d1: Direction;
      readonly d2: Direction;
    }
  | { readonly kind: 'race'; readonly id: number; readonly options: NetworkRaceOptions }
  | { readonly kind: 'basins'; readonly id: number; readonly options: NetworkBasinsOptions }
  | { readonly kind: 'way'; readonly id: number; readonly index: number };

export type RaceAnswer =
  | {
      readonly kind: 'paths';
      readonly id: number;
      readonly paths: readonly NetworkPath[];
      readonly step: number;
      readonly isDone: boolean;
    }
  /** λ_max at the lowest point that the race has reached; NaN where finding it takes too long. */
  | { readonly kind: 'curvature'; readonly id: number; readonly largest: number }
  /** Share of the starts that is done, 0 … 1; with the basins it is 1. */
  | { readonly kind: 'basins'; readonly id: number; readonly share: number; readonly basins: Basins | null }
  | { readonly kind: 'way'; readonly id: number; readonly way: Way }
  /** `way` is the id of the one that there is not; null when the race or the basins have failed. */
  | { readonly kind: 'failed'; readonly way: number | null; readonly message: string };

/** Milliseconds between two reports. */
const REPORT = 40;
/** Milliseconds between two looks at what has been asked meanwhile. */
const PATIENCE = 8;
/** Milliseconds that finding the curvature may take. */
const MOST_SEARCH = 5000;

/** Ends the search for a curvature. */
class SearchEnd extends Error {}

let race: Promise<NetworkRace> | null = null;
/** The newest race that was asked for. */
let wanted = 0;
/** The one before it uses the same session, and ends first. */
let running: Promise<void> = Promise.resolve();

const answer = (message: RaceAnswer): void => postMessage(message);

async function prepare({ problem, d1, d2 }: Extract<RaceRequest, { kind: 'prepare' }>): Promise<NetworkRace> {
  const { session } = await prepareTraining(problem, 'auto');
  return new NetworkRace(session, problem.data.samples, problem.model, d1, d2);
}

async function run(on: Promise<NetworkRace>, id: number, options: NetworkRaceOptions): Promise<void> {
  let reported = -Infinity;
  let turn = performance.now();
  await (
    await on
  ).run(options, async (paths, step) => {
    const isDone = step === options.steps;
    if (isDone || performance.now() - reported > REPORT) {
      // What only the race itself needs stays here.
      const shown = paths.map(({ points, offPlane, distance, loss, steps, diverged }) => {
        return { points, offPlane, distance, loss, steps, diverged };
      });
      answer({ kind: 'paths', id, paths: shown, step, isDone });
      reported = performance.now();
    }
    if (performance.now() - turn > PATIENCE) {
      await nextTask();
      turn = performance.now();
    }
    return id === wanted;
  });
  if (id === wanted) await search(await on, id);
}

async function find(on: Promise<NetworkRace>, id: number, options: NetworkBasinsOptions): Promise<void> {
  const found = await networkBasins(await on, options, async (share) => {
    answer({ kind: 'basins', id, share, basins: null });
    await nextTask();
    return id === wanted;
  });
  if (found !== null) answer({ kind: 'basins', id, share: 1, basins: found });
}

/** The curvature once a race is over; another race that is asked for meanwhile ends it. */
async function search(on: NetworkRace, id: number): Promise<void> {
  const end = performance.now() + MOST_SEARCH;
  try {
    const found = await on.curvature(async () => {
      await nextTask();
      if (id !== wanted || performance.now() > end) throw new SearchEnd();
    });
    if (found !== null) answer({ kind: 'curvature', id, largest: found.largest });
  } catch (error) {
    if (!(error instanceof SearchEnd)) throw error;
    if (id === wanted) answer({ kind: 'curvature', id, largest: NaN });
  }
}

addEventListener('message', ({ data }: MessageEvent<RaceRequest>) => {
  const failedFor = (way: number | null, error: unknown): void =>
    answer({ kind: 'failed', way, message: error instanceof Error ? error.message : String(error) });
  const failed = (error: unknown): void => failedFor(null, error);
  if (data.kind === 'prepare') {
    wanted = 0;
    race = prepare(data);
    race.catch(failed);
    return;
  }
  const on = race;
  if (on === null) return;
  if (data.kind === 'way') {
    const { id, index } = data;
    on.then((ready) => answer({ kind: 'way', id, way: ready.way(index) })).catch((error: unknown) =>
      failedFor(id, error),
    );
    return;
  }
  const { id } = data;
  wanted = id;
  const work = (): Promise<void> =>
    data.kind === 'race' ? run(on, id, data.options) : find(on, id, data.options);
  running = running.then(() => (id === wanted ? work() : undefined)).catch(failed);
});
