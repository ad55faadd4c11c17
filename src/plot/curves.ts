/** Curves over steps: the losses of several runs in one frame. */
import { axisSpace, axisTicks, widestLabel } from './axes.js';
import { type Rect, snapRect } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { automaticLimits, type Limits, makeNorm } from './scale.js';
import { font, textSize, themes, type ThemeName } from './theme.js';
import { nameWithUnits, normTicks } from './ticks.js';

export interface Curve {
  readonly values: Float64Array;
  /** The step of each value; 0, 1, 2, … by default. */
  readonly at?: Float64Array;
  /** Number of the last value that is drawn fully; what follows is drawn faintly. */
  readonly steps: number;
  readonly colour: string;
  /** `faint` is thin and pale and has no end. */
  readonly style?: 'solid' | 'dashed' | 'faint';
}

export interface CurvesOptions {
  readonly width: number;
  readonly height: number;
  /** Device pixels per unit. */
  readonly scale: number;
  readonly theme: ThemeName;
  readonly em: number;
  /** Last step of the axis. */
  readonly steps: number;
  /** Smallest value that a logarithmic axis shows, at most so many decades below the largest; null: linear. */
  readonly decades: number | null;
  /** Of the vertical axis; `loss` by default. */
  readonly name?: string;
  /** Of a linear axis; those of the values by default. */
  readonly limits?: { readonly min: number; readonly max: number };
}

/** How far above the highest start a curve is followed: times it, or times the way from there down to the lowest value. */
const REACH = { log: 1000, linear: 10 } as const;

/** The limits without what a curve that diverges reaches: it leaves the frame instead of pressing all others flat. */
export function withinReach(
  { min, max }: Limits,
  curves: readonly { readonly values: ArrayLike<number> }[],
  kind: keyof typeof REACH,
): Limits {
  const starts = curves.map(({ values }) => values[0] ?? NaN).filter(Number.isFinite);
  const start = Math.max(...starts);
  const reach = kind === 'log' ? start * REACH.log : start + REACH.linear * (start - min);
  return { min, max: reach > min ? Math.min(max, reach) : max };
}

/** Draws the curves on `width` × `height` units from the context's origin and returns the frame. */
export function drawCurves(ctx: Context2D, curves: readonly Curve[], options: CurvesOptions): Rect {
  const { width, height, scale, em, steps, decades } = options;
  const theme = themes[options.theme];
  const kind = decades === null ? 'linear' : 'log';
  const found = options.limits ?? withinReach(automaticLimits(curves, kind), curves, kind);
  const min = decades === null ? found.min : Math.max(found.min, found.max / 10 ** decades);
  const norm = makeNorm({ kind, min, max: found.max });
  const ticks = normTicks(norm, Math.max(2, Math.round(height / (3 * em))));
  ctx.save();
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, width, height);
  ctx.font = font(textSize.tick * em);
  const left = widestLabel(ctx, ticks) + (axisSpace.tick + 2 * axisSpace.gap + 1.6) * em;
  const area = snapRect(
    { x: left, y: 0.6 * em, width: width - left - 1.8 * em, height: height - 3.6 * em },
    scale,
  );
  const bottom = area.y + area.height;
  const across = axisTicks({ from: 0, to: steps }, area.width, em);
  const x = (step: number): number => area.x + (area.width * step) / steps;
  const y = (value: number): number => bottom - Math.min(1.5, Math.max(-0.5, norm.unit(value))) * area.height;

  ctx.strokeStyle = theme.frame;
  ctx.fillStyle = theme.muted;
  ctx.lineWidth = 1 / scale;
  ctx.strokeRect(area.x, area.y, area.width, area.height);
  ctx.beginPath();
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (const { value, label } of ticks.ticks) {
    if (!(value >= norm.min && value <= norm.max)) continue;
    ctx.moveTo(area.x, y(value));
    ctx.lineTo(area.x - (label ? axisSpace.tick : axisSpace.tick / 2) * em, y(value));
    ctx.fillText(label, area.x - (axisSpace.tick + axisSpace.gap) * em, y(value));
  }
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const { value, label } of across.ticks) {
    ctx.moveTo(x(value), bottom);
    ctx.lineTo(x(value), bottom + axisSpace.tick * em);
    ctx.fillText(label, x(value), bottom + (axisSpace.tick + axisSpace.gap) * em);
  }
  ctx.stroke();
  ctx.fillStyle = theme.ink;
  ctx.font = font(textSize.label * em);
  ctx.fillText(nameWithUnits('step', across), area.x + area.width / 2, bottom + 1.9 * em);
  ctx.translate(0.2 * em, area.y + area.height / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.fillText(nameWithUnits(options.name ?? 'loss', ticks), 0, 0);
  ctx.setTransform(scale, 0, 0, scale, 0, 0);

  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  ctx.lineJoin = 'round';
  for (const { values, at, steps: shown, colour, style = 'solid' } of curves) {
    if (values.length === 0) continue;
    const along = (k: number): number => x(at === undefined ? k : at[k]!);
    const stroke = (from: number, to: number, alpha: number): void => {
      ctx.beginPath();
      for (let k = from; k <= to; k++) ctx.lineTo(along(k), y(values[k]!));
      ctx.globalAlpha = alpha;
      ctx.strokeStyle = colour;
      ctx.lineWidth = (style === 'faint' ? 0.08 : 0.15) * em;
      ctx.setLineDash(style === 'dashed' ? [0.5 * em, 0.4 * em] : []);
      ctx.stroke();
    };
    if (style === 'faint') {
      stroke(0, shown, 0.45);
      continue;
    }
    stroke(shown, values.length - 1, 0.3);
    stroke(0, shown, 1);
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.arc(along(shown), y(values[shown]!), 0.3 * em, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
  return area;
}
