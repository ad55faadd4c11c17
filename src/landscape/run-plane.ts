/**
 * Planes that a run of training lies close to: those of its principal components, and those through steps of it. Both
 * go through the centre θ* and have orthonormal directions, so that α and β are distances in the space of the weights.
 */
import type { Direction } from '../engine/engine.js';
import { nextTask } from '../engine/pause.js';
import { multiplyTransposed } from '../math/matmul.js';
import { leadingEigenpairs } from '../math/symmetric-eigen.js';
import type { Model } from '../model/graph.js';

/** Parameters by name, each of its parameter's length. */
export type Weights = ReadonlyMap<string, Float32Array | Float64Array>;

/** The parameters of one network at several steps of its training. */
export interface Checkpoints {
  /** Ascending. */
  readonly steps: readonly number[];
  /** By step; every parameter of the network is there. */
  readonly parameters: ReadonlyMap<number, Weights>;
}

/**
 * What a run's components are taken about: `centre`, as Li et al. (2018, section 7.2) define them, with
 * M = [θ_0 − θ*; …; θ_n − θ*], or `mean`, as statistics does.
 */
export type About = 'centre' | 'mean';

export interface RunPlane {
  readonly d1: Direction;
  readonly d2: Direction;
  /** Share of Σ‖θ_k − θ*‖² (of Σ‖θ_k − mean‖² about the mean) along each of the components; null for other planes. */
  readonly explained: readonly [number, number] | null;
}

/** There is no such plane, or nothing can be projected on it; the message says what to do. */
export class TrajectoryError extends Error {
  override readonly name = 'TrajectoryError';
}

/** Multiply-adds between two looks at the clock: some 10 ms. */
const SLICE = 2 ** 24;
/** Numbers of all steps that are held at a time. */
const HELD = 2 ** 20;
/** A second component with a smaller share of the squares is rounding. */
const STRAIGHT = 1e-13;

/** θ* and where the run is judged from. */
export interface RunPlaneOptions {
  readonly centre: Weights;
  /**
   * Move batch norm's running statistics along, by the same combination of steps. Distances are of weights alone
   * either way.
   */
  readonly states: boolean;
}

/**
 * The plane of the two leading principal components, through the T × T Gram matrix of a run of T steps. Time T²·P,
 * memory T² beside the run itself. Throws TrajectoryError for a run that lies on a line.
 */
export async function pcaPlane(
  model: Model,
  run: Checkpoints,
  about: About,
  { centre, states }: RunPlaneOptions,
): Promise<RunPlane> {
  const count = run.steps.length;
  if (count < 2) throw new TrajectoryError('a run of one step has no plane; load one with three or more');
  const gram = await gramMatrix(model, run, centre, about);
  let total = 0;
  for (let k = 0; k < count; k++) total += gram[k * count + k]!;
  const { values, vectors } = leadingEigenpairs(gram, count, 2);
  const [first, second] = values as unknown as [number, number];
  if (!(second > STRAIGHT * total)) throw straight('the run');
  const component = (i: 0 | 1): Float64Array =>
    vectors.slice(i * count, (i + 1) * count).map((entry) => entry / Math.sqrt(values[i]!));
  const combination = { model, run, centre, states };
  return {
    d1: combine(combination, component(0)),
    d2: combine(combination, component(1)),
    explained: [first / total, second / total],
  };
}

/**
 * The plane through the centre and two steps: d1 points from the centre to the first, d2 is orthogonal to it, towards
 * the second (Garipov et al. 2018, appendix A.1). Throws TrajectoryError when the three lie on a line.
 */
export function checkpointPlane(
  model: Model,
  run: Checkpoints,
  [one, two]: readonly [number, number],
  { centre, states }: RunPlaneOptions,
): RunPlane {
  const [i, j] = [run.steps.indexOf(one), run.steps.indexOf(two)];
  if (i < 0 || j < 0) throw new TrajectoryError(`the run has no step ${i < 0 ? one : two}; choose another`);
  let [g11, g12, g22] = [0, 0, 0];
  const [first, second] = [run.parameters.get(one)!, run.parameters.get(two)!];
  for (const name of weightNames(model)) {
    const [x, y, c] = [first.get(name)!, second.get(name)!, centre.get(name)!];
    for (let p = 0; p < c.length; p++) {
      const [u, v] = [x[p]! - c[p]!, y[p]! - c[p]!];
      g11 += u * u;
      g12 += u * v;
      g22 += v * v;
    }
  }
  if (g11 === 0 || g22 === 0) {
    throw new TrajectoryError(`step ${g11 === 0 ? one : two} is the centre itself; choose two other steps`);
  }
  const share = g12 / g11;
  const left = g22 - share * g12;
  if (!(left > STRAIGHT * g22)) throw straight('the centre and the two steps');
  const combination = { model, run, centre, states };
  const along = new Float64Array(run.steps.length);
  along[i] = 1 / Math.sqrt(g11);
  const across = new Float64Array(run.steps.length);
  across[i] = -share / Math.sqrt(left);
  across[j]! += 1 / Math.sqrt(left);
  return { d1: combine(combination, along), d2: combine(combination, across), explained: null };
}

/** The parameters whose distances count. */
export function weightNames({ parameters }: Model): string[] {
  return [...parameters.values()].filter(({ kind }) => kind === 'weight').map(({ name }) => name);
}

function straight(what: string): TrajectoryError {
  return new TrajectoryError(
    `${what} lie${what === 'the run' ? 's' : ''} on a straight line, which is no plane; choose another`,
  );
}

/** ⟨θ_i − o, θ_j − o⟩ over all weights, `[T, T]`, o the centre or the mean of the steps; block by block of parameters. */
async function gramMatrix(
  model: Model,
  run: Checkpoints,
  centre: Weights,
  about: About,
): Promise<Float64Array> {
  const count = run.steps.length;
  const steps = run.steps.map((step) => run.parameters.get(step)!);
  const gram = new Float64Array(count * count);
  const part = new Float64Array(count * count);
  const most = Math.max(16, Math.min(Math.floor(HELD / count), Math.floor(SLICE / count ** 2)));
  const rows = new Float64Array(count * most);
  let work = 0;
  for (const name of weightNames(model)) {
    const origin = centre.get(name)!;
    const data = steps.map((weights) => weights.get(name)!);
    for (let from = 0; from < origin.length; from += most) {
      const width = Math.min(most, origin.length - from);
      for (let k = 0; k < count; k++) {
        for (let p = 0; p < width; p++) rows[k * width + p] = data[k]![from + p]! - origin[from + p]!;
      }
      if (about === 'mean') centreColumns(rows, count, width);
      const block = { data: rows, start: 0 };
      multiplyTransposed(block, block, { data: part, start: 0 }, count, count, width);
      for (let i = 0; i < part.length; i++) gram[i]! += part[i]!;
      work += count * count * (width + 1);
      if (work >= SLICE) {
        work = 0;
        await nextTask();
      }
    }
  }
  return gram;
}

/** Takes the mean over the steps from every parameter. */
function centreColumns(rows: Float64Array, count: number, width: number): void {
  for (let p = 0; p < width; p++) {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += rows[k * width + p]!;
    for (let k = 0; k < count; k++) rows[k * width + p]! -= sum / count;
  }
}

interface Combination {
  readonly model: Model;
  readonly run: Checkpoints;
  readonly centre: Weights;
  readonly states: boolean;
}

/** Σ_k c_k (θ_k − θ*), summed in float64 and rounded once. */
function combine({ model, run, centre, states }: Combination, coefficients: Float64Array): Direction {
  const direction = new Map<string, Float32Array>();
  for (const { name, kind } of model.parameters.values()) {
    if (kind === 'statistic' && !states) continue;
    const origin = centre.get(name)!;
    const sum = new Float64Array(origin.length);
    run.steps.forEach((step, k) => {
      const data = run.parameters.get(step)!.get(name)!;
      const c = coefficients[k]!;
      if (c !== 0) for (let p = 0; p < sum.length; p++) sum[p]! += c * (data[p]! - origin[p]!);
    });
    direction.set(name, Float32Array.from(sum));
  }
  return direction;
}
