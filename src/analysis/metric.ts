/** Lengths in a plane of weights: which way is down, and how far it is, is asked of the weights and not of the picture. */
import type { Direction, Point } from '../engine/engine.js';
import { inner } from '../landscape/directions.js';

/**
 * Gram matrix of a plane's directions: d1·d1, d1·d2, d2·d2. The step (α, β) moves the weights by
 * √(aa·α² + 2·ab·α·β + bb·β²).
 */
export interface Metric {
  readonly aa: number;
  readonly ab: number;
  readonly bb: number;
}

/** 1 − cos² below which two directions are one. */
const PARALLEL = 1e-12;

/** The metric of a plane; null where its directions span none: one is zero, or both are parallel. */
export function metricOf(d1: Direction, d2: Direction): Metric | null {
  const metric = { aa: inner(d1, d1), ab: inner(d1, d2), bb: inner(d2, d2) };
  return determinant(metric) > PARALLEL * metric.aa * metric.bb ? metric : null;
}

function determinant({ aa, ab, bb }: Metric): number {
  return aa * bb - ab * ab;
}

/** How many square lengths of the weights a unit of α times β is. */
export function areaOf(metric: Metric): number {
  return Math.sqrt(determinant(metric));
}

/**
 * What a step of gradient descent with learning rate 1 does to (α, β) where the derivatives by α and β are `slope`,
 * seen in the plane: −G⁻¹·slope. It is the projection of −∇L, the gradient in the space of the weights.
 */
export function descentOf(metric: Metric, { a, b }: Point): Point {
  const d = determinant(metric);
  return { a: (metric.ab * b - metric.bb * a) / d, b: (metric.ab * a - metric.aa * b) / d };
}

/** Length of that projection in the weights, √(slopeᵀ·G⁻¹·slope): the loss changes so much per unit of distance. */
export function steepnessOf(metric: Metric, slope: Point): number {
  const { a, b } = descentOf(metric, slope);
  return Math.sqrt(Math.max(0, -(a * slope.a + b * slope.b)));
}
