/** What the benchmark opens in a browser; `measure` is called from outside, once per page. */
import { benchCase, caseGrid, caseProblem } from '../../src/cli/bench-cases.js';
import { benchPoints } from '../../src/cli/bench-measure.js';
import type { Problem } from '../../src/engine/engine.js';
import type { Dataset } from '../../src/model/data.js';
import { coordinates } from '../../src/landscape/grid.js';
import { coarseToFine } from '../../src/landscape/order.js';
import { type Measurement, type Request, timeWay, type Way } from '../measurement.js';
import type { GOALS, NetworkMeasurement } from '../training/networks.js';
import type { StepsMeasurement, StepsRequest } from '../training/work.js';
import { measureOwn, own } from './isoloss.js';

interface Peer {
  /** Loads the library; gives what it runs on. */
  open(threads: number): Promise<string>;
  ways(problem: Problem): Promise<Way[]>;
}

const tfjs = (backend: 'wasm' | 'webgpu'): Peer => ({
  open: async (threads) => (await import('./tfjs.js')).openTf(backend, threads),
  ways: async (problem) => (await import('./tfjs.js')).tfWays(problem),
});
const jax = (device: 'wasm' | 'webgpu'): Peer => ({
  open: async () => (await import('./jax.js')).openJax(device),
  ways: async (problem) => (await import('./jax.js')).jaxWays(problem),
});

const peers: ReadonlyMap<string, Peer> = new Map([
  ['tfjs-wasm', tfjs('wasm')],
  ['tfjs-webgpu', tfjs('webgpu')],
  ['jax-wasm', jax('wasm')],
  ['jax-webgpu', jax('webgpu')],
]);

/** Seconds that finding the fastest way may take for each. */
const TRIAL = 0.3;

async function measure(request: Request): Promise<Measurement> {
  const chosen = benchCase(request.case);
  const engine = own.get(request.contender);
  if (engine !== undefined) return measureOwn(engine, chosen, request);
  const peer = peers.get(request.contender);
  if (peer === undefined) throw new Error(`nobody is called ${request.contender}`);

  const description = await peer.open(request.threads ?? navigator.hardwareConcurrency);
  const problem = caseProblem(chosen);
  const most = chosen.side ** 2;
  const trials: { way: Way; pace: number; first: number }[] = [];
  const failures: string[] = [];
  for (const way of await peer.ways(problem)) {
    try {
      const { a, b } = coarsest(chosen.side);
      const start = performance.now();
      await way.evaluate(a.slice(0, 1), b.slice(0, 1));
      const compiled = (performance.now() - start) / 1000;
      const timed = await timeWay((points) => evaluate(way, points), TRIAL, most, 1);
      const pace = timed.millisecondsPerPoint;
      trials.push({ way, pace, first: compiled + ((a.length - 1) * pace) / 1000 });
    } catch (error) {
      failures.push(`${way.name}: ${String(error)}`);
    }
  }
  const best = trials.toSorted((x, y) => x.pace - y.pace)[0];
  if (best === undefined) throw new Error(failures.join('; '));
  const { a, b } = request.check;
  const check = await best.way.evaluate(Float64Array.from(a), Float64Array.from(b));
  const timed = await timeWay((points) => evaluate(best.way, points), request.seconds, most);
  return {
    adapter: `${description}, ${best.way.name}`,
    check: Array.from(check),
    ...timed,
    firstPictureSeconds: best.first,
    marks: null,
    grid: null,
    peakGflops: null,
    executedPerPoint: null,
  };
}

function evaluate(way: Way, points: number): Promise<ArrayLike<number>> {
  const { a, b } = benchPoints(points);
  return way.evaluate(a, b);
}

/** The first lattice of the case's grid. */
function coarsest(side: number): { a: Float64Array; b: Float64Array } {
  const axis = coordinates(caseGrid({ side }).columns);
  const { points } = coarseToFine(side, side)[0]!;
  return {
    a: Float64Array.from(points, (point) => axis[point % side]!),
    b: Float64Array.from(points, (point) => axis[Math.floor(point / side)]!),
  };
}

/** Name of the GPU that pages get, null without one. */
async function adapter(): Promise<string | null> {
  const { describeAdapter } = await import('../../src/engine/webgpu/adapter.js');
  return navigator.gpu ? ((await describeAdapter(navigator.gpu))?.name ?? null) : null;
}

async function steps(request: StepsRequest): Promise<StepsMeasurement> {
  return (await import('../training/page.js')).measureSteps(request);
}

async function network(kind: keyof typeof GOALS, data: Dataset): Promise<NetworkMeasurement> {
  return (await import('../training/networks.js')).trainNetwork(kind, data);
}

const bench = { measure, adapter, steps, network };
export type Bench = typeof bench;
(globalThis as { bench?: Bench }).bench = bench;
