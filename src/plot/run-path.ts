/**
 * A run of training over a map or a surface: thick and warm where it lies on the plane, thin and grey where it is off
 * it, a dot for every step that has room, and a larger one for the step that is looked at. On a surface a stem leads
 * from the drawn step to its true loss.
 */
import type { Context2D } from './heatmap.js';
import type { Locate, Overlay } from './spec.js';
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
/** Pieces of a segment that follows a surface. */
const pieces = 12;
/** Dots are at least so many text sizes apart. */
const spacing = 0.75;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The path as something that a panel draws over its values. */
export function runOverlay(path: RunPath): Overlay {
  const draw: Overlay = (ctx, locate, style) => drawRun(ctx, path, locate, style);
  return Object.assign(draw, { kind: 'run' } as const);
}

function drawRun(ctx: Context2D, path: RunPath, locate: Locate, { em }: Style): void {
  const { a, b, offPlane, head } = path;
  const last = a.length - 1;
  const between = (k: number, t: number): Spot | null =>
    locate({ a: a[k]! + t * (a[k + 1]! - a[k]!), b: b[k]! + t * (b[k + 1]! - b[k]!) });
  const segment = (k: number): (Spot | null)[] =>
    Array.from({ length: pieces + 1 }, (_, i) => between(k, i / pieces));
  const share = (k: number): number => Math.min(1, offPlane[k]!);
  const width = (k: number): number => {
    const off = (share(k) + share(k + 1)) / 2;
    return (size.thick - (size.thick - size.thin) * off) * em;
  };
  ctx.save();
  ctx.lineJoin = ctx.lineCap = 'round';
  for (const isRim of [true, false]) {
    for (let k = 0; k < last; k++) {
      ctx.globalAlpha = k < head ? 1 : faint;
      ctx.lineWidth = width(k) + (isRim ? size.halo * em : 0);
      ctx.strokeStyle = isRim ? rim : colour((share(k) + share(k + 1)) / 2);
      trace(ctx, segment(k));
    }
  }
  let before: Spot | null = null;
  for (let k = 0; k <= last; k++) {
    const here = locate({ a: a[k]!, b: b[k]! });
    const isFree = here !== null && (before === null || apart(here, before) > spacing * em);
    if (here === null || !(isFree || k === head)) continue;
    ctx.globalAlpha = k <= head ? 1 : faint;
    stem(ctx, path, k, here, locate, em);
    dot(ctx, here, (k === head ? size.head : size.dot) * em, colour(share(k)), em);
    before = here;
  }
  ctx.restore();
}

/** Strokes what is inside, in as many parts as that has. */
function trace(ctx: Context2D, spots: readonly (Spot | null)[]): void {
  ctx.beginPath();
  let isOn = false;
  for (const spot of spots) {
    if (spot === null) isOn = false;
    else if (isOn) ctx.lineTo(spot.x, spot.y);
    else {
      ctx.moveTo(spot.x, spot.y);
      isOn = true;
    }
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
    trace(ctx, [here, there]);
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
