/** From settings and derivatives to what lies over each map: arrows or streamlines, and the plateaus of the list. */
import type { Metric } from '../analysis/metric.js';
import { slopesOf } from '../analysis/slopes.js';
import { arrows, plainMetric, streamlines } from '../analysis/streamlines.js';
import type { GradientSums } from '../landscape/passes.js';
import { arrowsOverlay, linesOverlay, outlinesOverlay } from '../plot/downhill.js';
import type { Overlay } from '../plot/spec.js';
import type { State } from '../state.js';
import { findIn, metricOfProblem } from './plateaus/finding.js';
import { shownSides, type Side } from './sides.js';
import type { PanelData } from './windows.js';

export function overlaysOf(
  state: State,
  panels: Readonly<Record<Side, PanelData>>,
): Partial<Record<Side, Overlay[]>> {
  const found = state.plateaus ? findIn(state, panels) : null;
  const overlays: Partial<Record<Side, Overlay[]>> = {};
  for (const side of shownSides(state)) {
    const { slopes, plane } = panels[side];
    if (slopes === null || plane === null) continue;
    const outlines = (found?.plateaus ?? [])
      .filter((plateau) => plateau.side === side)
      .map(({ nodes, number }) => ({ ...slopes.grid, nodes, word: String(number) }));
    const metric = metricOfProblem(plane.problem) ?? plainMetric;
    overlays[side] = [
      ...linesOf(state, slopes, metric),
      ...(outlines.length > 0 ? [outlinesOverlay(outlines)] : []),
    ];
  }
  return overlays;
}

const kept = new WeakMap<GradientSums, { readonly key: string; readonly lines: Overlay }>();

/** Traced anew when more is known, not at every picture. Nothing before all points are known. */
function linesOf({ downhill }: State, sums: GradientSums, metric: Metric): Overlay[] {
  if (downhill === 'none' || !sums.samples.every(Boolean)) return [];
  const key = `${downhill} ${sums.samples.reduce((total, known) => total + known, 0)}`;
  const before = kept.get(sums);
  if (before?.key === key) return [before.lines];
  const slopes = slopesOf(sums);
  const lines =
    downhill === 'arrows' ? arrowsOverlay(arrows(slopes, metric)) : linesOverlay(streamlines(slopes, metric));
  kept.set(sums, { key, lines });
  return [lines];
}
