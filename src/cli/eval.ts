/**
 * `isoloss eval`: the loss and accuracy of one network on a grid of one plane.
 */
import { writeFile } from 'node:fs/promises';
import type { Evaluator, Problem } from '../engine/engine.js';
import { type NpzEntry, writeNpz } from '../io/npz.js';
import { cosine } from '../landscape/directions.js';
import { pathOffPlane } from '../landscape/trajectory.js';
import { accuracy, coordinates, emptySums, type Grid, type GridSums, meanLoss } from '../landscape/grid.js';
import { runLandscapes } from '../landscape/run.js';
import { multiplyAdds } from '../model/cost.js';
import { createEngine } from './engines.js';
import { exactArrays, type Wanted, wantsMore } from './exact.js';
import { loadData, loadDirections, loadNetwork } from './inputs.js';
import type { EvalOptions } from './options.js';
import { checkWritable, note } from './output.js';
import { fittedGrid, project, trajectoryArrays } from './trajectory.js';

/** Where the launcher has put things. */
export interface Places {
  /** The project's folder `public`. */
  readonly assets: string;
  /** `engine/worker-node.ts`, compiled. */
  readonly worker: string;
  /** `peak-worker.ts`, compiled. */
  readonly peakWorker: string;
}

/** Printed as one line of JSON. */
export interface Summary {
  readonly engine: string;
  readonly adapter: string;
  readonly model: string;
  readonly loss: string;
  readonly points: number;
  readonly samples: number;
  /** Of the evaluation alone: neither loading nor compiling nor the first call. */
  readonly seconds: number;
  /** Two per multiply-add of the network, over all points and samples. */
  readonly flop: number;
  /** Between the two directions. */
  readonly cosine: number;
  /** Shares of a run's squared distances along the two components, where those are the plane. */
  readonly explained?: readonly [number, number];
  /** How far off the plane a run is: √(Σ off-plane distance² / Σ distance from the centre²), 0 … 1. */
  readonly offPlane?: number;
}

/** Points of the untimed first calls, enough to use every lane's shaders and workers. */
const WARM_UP_POINTS = 16;

export async function evaluate(
  options: EvalOptions,
  { assets, worker }: Pick<Places, 'assets' | 'worker'>,
): Promise<Summary> {
  if (options.out !== null) await checkWritable(options.out);
  const network = await loadNetwork(options.network, assets, note);
  const { model } = network;
  const { data, loss } = await loadData(options, network, assets);
  const { d1, d2, explained } = await loadDirections(options.directions, network);

  const problem = { model, d1, d2, data, loss };
  const { run } = network;
  const trajectory = run === null ? null : await project(run, problem);
  const grid = options.grid ?? fittedGrid(trajectory!);
  const engine = await createEngine(options.engine, worker);
  try {
    const evaluator = await engine.prepare(problem);
    await warmUp(evaluator, grid, data.samples);
    const sums = emptySums(grid);
    const start = performance.now();
    await runLandscapes([{ evaluator, sums, samples: data.samples }], { onProgress: progressLine() });
    const seconds = (performance.now() - start) / 1000;
    const { info } = evaluator;
    const path =
      run !== null && options.out !== null
        ? await trajectoryArrays(trajectory!, engine, evaluator, problem, run, explained)
        : [];
    evaluator.dispose();

    const more = wantsMore(options) ? await inFloat64(problem, { ...options, grid }, worker) : [];
    if (options.out !== null) await writeFile(options.out, gridFile(sums, [...more, ...path]));
    const points = sums.samples.length;
    return {
      engine: info.engine,
      adapter: info.adapter,
      model: model.name,
      loss,
      points,
      samples: data.samples,
      seconds,
      flop: 2 * multiplyAdds(model) * data.samples * points,
      cosine: cosine(d1, d2),
      ...(explained === null ? {} : { explained }),
      ...(trajectory === null ? {} : { offPlane: pathOffPlane(trajectory) }),
    };
  } finally {
    engine.dispose();
  }
}

/** Evaluates the grid's first points on every lane, so that nothing is compiled while time is taken. */
async function warmUp(evaluator: Evaluator, grid: Grid, samples: number): Promise<void> {
  const a = coordinates(grid.columns).slice(0, WARM_UP_POINTS);
  const b = new Float64Array(a.length).fill(grid.rows.from);
  const calls = Array.from({ length: evaluator.lanes }, () =>
    evaluator.evaluate({ a, b }, { first: 0, count: samples }),
  );
  await Promise.all(calls);
}

async function inFloat64(problem: Problem, wanted: Wanted, worker: string): Promise<NpzEntry[]> {
  const reference = await createEngine('reference', worker);
  try {
    return await exactArrays(await reference.prepare(problem), wanted, problem.data.samples);
  } finally {
    reference.dispose();
  }
}

/** `a`, `b` as float64 vectors, `loss` and `accuracy` as float64 [rows β, columns α], then what `more` has. */
function gridFile(sums: GridSums, more: readonly NpzEntry[]): Uint8Array {
  const { columns, rows } = sums.grid;
  const vector = (data: Float64Array) => ({ dtype: '<f8', shape: [data.length], data });
  const plane = (data: Float64Array) => ({ dtype: '<f8', shape: [rows.count, columns.count], data });
  return writeNpz([
    ['a', vector(coordinates(columns))],
    ['b', vector(coordinates(rows))],
    ['loss', plane(meanLoss(sums))],
    ['accuracy', plane(accuracy(sums))],
    ...more,
  ]);
}

/** Tells a person at a terminal how far the run is; a file or a pipe gets nothing. */
function progressLine(): (progress: { pointsDone: number; pointsTotal: number }) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return ({ pointsDone, pointsTotal }) => {
    const end = pointsDone === pointsTotal ? '\n' : '';
    process.stderr.write(`\r${pointsDone} of ${pointsTotal} points${end}`);
  };
}
