/** The picture of the paths as a PNG file, with what made it inside. */
import { version } from '../../../package.json';
import { annotatePng } from '../../io/png.js';
import { renderPng } from '../../plot/export.js';
import { drawPanel, type PanelPainter } from '../../plot/panel.js';
import { drawPaths, drawStart, pathColourName, type PlanePath } from '../../plot/paths.js';
import type { Figure } from '../../plot/spec.js';
import { type State, toQuery } from '../../state.js';
import type { Setting } from './setting.js';

export interface PathsPicture {
  readonly figure: Figure;
  /** How panels are drawn below the paths; null as maps. */
  readonly paint: PanelPainter | null;
  readonly paths: readonly PlanePath[];
  /** Of every path, in their order. */
  readonly legend: readonly string[];
  /** What else is drawn, in a sentence; '' for nothing. */
  readonly below: string;
  readonly state: State;
  readonly setting: Pick<Setting, 'start' | 'formula' | 'title' | 'racers'>;
  /** The step on show. */
  readonly step: number;
  readonly dark: boolean;
}

/** Size at 1×, in CSS pixels; the file has twice as many. */
const SIZE = { width: 960, height: 840 };

/** Offers the file as a download. Rejects when the browser cannot make it. */
export async function savePicture({
  figure,
  paint,
  paths,
  legend,
  below: words,
  state,
  setting,
  step,
  dark,
}: PathsPicture): Promise<void> {
  const [a, b] = setting.start;
  const below = paint ?? drawPanel;
  const caption = [...legend.map((text, i) => `${pathColourName(i)} path: ${text}`), words]
    .filter((line) => line !== '')
    .join('\n');
  const file = await renderPng(
    { ...figure, panels: figure.panels.map((panel) => ({ ...panel, caption })) },
    {
      preset: '2x',
      theme: dark ? 'dark' : 'light',
      size: SIZE,
      paint: function* (ctx, plane, panel, view, style) {
        yield* below(ctx, plane, panel, view, style);
        drawPaths(ctx, plane, paths, style);
        drawStart(ctx, plane, { a, b }, style);
      },
      provenance: {
        software: 'Isoloss',
        version,
        query: toQuery(state),
        problem: { title: setting.title, formula: setting.formula },
        start: setting.start,
        optimizers: setting.racers,
        step,
      },
      annotate: annotatePng,
    },
  );
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `isoloss-paths-${state.problem}-step${step}.png`;
  link.click();
  // Once the download has begun, the browser holds the file itself.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
