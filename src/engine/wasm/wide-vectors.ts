/** The epilogue of a layer at the centre, in float64. */
import type { Shape } from '../../model/graph.js';
import type { Point } from '../engine.js';
import type { Step } from './lower.js';
import type { Plane } from './plane.js';

type Vector = Float64Array;

/**
 * What follows a step's sums, seven vectors one after the other: y = (sum + centre)·scale + shift with centre = bias − mean
 * and scale = γ/√(variance + ε); of centre and shift their slopes along α and β come after them.
 */
export function writeVectors(step: Step, plane: Plane, { a, b }: Point, out: Float64Array): void {
  const channels = out.length / 7;
  const entries = (name: string | null) => {
    if (name === null) return null;
    const { base, d1, d2 } = plane.values(name);
    return { at: (c: number) => base[c]! + (a * d1[c]! + b * d2[c]!), a: d1, b: d2 };
  };
  const [centre, centreA, centreB, scale, shift, shiftA, shiftB] = Array.from({ length: 7 }, (_, k) =>
    out.subarray(k * channels, (k + 1) * channels),
  ) as [Vector, Vector, Vector, Vector, Vector, Vector, Vector];
  out.fill(0);
  scale.fill(1);
  if (step.kind === 'affine' && step.node.op === 'scale') {
    scale.fill(step.node.factor);
    shift.fill(step.node.offset);
    return;
  }
  const norm = step.kind === 'product' ? step.epilogue.norm : step.kind === 'affine' ? step.node : null;
  const bias = entries(step.kind === 'product' ? step.node.bias : null);
  const batch = norm?.op === 'batchnorm' ? norm : null;
  const [mean, shifts, gamma] = [batch?.mean, batch?.shift, batch?.scale].map((name) =>
    entries(name ?? null),
  ) as [typeof bias, typeof bias, typeof bias];
  const variance = batch === null ? null : plane.parameter(batch.variance).data;
  for (let c = 0; c < channels; c++) {
    centre[c] = (bias?.at(c) ?? 0) - (mean?.at(c) ?? 0);
    centreA[c] = (bias?.a[c] ?? 0) - (mean?.a[c] ?? 0);
    centreB[c] = (bias?.b[c] ?? 0) - (mean?.b[c] ?? 0);
    if (batch !== null) scale[c] = (gamma?.at(c) ?? 1) / Math.sqrt(variance![c]! + batch.epsilon);
    shift[c] = shifts?.at(c) ?? 0;
    shiftA[c] = shifts?.a[c] ?? 0;
    shiftB[c] = shifts?.b[c] ?? 0;
  }
}

/** Channels of a step's vectors. */
export function channelsOf(step: Step, shape: Shape): number {
  return step.kind === 'affine' && step.node.op === 'scale' ? 1 : shape[0]!;
}
