/** Paths of optimizers on top of a map, legible over any colour. */
import { type PlaneArea, positionOf } from './geometry.js';
import type { Context2D } from './heatmap.js';
import type { Style } from './theme.js';

export interface PlanePath {
  /** α, β of the start and after every step. */
  readonly points: ArrayLike<number>;
  /** Steps drawn, from the start. */
  readonly steps: number;
  readonly colour: string;
  /** Distance of every point from the plane as a share of its distance from the centre: the farther, the thinner. */
  readonly offPlane?: ArrayLike<number>;
}

/** Colours of paths, told apart on a grey map by all common kinds of colour vision (after Okabe & Ito 2008). */
export const pathColours = [
  '#e69f00',
  '#56b4e9',
  '#00b184',
  '#e0620d',
  '#d783b0',
  '#2f7de1',
  '#b08d57',
  '#9a7bff',
] as const;

const names = [
  'orange',
  'light blue',
  'green',
  'vermilion',
  'pink',
  'blue',
  'brown',
  'violet',
] as const satisfies readonly string[] & { readonly length: (typeof pathColours)['length'] };

/** When all colours are taken they come again, nearer to white, then nearer to black. */
const rounds = [
  { word: '', grey: 0, share: 100 },
  { word: 'pale ', grey: 255, share: 50 },
  { word: 'dark ', grey: 0, share: 55 },
] as const;

/** Colour of path number `i`, from 0. */
export function pathColour(i: number): string {
  const { grey, share } = roundOf(i);
  const colour = pathColours[i % pathColours.length]!;
  return share === 100 ? colour : mixed(colour, grey, share);
}

/** `share` percent of a colour as `#rrggbb` with a grey of 0 … 255. */
export function mixed(colour: string, grey: number, share: number): string {
  const channels = [1, 3, 5].map((from) => {
    const channel = Number.parseInt(colour.slice(from, from + 2), 16);
    return Math.round((channel * share + grey * (100 - share)) / 100);
  });
  return `rgb(${channels.join(' ')})`;
}

/** Colours that can be told apart; further paths take them again. */
export const DISTINCT_COLOURS = pathColours.length * rounds.length;

/** The same in words, for a legend without colours; colours that come again are numbered. */
export function pathColourName(i: number): string {
  const words = `${roundOf(i).word}${names[i % names.length]!}`;
  const time = 1 + Math.floor(i / DISTINCT_COLOURS);
  return words[0]!.toUpperCase() + words.slice(1) + (time === 1 ? '' : ` ${time}`);
}

function roundOf(i: number): (typeof rounds)[number] {
  return rounds[Math.floor(i / pathColours.length) % rounds.length]!;
}

/** Multiples of the text size. */
const size = { line: 0.17, near: 0.34, far: 0.08, halo: 0.36, dot: 0.19, end: 0.42, start: 0.62 } as const;

/** Steps closer than this many dots to the last dot get none: then the line says it all. */
const dotSpacing = 1.6;

/** Draws the paths inside the frame, a dot for every step that is far enough from the last, and where they start. */
export function drawPaths(
  ctx: Context2D,
  plane: PlaneArea,
  paths: readonly PlanePath[],
  { em, theme }: Style,
): void {
  const { area } = plane;
  const rim = theme.paper === null ? '#000000' : `rgb(${theme.ground.join(' ')})`;
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  ctx.lineJoin = ctx.lineCap = 'round';
  for (const path of paths) {
    const at = (k: number) => positionOf(plane, { a: path.points[2 * k]!, b: path.points[2 * k + 1]! });
    const stroke = (from: number, to: number, colour: string, width: number): void => {
      ctx.beginPath();
      for (let k = from; k <= to; k++) {
        const { x, y } = at(k);
        ctx.lineTo(near(x, area.width), near(y, area.height));
      }
      ctx.strokeStyle = colour;
      ctx.lineWidth = width * em;
      ctx.stroke();
    };
    const { offPlane, steps } = path;
    for (const [colour, extra] of [
      [rim, size.halo - size.line],
      [path.colour, 0],
    ] as const) {
      if (offPlane === undefined) stroke(0, steps, colour, size.line + extra);
      else {
        for (let k = 0; k < steps; k++) {
          const off = Math.min(1, (offPlane[k]! + offPlane[k + 1]!) / 2);
          stroke(k, k + 1, colour, size.near + (size.far - size.near) * off + extra);
        }
      }
    }
    ctx.fillStyle = path.colour;
    let last = at(0);
    for (let k = 1; k < path.steps; k++) {
      const here = at(k);
      if (!(Math.hypot(here.x - last.x, here.y - last.y) > dotSpacing * 2 * size.dot * em)) continue;
      disc(ctx, here, size.dot * em);
      last = here;
    }
    const end = at(path.steps);
    disc(ctx, end, size.end * em);
    ctx.strokeStyle = rim;
    ctx.lineWidth = 0.1 * em;
    ctx.stroke();
  }
  ctx.restore();
}

/** The ring where all paths start; it can be dragged. */
export function drawStart(
  ctx: Context2D,
  plane: PlaneArea,
  start: { readonly a: number; readonly b: number },
  { em }: Style,
): void {
  const { x, y } = positionOf(plane, start);
  ctx.save();
  ctx.beginPath();
  ctx.arc(x, y, size.start * em, 0, 2 * Math.PI);
  ctx.strokeStyle = 'rgb(0 0 0 / 0.75)';
  ctx.lineWidth = 0.34 * em;
  ctx.stroke();
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 0.17 * em;
  ctx.stroke();
  ctx.restore();
}

function disc(ctx: Context2D, { x, y }: { x: number; y: number }, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

/** Canvases draw nothing of a line whose ends lie beyond their number range. */
function near(position: number, length: number): number {
  const far = 1e4 * (1 + length);
  return position > far ? far : position < -far ? -far : position;
}
