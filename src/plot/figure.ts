/**
 * A figure: one or several panels with axes, marks, captions and a colour bar, drawn by the same code on
 * the screen and into a file.
 */
import { drawColorbar } from './colorbar.js';
import { space } from './frame.js';
import type { Context2D } from './heatmap.js';
import { drawKey } from './key.js';
import { type FigureLayout, layoutFigure } from './layout.js';
import { drawPanel, type PanelPainter } from './panel.js';
import { resolveFigure } from './resolve.js';
import type { Figure } from './spec.js';
import { finish, type Steps } from './steps.js';
import { fitText } from './text.js';
import { font, type Style, textSize, type ThemeName, themes } from './theme.js';

/**
 * Draws the figure on `width` × `height` units, `scale` device pixels each, from the context's origin, and
 * returns where everything is. `paint` draws each panel: the map, or the surface of surface.ts. Throws
 * RangeError when limits given do not fit the scale.
 */
export function drawFigure(
  ctx: Context2D,
  figure: Figure,
  width: number,
  height: number,
  scale: number,
  theme: ThemeName = 'light',
  paint: PanelPainter = drawPanel,
): FigureLayout {
  return finish(figureSteps(ctx, figure, width, height, scale, theme, paint));
}

/** The same in steps; between them the context belongs to this drawing, saved state included. */
export function* figureSteps(
  ctx: Context2D,
  figure: Figure,
  width: number,
  height: number,
  scale: number,
  theme: ThemeName = 'light',
  paint: PanelPainter = drawPanel,
): Steps<FigureLayout> {
  const resolved = resolveFigure(figure);
  ctx.save();
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  const layout = layoutFigure(ctx, figure, width, height, scale, resolved);
  const style: Style = { theme: themes[theme], em: layout.em, scale };
  ctx.clearRect(0, 0, width, height);
  if (style.theme.paper) {
    ctx.fillStyle = style.theme.paper;
    ctx.fillRect(0, 0, width, height);
  }
  for (const [i, place] of layout.panels.entries()) {
    yield;
    yield* paint(ctx, place, figure.panels[i]!, resolved.views[i]!, style);
  }
  yield;
  drawTexts(ctx, figure, layout, style);
  layout.colorbars.forEach((place, i) => drawColorbar(ctx, place, resolved.bars[i]!.data, style));
  if (layout.key) drawKey(ctx, layout.key, space.noteLine * layout.em, style);
  ctx.restore();
  return layout;
}

function drawTexts(ctx: Context2D, figure: Figure, layout: FigureLayout, { theme, em }: Style): void {
  const text = (words: string, place: { x: number; y: number; width: number }): void =>
    ctx.fillText(fitText(ctx, words, place.width), place.x, place.y);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillStyle = theme.ink;
  ctx.font = font(textSize.title * em, 600);
  if (figure.title && layout.title) text(figure.title, layout.title);
  layout.panels.forEach((place, i) => {
    const { title } = figure.panels[i]!;
    ctx.fillStyle = theme.ink;
    ctx.font = font(textSize.panel * em, 600);
    if (title && place.title) text(title, place.title);
    ctx.font = font(textSize.label * em);
    place.caption?.lines.forEach((line, k) => {
      text(line, { ...place.caption!, y: place.caption!.y + space.caption * k * em });
    });
  });
  ctx.fillStyle = theme.muted;
  ctx.font = font(textSize.note * em);
  layout.footer?.lines.forEach((line, k) => {
    ctx.fillText(line, layout.footer!.x, layout.footer!.y + space.noteLine * k * em);
  });
}
