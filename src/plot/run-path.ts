/**
 * A run of training over a map or a surface: thick and warm where it lies on the plane, thin and grey where it is off
 * it, a dot for every step that has room, and a larger one for the step that is looked at. On a surface a stem leads
 * from the drawn step to its true loss, and what lies behind the surface is dashed and faint.
 */
import type { Context2D } from './heatmap.js';
import type { Locate, Overlay, Spot } from './spec.js';
import type { Style } from './theme.js';

export interface RunPath {
  /** Coordinates of every step on the plane. */
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  /** Off-plane distance of every step as a share of its distance from the centre, 0 … 1. */
  readonly offPlane: ArrayLike<number>;
  /** True values of the steps, where values of that kind are shown; NaN where they are not known yet. */
  readonly values: ArrayLike<number> | null;
  /** Index of the step that is looked at; what comes after it is faint. */
  readonly head: number;
}

/** Multiples of the text size. */
const size = { thick: 0.32, thin: 0.07, halo: 0.16, dot: 0.2, head: 0.42, stem: 0.09, ring: 0.17 } as const;
/** Colours on the plane and all off it. */
const near = [255, 150, 40] as const;
const far = [205, 205, 205] as const;
const rim = 'rgb(0 0 0 / 0.7)';
const faint = 0.4;
const behind = 0.45;
/** Pieces of a segment that follows a surface, at most, each at least so many text sizes long. */
const pieces = 12;
const piece = 0.5;
/** Dots are at least so many text sizes apart. */
const spacing = 0.75;

/** The path as something that a panel draws over its values. */
export function runOverlay(path: RunPath): Overlay {
  const draw: Overlay = (ctx, locate, style) => drawRun(ctx, path, locate, style);
  return Object.assign(draw, { kind: 'run' } as const);
}

function drawRun(ctx: Context2D, path: RunPath, locate: Locate, { em }: Style): void {
  const { a, b, offPlane, head } = path;
  const last = a.length - 1;
  const steps = Array.from({ length: last + 1 }, (_, k) => locate({ a: a[k]!, b: b[k]! }));
  const between = (k: number, t: number): Spot | null =>
    locate({ a: a[k]! + t * (a[k + 1]! - a[k]!), b: b[k]! + t * (b[k + 1]! - b[k]!) });
  const segments = Array.from({ length: last }, (_, k): readonly (Spot | null)[] => {
    const [from, to] = [steps[k]!, steps[k + 1]!];
    const count = from && to ? Math.min(pieces, Math.ceil(apart(from, to) / (piece * em)) || 1) : pieces;
    const inner = Array.from({ length: count - 1 }, (_, i) => between(k, (i + 1) / count));
    return [from, ...inner, to];
  });
  const share = (k: number): number => Math.min(1, offPlane[k]!);
  const width = (k: number): number => {
    const off = (share(k) + share(k + 1)) / 2;
    return (size.thick - (size.thick - size.thin) * off) * em;
  };
  ctx.save();
  ctx.lineJoin = ctx.lineCap = 'round';
  for (const isRim of [true, false]) {
    for (let k = 0; k < last; k++) {
      const alpha = k < head ? 1 : faint;
      ctx.strokeStyle = isRim ? rim : colour((share(k) + share(k + 1)) / 2);
      const spots = segments[k]!;
      ctx.globalAlpha = alpha;
      ctx.lineWidth = width(k) + (isRim ? size.halo * em : 0);
      trace(ctx, spots, false);
      if (isRim || !spots.some((spot) => spot?.hidden)) continue;
      ctx.globalAlpha = alpha * behind;
      ctx.lineWidth = width(k) / 2;
      ctx.setLineDash([0.3 * em, 0.45 * em]);
      trace(ctx, spots, true);
      ctx.setLineDash([]);
    }
  }
  let before: Spot | null = null;
  for (let k = 0; k <= last; k++) {
    const here = steps[k]!;
    const isFree = here !== null && (before === null || apart(here, before) > spacing * em);
    if (here === null || !(isFree || k === head)) continue;
    ctx.globalAlpha = (k <= head ? 1 : faint) * (here.hidden ? behind : 1);
    stem(ctx, path, k, here, locate, em);
    dot(ctx, here, (k === head ? size.head : size.dot) * em, colour(share(k)), em);
    before = here;
  }
  ctx.restore();
}

/** Strokes what is inside and in sight, or what is inside and hidden, in as many parts as that has. */
function trace(ctx: Context2D, spots: readonly (Spot | null)[], hidden: boolean): void {
  ctx.beginPath();
  let before: Spot | null = null;
  let isOn = false;
  for (const spot of spots) {
    // A piece is hidden where either end is, so that the parts in sight end before the edge that hides them.
    if (before && spot && Boolean(before.hidden || spot.hidden) === hidden) {
      if (!isOn) ctx.moveTo(before.x, before.y);
      ctx.lineTo(spot.x, spot.y);
      isOn = true;
    } else isOn = false;
    before = spot;
  }
  ctx.stroke();
}

/** From a step on the surface up or down to its true value; nothing on a map, which has no height. */
function stem(
  ctx: Context2D,
  { a, b, values }: RunPath,
  k: number,
  here: Spot,
  locate: Locate,
  em: number,
): void {
  const value = values?.[k] ?? NaN;
  if (!Number.isFinite(value)) return;
  const there = locate({ a: a[k]!, b: b[k]! }, value);
  if (there === null || apart(here, there) < size.dot * em) return;
  for (const [style, extra] of [
    [rim, 2],
    ['#ffffff', 1],
  ] as const) {
    ctx.strokeStyle = style;
    ctx.lineWidth = extra * size.stem * em;
    ctx.beginPath();
    ctx.moveTo(here.x, here.y);
    ctx.lineTo(there.x, there.y);
    ctx.stroke();
  }
  dot(ctx, there, size.ring * em, '#ffffff', em);
}

function dot(ctx: Context2D, { x, y }: Spot, radius: number, fill: string, em: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = rim;
  ctx.lineWidth = 0.08 * em;
  ctx.stroke();
}

function colour(off: number): string {
  return `rgb(${near.map((channel, i) => Math.round(channel + (far[i]! - channel) * off)).join(' ')})`;
}

function apart(p: Spot, q: Spot): number {
  return Math.hypot(p.x - q.x, p.y - q.y);
}
