/** Over a map: lines and arrows downhill, and parts of it outlined and numbered; legible over any colour. */
import type { PlanePoint, PlotAxis } from './geometry.js';
import type { Context2D } from './heatmap.js';
import type { Locate, Overlay } from './spec.js';
import { font, type Style, textSize } from './theme.js';

/** Nodes of a grid, each with the cell around it, and a word in the middle of the part. */
export interface Outline {
  readonly columns: PlotAxis;
  readonly rows: PlotAxis;
  readonly nodes: readonly number[];
  readonly word: string;
}

const ink = { line: '#ffffff', rim: 'rgb(0 0 0 / 0.55)', strong: 'rgb(0 0 0 / 0.75)' } as const;

/** Multiples of the text size. */
const size = { line: 0.09, rim: 0.22, head: 0.36, between: 5, outline: 0.14, outlineRim: 0.32 } as const;

/** Angle between an arrow and the strokes of its head, from its tip. */
const BARB = 2.6;

/** Lines as α, β of their points, with arrowheads towards their ends. */
export function linesOverlay(lines: readonly Float64Array[]): Overlay {
  return downhill((ctx, locate, { em }) =>
    twice(ctx, size.line * em, size.rim * em, () => {
      for (const line of lines) trace(ctx, placesOf(line, locate), em);
    }),
  );
}

export function arrowsOverlay(
  arrows: readonly { readonly from: PlanePoint; readonly to: PlanePoint }[],
): Overlay {
  return downhill((ctx, locate, { em }) =>
    twice(ctx, size.line * em, size.rim * em, () => {
      for (const arrow of arrows) {
        const [from, to] = [locate(arrow.from), locate(arrow.to)];
        if (from === null || to === null) continue;
        ctx.moveTo(from.x, from.y);
        ctx.lineTo(to.x, to.y);
        head(ctx, from, to, Math.min(size.head * em, 0.4 * Math.hypot(to.x - from.x, to.y - from.y)));
      }
    }),
  );
}

/** Named so in the key. */
function downhill(draw: Overlay): Overlay {
  return Object.assign(draw, { kind: 'downhill' } as const);
}

export function outlinesOverlay(outlines: readonly Outline[]): Overlay {
  return (ctx, locate, style) => {
    twice(ctx, size.outline * style.em, size.outlineRim * style.em, () => {
      for (const outline of outlines) border(ctx, locate, outline);
    });
    for (const outline of outlines) word(ctx, locate, outline, style);
  };
}

/** A dark rim, then the light line over it. */
function twice(ctx: Context2D, line: number, rim: number, path: () => void): void {
  ctx.save();
  ctx.lineJoin = ctx.lineCap = 'round';
  ctx.beginPath();
  path();
  ctx.lineWidth = rim;
  ctx.strokeStyle = ink.rim;
  ctx.stroke();
  ctx.lineWidth = line;
  ctx.strokeStyle = ink.line;
  ctx.stroke();
  ctx.restore();
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placesOf(points: Float64Array, locate: Locate): Place[] {
  const places: Place[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const place = locate({ a: points[i]!, b: points[i + 1]! });
    if (place !== null) places.push(place);
  }
  return places;
}

/** With an arrowhead every so often, the first one half as far from the start. */
function trace(ctx: Context2D, places: readonly Place[], em: number): void {
  const away = (i: number): number =>
    Math.hypot(places[i]!.x - places[i - 1]!.x, places[i]!.y - places[i - 1]!.y);
  let length = 0;
  for (let i = 1; i < places.length; i++) length += away(i);
  let next = Math.min(size.between * em, length) / 2;
  places.forEach((here, i) => {
    if (i === 0) {
      ctx.moveTo(here.x, here.y);
      return;
    }
    ctx.lineTo(here.x, here.y);
    next -= away(i);
    if (next > 0) return;
    head(ctx, places[i - 1]!, here, size.head * em);
    ctx.moveTo(here.x, here.y);
    next += size.between * em;
  });
}

/** Two strokes back from the tip. */
function head(ctx: Context2D, from: Place, tip: Place, length: number): void {
  const angle = Math.atan2(tip.y - from.y, tip.x - from.x);
  for (const turn of [BARB, -BARB]) {
    ctx.moveTo(tip.x, tip.y);
    ctx.lineTo(tip.x + length * Math.cos(angle + turn), tip.y + length * Math.sin(angle + turn));
  }
}

/** The sides of cells that have no neighbour of the part. */
function border(ctx: Context2D, locate: Locate, { columns, rows, nodes }: Outline): void {
  const own = new Set(nodes);
  const side = (c0: number, r0: number, c1: number, r1: number): void => {
    const from = locate({ a: at(columns, c0), b: at(rows, r0) });
    const to = locate({ a: at(columns, c1), b: at(rows, r1) });
    if (from === null || to === null) return;
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
  };
  for (const node of nodes) {
    const [c, r] = [node % columns.count, Math.floor(node / columns.count)];
    if (c === 0 || !own.has(node - 1)) side(c - 0.5, r - 0.5, c - 0.5, r + 0.5);
    if (c === columns.count - 1 || !own.has(node + 1)) side(c + 0.5, r - 0.5, c + 0.5, r + 0.5);
    if (!own.has(node - columns.count)) side(c - 0.5, r - 0.5, c + 0.5, r - 0.5);
    if (!own.has(node + columns.count)) side(c - 0.5, r + 0.5, c + 0.5, r + 0.5);
  }
}

/** Coordinate of a place among an axis' nodes; cells are cut at the rim. */
function at({ from, to, count }: PlotAxis, place: number): number {
  return from + ((to - from) * Math.min(count - 1, Math.max(0, place))) / (count - 1);
}

/** At the node of the part that is nearest to its middle. */
function word(
  ctx: Context2D,
  locate: Locate,
  { columns, rows, nodes, word: text }: Outline,
  style: Style,
): void {
  const places = nodes.map((node) => [node % columns.count, Math.floor(node / columns.count)] as const);
  const mean = (k: 0 | 1) => places.reduce((sum, place) => sum + place[k], 0) / places.length;
  const middle = [mean(0), mean(1)] as const;
  const away = (place: readonly [number, number]) => Math.hypot(place[0] - middle[0], place[1] - middle[1]);
  const [column, row] = places.reduce((p, q) => (away(q) < away(p) ? q : p));
  const place = locate({ a: at(columns, column), b: at(rows, row) });
  if (place === null) return;
  ctx.font = font(textSize.panel * style.em, 600);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 0.3 * style.em;
  ctx.strokeStyle = ink.strong;
  ctx.strokeText(text, place.x, place.y);
  ctx.fillStyle = ink.line;
  ctx.fillText(text, place.x, place.y);
}
