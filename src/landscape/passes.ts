/** The passes that fill a grid: losses, differences from the middle, first and second derivatives. */
import type { Evaluator, Point } from '../engine/engine.js';
import { multiplyAdds } from '../model/cost.js';
import type { Model } from '../model/graph.js';
import { type Grid, type GridSums, type Totals } from './grid.js';
import type { LandscapeJob } from './queue.js';

/** Σ ℓ(point) − ℓ(centre), the centre being that of the grid. */
export interface DifferenceSums extends Totals {
  readonly delta: Float64Array;
}

/** Σ ∂ℓ/∂α and Σ ∂ℓ/∂β. */
export interface GradientSums extends Totals {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** And Σ ∂²ℓ/∂α², Σ ∂²ℓ/∂α∂β, Σ ∂²ℓ/∂β². */
export interface CurvatureSums extends GradientSums {
  readonly aa: Float64Array;
  readonly ab: Float64Array;
  readonly bb: Float64Array;
}

function empty(grid: Grid): { totals: Totals; zeros: () => Float64Array } {
  const size = grid.columns.count * grid.rows.count;
  const totals = { grid, samples: new Uint32Array(size), makers: new Uint16Array(size) };
  return { totals, zeros: () => new Float64Array(size) };
}

export function emptyDifferences(of: Grid): DifferenceSums {
  const { totals, zeros } = empty(of);
  return { ...totals, delta: zeros() };
}

export function emptyGradient(of: Grid): GradientSums {
  const { totals, zeros } = empty(of);
  return { ...totals, a: zeros(), b: zeros() };
}

export function emptyCurvature(of: Grid): CurvatureSums {
  const { totals, zeros } = empty(of);
  return { ...totals, a: zeros(), b: zeros(), aa: zeros(), ab: zeros(), bb: zeros() };
}

/**
 * FLOP/s of an engine on a slow core, before its kernels are optimised. Nothing is known of GPUs, and of the reference
 * engine only that it is slow.
 */
const LEAST_SPEED = 2e9;
/** Seconds of a first call at that speed. */
const SOON = 0.025;

/** The evaluator's `model` tells how much work a first call may carry; without it nothing is known. */
export function lossJob(evaluator: Evaluator, sums: GridSums, samples: number, model?: Model): LandscapeJob {
  return model && evaluator.info.engine === 'wasm'
    ? { evaluator, sums, samples, soon: (SOON * LEAST_SPEED) / (2 * multiplyAdds(model)) }
    : { evaluator, sums, samples };
}

/** `offsets` is the grid as seen from its centre, so that they are exact however small it is. */
export function differenceJob(
  evaluator: Evaluator,
  sums: DifferenceSums,
  samples: number,
  centre: Point,
  offsets: Grid,
): LandscapeJob {
  return {
    evaluator: {
      lanes: evaluator.lanes,
      evaluate: (points, range, signal) => evaluator.differences(centre, points, range, signal),
    },
    sums,
    samples,
    offsets,
  };
}

/** First derivatives, and second ones where `sums` has room for them. */
export function derivativeJob(
  evaluator: Evaluator,
  sums: GradientSums | CurvatureSums,
  samples: number,
): LandscapeJob {
  const order = 'aa' in sums ? 2 : 1;
  return {
    evaluator: {
      lanes: evaluator.lanes,
      evaluate: (points, range, signal) => evaluator.derivatives(points, range, order, signal),
    },
    sums,
    samples,
  };
}
