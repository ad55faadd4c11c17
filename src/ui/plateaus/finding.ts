/** What the list of plateaus shows: from settings and what is computed to plateaus, and to words. */
import { type Metric, metricOf } from '../../analysis/metric.js';
import { findPlateaus, flatLimit, type Plateau, stepsAcross } from '../../analysis/plateaus.js';
import { type Slopes, slopesOf } from '../../analysis/slopes.js';
import type { Problem } from '../../engine/engine.js';
import { backdrop } from '../../landscape/backdrop.js';
import { fitted, type View } from '../../landscape/view.js';
import { constantLoss } from '../../model/constant.js';
import { elements } from '../../model/graph.js';
import type { State } from '../../state.js';
import { count, percent, significant } from '../numbers.js';
import { viewOf } from '../plane.js';
import { shownSides, type Side } from '../sides.js';
import type { PanelData } from '../windows.js';

type Panels = Readonly<Record<Side, PanelData>>;

export interface FoundPlateau extends Plateau {
  readonly side: Side;
  /** From 1, by size, both panels together. */
  readonly number: number;
}

export interface Finding {
  /** Largest first. */
  readonly plateaus: readonly FoundPlateau[];
  /** What automatic gives for the settings now. */
  readonly flat: number;
  readonly above: number;
  /** The lowest loss of all views of both panels. */
  readonly lowest: { readonly loss: number; readonly side: Side };
  /** Points per side of the derivatives, and whether all have all samples. */
  readonly size: number;
  readonly isComplete: boolean;
}

/** Of the loss of the best constant answer: less above the lowest loss is no plateau, where nobody chose. */
const ABOVE_SHARE = 0.1;

/** Null before derivatives and losses of every panel are known. */
export function findIn(state: State, panels: Panels): Finding | null {
  const sides = shownSides(state);
  const grids = new Map<Side, Slopes>();
  for (const side of sides) {
    const { slopes } = panels[side];
    if (slopes === null || !slopes.samples.every(Boolean)) return null;
    grids.set(side, slopesOf(slopes));
  }
  const lowest = lowestOf(panels, sides);
  if (lowest === null) return null;
  const { data, loss, model } = panels.left.plane!.problem;
  const flat = flatLimit([...grids.values()]);
  const above = ABOVE_SHARE * constantLoss(data, state.samples, loss, elements(model.shapes.at(-1)!));
  const limits = {
    flat: state.flat === 'auto' ? flat : state.flat,
    loss: lowest.loss + (state.above === 'auto' ? above : state.above),
  };
  const found = [...grids].flatMap(([side, slopes]) =>
    findPlateaus(slopes, lossesAt(panels[side]), metricOfProblem(panels[side].plane!.problem), limits).map(
      (plateau) => ({ ...plateau, side }),
    ),
  );
  const plateaus = found
    .sort((p, q) => q.share - p.share)
    .map((plateau, i) => ({ ...plateau, number: i + 1 }));
  const sums = sides.map((side) => panels[side].slopes!);
  return {
    plateaus,
    flat,
    above,
    lowest,
    size: sums[0]!.grid.columns.count,
    isComplete: sums.every(({ samples }) => samples.every((known) => known === state.samples)),
  };
}

function lowestOf(panels: Panels, sides: readonly Side[]): Finding['lowest'] | null {
  let lowest: Finding['lowest'] | null = null;
  for (const side of sides) {
    const { sums, others } = panels[side];
    for (const { loss, samples } of sums === null ? [] : [sums, ...others]) {
      for (let i = 0; i < loss.length; i++) {
        const mean = loss[i]! / samples[i]!;
        if (mean > -Infinity && !(lowest !== null && mean >= lowest.loss)) lowest = { loss: mean, side };
      }
    }
  }
  return lowest;
}

/** Losses at the nodes of the slopes, between those of the map; NaN where it has none yet. */
function lossesAt({ slopes, sums, others }: PanelData): Float64Array {
  const none = new Uint8Array(slopes!.samples.length);
  const windows = sums === null ? [] : [sums, ...others];
  return backdrop(slopes!.grid, none, windows, ({ loss, samples }, i) => loss[i]! / samples[i]!);
}

const metrics = new WeakMap<Problem, { readonly metric: Metric | null }>();

/** Kept, because it takes a walk through all weights. */
export function metricOfProblem(problem: Problem): Metric | null {
  const kept = metrics.get(problem) ?? { metric: metricOf(problem.d1, problem.d2) };
  metrics.set(problem, kept);
  return kept.metric;
}

/** The view that holds a plateau with a little around it. */
export function viewOfPlateau(state: State, { side, from, to }: FoundPlateau): View {
  const view = viewOf(state, side);
  const spacing = (state.range * 2 ** -view.zoom) / ((state.size - 1) / 2);
  const middle = { a: view.column * spacing, b: view.row * spacing };
  return fitted(state, view, {
    left: (from.a - middle.a) / spacing,
    right: (to.a - middle.a) / spacing,
    bottom: (from.b - middle.b) / spacing,
    top: (to.b - middle.b) / spacing,
  });
}

/** What there is to say about a plateau, part by part. */
export function inWords(
  plateau: FoundPlateau,
  { lowest }: Finding,
  rate: number,
): [name: string, value: string][] {
  const { share, from, to, loss, slope } = plateau;
  const steps = stepsAcross(plateau, rate);
  return [
    [
      'Size',
      `${significant(to.a - from.a, 2)} × ${significant(to.b - from.b, 2)} in α × β, ${percent(share)} of the view before`,
    ],
    ['Mean loss', `${significant(loss)}, ${significant(loss - lowest.loss, 3)} above the lowest`],
    ['Mean ‖∇L‖', `${significant(slope, 3)} per unit of α and β`],
    ['To cross it', stepsInWords(steps)],
  ];
}

function stepsInWords(steps: number): string {
  if (Number.isNaN(steps)) return 'unknown: the directions are parallel';
  if (steps === Infinity) return 'never: there is no slope';
  const rounded = Number(Math.max(1, steps).toPrecision(2));
  return `about ${rounded < 1e6 ? count(rounded) : significant(rounded, 2)} ${rounded === 1 ? 'step' : 'steps'}`;
}
