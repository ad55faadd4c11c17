/** The figure under the paths: the loss as a grey map, or basins in its place. */
import { at, type Basins, DIVERGED, UNDERWAY } from '../../train/basins.js';
import type { Problem } from '../../train/problems/problems.js';
import { mixed, pathColours } from '../../plot/paths.js';
import { drawPanel, type PanelPainter } from '../../plot/panel.js';
import { regionPainter } from '../../plot/regions.js';
import type { Figure } from '../../plot/spec.js';
import type { Setting } from './setting.js';

/** Points per side of the map. */
const POINTS = 121;

export function pathsFigure({ problem, title }: Setting, hasRegions: boolean): Figure {
  const values = new Float64Array(POINTS * POINTS);
  const jet = new Float64Array(6);
  for (let i = 0; i < values.length; i++) {
    const [column, row] = [i % POINTS, Math.floor(i / POINTS)];
    problem.evaluate(at(problem.w1, column, POINTS), at(problem.w2, row, POINTS), jet);
    values[i] = jet[0]!;
  }
  const { scale } = problem;
  return {
    axes: { a: 'w1', b: 'w2' },
    scale: {
      name: 'loss',
      map: 'grey',
      norm: scale.kind,
      limits: scale.kind === 'log' ? { min: scale.floor } : {},
    },
    panels: [
      {
        title,
        values,
        columns: { from: problem.w1[0], to: problem.w1[1], count: POINTS },
        rows: { from: problem.w2[0], to: problem.w2[1], count: POINTS },
      },
    ],
    colorbar: !hasRegions,
    contours: { labels: !hasRegions },
    key: false,
  };
}

/** How panels are drawn: as maps, or with each start in the colour of its basin, lighter the sooner it is there. */
export function painterOfBasins(basins: Basins | null, dark: boolean): PanelPainter {
  if (basins === null) return drawPanel;
  const slowest = basins.steps.reduce((most, steps) => Math.max(most, steps), 1);
  const colours = Array.from(basins.ends, (end, i) => {
    if (end === DIVERGED) return dark ? '#3d1218' : '#f4c9c6';
    if (end === UNDERWAY) return dark ? '#2b2f36' : '#d4d7db';
    const share = Math.round(100 - 75 * Math.sqrt(basins.steps[i]! / slowest));
    return mixed(pathColours[end % pathColours.length]!, dark ? 10 : 60, share);
  });
  return regionPainter({ size: basins.size, colours });
}

/** What the basins show, in one line. */
export function basinsCaption(basins: Basins, optimizer: string): string {
  const count = (end: number): number => basins.ends.reduce((sum, e) => sum + (e === end ? 1 : 0), 0);
  const total = basins.ends.length;
  const percent = (n: number): string => `${Math.round((100 * n) / total)} %`;
  const places = basins.ends.reduce((most, end) => Math.max(most, end + 1), 0);
  const parts = [`${places} ${places === 1 ? 'place' : 'places'} where ${optimizer} ends; darker is later`];
  const [away, underway] = [count(DIVERGED), count(UNDERWAY)];
  if (underway > 0) parts.push(`grey: ${percent(underway)} still under way`);
  if (away > 0) parts.push(`red: ${percent(away)} diverged`);
  return parts.join(' · ');
}

/** Whether a place lies within the picture. */
export function within({ w1, w2 }: Problem, a: number, b: number): boolean {
  return a >= w1[0] && a <= w1[1] && b >= w2[0] && b <= w2[1];
}
