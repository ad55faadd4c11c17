/** What the map shows: the values of the chosen quantity, by its pass, and its name and scale. */
import { type Bend, bendOf, bends, flatness, type Hessian } from '../analysis/curvature.js';
import type { Totals } from '../landscape/grid.js';
import type { CurvatureSums } from '../landscape/passes.js';
import type { Limits, NormKind } from '../plot/scale.js';
import type { ColourScale, ValueClass } from '../plot/spec.js';
import { crossed, type State } from '../state.js';
import { isDeep, roundedCurvature } from './noise.js';
import { significant } from './numbers.js';
import type { PanelData } from './windows.js';

/** A window with the value that is shown of each of its points; not to be asked for points that have no samples. */
export interface Valued extends Totals {
  readonly valueAt: (i: number) => number;
}

export interface ValuedWindow {
  readonly own: Valued;
  /** Other windows of the plane whose values may stand in between their nodes, closest first. */
  readonly others: readonly Valued[];
}

/** Null before the panel's plane is there. */
export function valuesOf({ show }: Pick<State, 'show'>, data: PanelData): ValuedWindow | null {
  const { sums, others, differences, gradient, curvature } = data;
  switch (show) {
    case 'loss':
      if (isDeep(data)) return deepLosses(data);
      return valued(sums && { sums, others }, ({ loss, samples }, i) => loss[i]! / samples[i]!);
    case 'error':
      return valued(
        sums && { sums, others },
        ({ correct, samples }, i) => 100 * (1 - correct[i]! / samples[i]!),
      );
    case 'delta':
      return valued(differences, ({ delta, samples }, i) => delta[i]! / samples[i]!);
    case 'gradient':
      return valued(gradient, ({ a, b, samples }, i) => Math.hypot(a[i]!, b[i]!) / samples[i]!);
    case 'curvature': {
      if (curvature === null) return null;
      const threshold = flatBelow(data);
      // Kinds have nothing between them: no other window stands in.
      return valued({ ...curvature, others: [] }, (known, i) => {
        const bend = bendOf(hessianAt(known, i), threshold);
        return bend === null ? NaN : bends.indexOf(bend);
      });
    }
  }
}

/** The loss of the middle plus differences from it; nothing before both are there. */
function deepLosses({ sums, others, differences, middle: exact }: PanelData): ValuedWindow | null {
  if (sums === null || differences === null) return null;
  const plain = valued({ sums, others }, ({ loss, samples }, i) => loss[i]! / samples[i]!)!;
  const middle = (sums.samples.length - 1) / 2;
  const centre = exact ?? (sums.samples[middle] === 0 ? null : plain.own.valueAt(middle));
  const { own } = valued(differences, ({ delta, samples }, i) => (centre ?? 0) + delta[i]! / samples[i]!)!;
  const samples = centre === null ? new Uint32Array(own.samples.length) : own.samples;
  return { own: { ...own, samples }, others: plain.others };
}

function valued<T extends Totals>(
  window: { readonly sums: T; readonly others: readonly T[] } | null,
  valueOf: (sums: T, i: number) => number,
): ValuedWindow | null {
  if (window === null) return null;
  const of = (sums: T): Valued => ({
    grid: sums.grid,
    samples: sums.samples,
    makers: sums.makers,
    valueAt: (i) => valueOf(sums, i),
  });
  return { own: of(window.sums), others: window.others.map(of) };
}

/** Means of the second derivatives at a point. */
function hessianAt({ aa, ab, bb, samples }: CurvatureSums, i: number): Hessian {
  const n = samples[i]!;
  return { aa: aa[i]! / n, ab: ab[i]! / n, bb: bb[i]! / n };
}

/**
 * |eigenvalue| up to which a panel's directions count as flat: no less than what rounding may have made. 0 before any point
 * is known.
 */
function flatBelow(data: PanelData): number {
  const sums = data.curvature?.sums;
  if (sums === undefined) return 0;
  const known: Hessian[] = [];
  for (let i = 0; i < sums.samples.length; i++) if (sums.samples[i]! > 0) known.push(hessianAt(sums, i));
  return known.length === 0 ? 0 : Math.max(flatness(known), roundedCurvature(data));
}

/** What the panel's caption says of the quantity; '' where the colour bar says it all. */
export function captionOfQuantity({ show }: State, data: PanelData): string {
  const { curvature } = data;
  if (show !== 'curvature' || curvature === null) return '';
  const threshold = flatBelow(data);
  return threshold === 0 ? '' : `flat: |λ| ≤ ${significant(threshold, 2)}`;
}

/** The quantity of a point in words, beside its loss and accuracy; '' where those are it, or it is not known. */
export function inWordsAt({ show }: State, data: PanelData, i: number): string {
  const window = show === 'loss' || show === 'error' ? null : valuesOf({ show }, data);
  if (window === null || window.own.samples[i]! === 0) return '';
  const value = window.own.valueAt(i);
  if (show === 'delta') return `Δ ${significant(value)}`;
  if (show === 'gradient') return `‖∇L‖ ${significant(value)}`;
  return Number.isNaN(value) ? 'not finite' : bends[value]!;
}

/** Name of the quantity, as it stands at the colour bar. */
export const quantityNames: Readonly<Record<State['show'], string>> = {
  loss: 'loss',
  error: 'error (%)',
  delta: 'L − L(centre)',
  gradient: '‖∇L‖',
  curvature: 'curvature',
};

/** Told apart by lightness as well as by hue. */
const bendColours: Readonly<Record<Bend, ValueClass['colour']>> = {
  bowl: [58, 128, 189],
  saddle: [236, 172, 44],
  dome: [128, 26, 44],
  flat: [204, 206, 208],
};

/** Error is a share from 0 to 100: a logarithm would hide the best points. Differences have both signs. */
export function normKindsOf({ show }: Pick<State, 'show'>): readonly NormKind[] {
  if (show === 'error' || show === 'curvature') return ['linear'];
  return show === 'delta' ? ['linear', 'symlog'] : ['linear', 'log', 'symlog'];
}

/** The scale that is set, or the one in its place where the quantity does not have it. */
export function normKind(state: Pick<State, 'show' | 'scale'>): NormKind {
  const kinds = normKindsOf(state);
  return kinds.includes(state.scale) ? state.scale : kinds.at(-1)!;
}

/** Whether numbers fill the map, and not kinds that have no order. */
export function isNumeric({ show }: State): boolean {
  return show !== 'curvature';
}

export function makeScale(state: State): ColourScale {
  const norm = normKind(state);
  const { show } = state;
  const usable = (limit: number | 'auto'): limit is number =>
    limit !== 'auto' && (norm !== 'log' || limit > 0);
  const typed: Partial<Limits> = crossed(state)
    ? {}
    : {
        ...(usable(state.vmin) ? { min: state.vmin } : {}),
        ...(usable(state.vmax) ? { max: state.vmax } : {}),
      };
  const scale = { name: quantityNames[show], map: state.map, norm };
  switch (show) {
    case 'loss':
    case 'gradient':
      return { ...scale, limits: typed };
    case 'error':
      return { ...scale, limits: wholeScale(typed) };
    case 'delta':
      return { ...scale, map: 'bluered', limits: mirrored(typed) };
    case 'curvature':
      return { ...scale, classes: bends.map((name) => ({ name, colour: bendColours[name] })) };
  }
}

/** 0 … 100 % where nothing is typed; typed ends beyond it leave the other end to the data. */
function wholeScale({ min, max }: Partial<Limits>): Partial<Limits> {
  return {
    ...(min !== undefined ? { min } : max === undefined || max > 0 ? { min: 0 } : {}),
    ...(max !== undefined ? { max } : min === undefined || min < 100 ? { max: 100 } : {}),
  };
}

/** One end typed is both, so that the middle stays at 0. */
function mirrored(typed: Partial<Limits>): Partial<Limits> {
  const { min, max } = typed;
  if (min === undefined && max !== undefined && max > 0) return { min: -max, max };
  if (max === undefined && min !== undefined && min < 0) return { min, max: -min };
  return typed;
}
