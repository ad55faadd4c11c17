/**
 * Draws traced contours into a panel, with labels that follow their lines.
 */
import { colourAt, cssColour, isBright, luminance, type Rgb } from './colormaps.js';
import type { ContourLine } from './contours.js';
import type { Rect } from './geometry.js';
import { type Context2D } from './heatmap.js';
import { haloText } from './text.js';
import type { Norm } from './scale.js';
import { font, type Style, textSize } from './theme.js';

export interface ContourStyle {
  readonly norm: Norm;
  readonly table: Uint8Array;
  /** On a map, lines are black or white, whichever is seen better; on paper they take the map's colour. */
  readonly onMap: boolean;
  /** Text of each level; null leaves lines unlabelled. */
  readonly labels: ReadonlyMap<number, string> | null;
  /** Middles of the marks, where no label goes. */
  readonly marks?: readonly { readonly x: number; readonly y: number }[];
  /** Columns and rows of the grid the lines were traced on. */
  readonly columns: number;
  readonly rows: number;
}

/** A line in picture units and how far along it each point lies. */
interface Path {
  readonly points: Float64Array;
  readonly along: Float64Array;
}

interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  /** Stretch of the line that makes room for the text. */
  readonly from: number;
  readonly to: number;
}

/** A line is labelled when it is this many times as long as its label. */
const roomForLabel = 2.6;

/**
 * Draws lines clipped to `area`, which spans from the first to the last node. What it returns draws their labels, over what
 * was drawn since.
 */
export function drawContours(
  ctx: Context2D,
  area: Rect,
  lines: readonly ContourLine[],
  contour: ContourStyle,
  style: Style,
): () => void {
  const { em } = style;
  beginIn(ctx, area, em);
  // Longest first: they are the ones worth a label.
  const paths = lines
    .map((line) => ({ line, path: pathOf(line, area, contour) }))
    .sort((p, q) => q.path.along.at(-1)! - p.path.along.at(-1)!);
  const crowd = contour.labels ? new Crowd(area, 0.5 * em) : null;
  paths.forEach(({ path }, i) => crowd?.addLine(path, i));
  for (const { x, y } of contour.marks ?? []) crowd?.addLabel(x, y, 1.6 * em);
  const texts: (() => void)[] = [];
  paths.forEach(({ line, path }, i) => {
    const { ink, halo } = inkOf(line.level, contour, style);
    const text = contour.labels?.get(line.level);
    const label = crowd && text !== undefined ? placeLabel(ctx, area, path, text, i, crowd, em) : null;
    ctx.beginPath();
    tracePath(ctx, path, label);
    ctx.strokeStyle = ink;
    ctx.lineWidth = Math.max(1 / style.scale, (contour.onMap ? 0.085 : 0.13) * em);
    ctx.stroke();
    if (label) texts.push(() => drawLabel(ctx, label, { fill: ink, halo, width: 0.16 * em }));
  });
  ctx.restore();
  return () => {
    beginIn(ctx, area, em);
    for (const draw of texts) draw();
    ctx.restore();
  };
}

/** Saves the context and makes it ready for lines and labels in `area`. */
function beginIn(ctx: Context2D, area: Rect, em: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.width, area.height);
  ctx.clip();
  ctx.lineJoin = 'round';
  ctx.font = font(textSize.contour * em, 600);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
}

function drawLabel(
  ctx: Context2D,
  { text, x, y, angle }: Label,
  style: Parameters<typeof haloText>[4],
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  haloText(ctx, text, 0, 0, style);
  ctx.restore();
}

/** Contrast (WCAG 2) that lines on paper keep to it, towards the ink if need be. */
const leastContrast = 2.6;

function inkOf(
  level: number,
  { norm, table, onMap }: ContourStyle,
  { theme }: Style,
): { ink: string; halo: string } {
  const colour = colourAt(table, norm.unit(level));
  if (!onMap) return { ink: cssColour(legible(colour, theme.ground)), halo: theme.paper ?? 'transparent' };
  return isBright(colour)
    ? { ink: 'rgb(0 0 0 / 0.78)', halo: cssColour(colour, 0.6) }
    : { ink: 'rgb(255 255 255 / 0.88)', halo: cssColour(colour, 0.6) };
}

/** The colour, mixed with white or black until it is seen on the ground. */
function legible(colour: Rgb, ground: Rgb): Rgb {
  const behind = luminance(ground);
  const towards = behind > 0.5 ? 0 : 255;
  for (let share = 0; ; share += 0.1) {
    const mix = (channel: number): number => Math.round(channel + share * (towards - channel));
    const mixed: Rgb = [mix(colour[0]), mix(colour[1]), mix(colour[2])];
    const light = luminance(mixed);
    const contrast = (Math.max(light, behind) + 0.05) / (Math.min(light, behind) + 0.05);
    if (contrast >= leastContrast || share >= 1) return mixed;
  }
}

function pathOf({ points }: ContourLine, area: Rect, { columns, rows }: ContourStyle): Path {
  const count = points.length / 2;
  const placed = new Float64Array(points.length);
  const along = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    placed[2 * i] = area.x + (points[2 * i]! / (columns - 1)) * area.width;
    placed[2 * i + 1] = area.y + (1 - points[2 * i + 1]! / (rows - 1)) * area.height;
    if (i > 0) {
      const [dx, dy] = [placed[2 * i]! - placed[2 * i - 2]!, placed[2 * i + 1]! - placed[2 * i - 1]!];
      along[i] = along[i - 1]! + Math.hypot(dx, dy);
    }
  }
  return { points: placed, along };
}

/** Position at a distance along the path. */
function pointAlong({ points, along }: Path, distance: number): [x: number, y: number] {
  let left = 0;
  let right = along.length - 1;
  while (right - left > 1) {
    const middle = (left + right) >> 1;
    if (along[middle]! < distance) left = middle;
    else right = middle;
  }
  const length = along[right]! - along[left]!;
  const share = length > 0 ? (distance - along[left]!) / length : 0;
  return [
    points[2 * left]! + share * (points[2 * right]! - points[2 * left]!),
    points[2 * left + 1]! + share * (points[2 * right + 1]! - points[2 * left + 1]!),
  ];
}

/** Bend of a line under its label, as the share by which the chord is shorter, beyond which it is not labelled there. */
const mostBend = 0.06;

/** The straightest stretch that is free and well inside the frame; null when the line has none. */
function placeLabel(
  ctx: Context2D,
  area: Rect,
  path: Path,
  text: string,
  line: number,
  crowd: Crowd,
  em: number,
): Label | null {
  const room = ctx.measureText(text).width + 0.5 * em;
  const length = path.along.at(-1)!;
  if (length < roomForLabel * room) return null;
  const margin = 0.5 * room + 0.2 * em;
  let best: (Label & { bend: number }) | null = null;
  const tries = Math.min(80, Math.ceil(length / (0.4 * room)));
  for (let i = 0; i < tries; i++) {
    const from = ((length - room) * (i + 0.5)) / tries;
    const [x0, y0] = pointAlong(path, from);
    const [x1, y1] = pointAlong(path, from + room);
    const bend = 1 - Math.hypot(x1 - x0, y1 - y0) / room;
    if (bend > mostBend || (best && bend >= best.bend)) continue;
    const [xm, ym] = pointAlong(path, from + room / 2);
    const [x, y] = [(x0 + x1 + 2 * xm) / 4, (y0 + y1 + 2 * ym) / 4];
    const inside =
      x > area.x + margin &&
      x < area.x + area.width - margin &&
      y > area.y + margin &&
      y < area.y + area.height - margin;
    if (!inside || !crowd.isFree(x0, y0, x1, y1, line)) continue;
    let angle = Math.atan2(y1 - y0, x1 - x0);
    // Text is read from the left, whichever way the line runs.
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle < -Math.PI / 2) angle += Math.PI;
    best = { text, x, y, angle, from, to: from + room, bend };
  }
  if (best) crowd.addLabel(best.x, best.y, room);
  return best;
}

/** Which line, or label, is near a place: small squares with the number of what runs through them. */
class Crowd {
  private readonly columns: number;
  private readonly squares: Int32Array;

  constructor(
    private readonly area: Rect,
    private readonly side: number,
  ) {
    this.columns = Math.ceil(area.width / side) + 1;
    this.squares = new Int32Array(this.columns * (Math.ceil(area.height / side) + 1)).fill(-1);
  }

  addLine(path: Path, line: number): void {
    const length = path.along.at(-1)!;
    const { points, along } = path;
    for (let i = 1; i < along.length; i++) {
      const steps = Math.max(1, Math.ceil((2 * (along[i]! - along[i - 1]!)) / this.side));
      for (let k = 0; k <= steps; k++) {
        const share = k / steps;
        const at = this.square(
          points[2 * i - 2]! + share * (points[2 * i]! - points[2 * i - 2]!),
          points[2 * i - 1]! + share * (points[2 * i + 1]! - points[2 * i - 1]!),
        );
        // What several run through belongs to none of them.
        if (at >= 0 && length > 0) {
          this.squares[at] = this.squares[at] === -1 || this.squares[at] === line ? line : crowded;
        }
      }
    }
  }

  addLabel(x: number, y: number, room: number): void {
    const reach = 0.5 * room;
    for (let dy = -reach; dy <= reach; dy += this.side) {
      for (let dx = -reach; dx <= reach; dx += this.side) {
        const at = this.square(x + dx, y + dy);
        if (at >= 0) this.squares[at] = crowded;
      }
    }
  }

  /** Whether only this line is near the straight stretch. */
  isFree(x0: number, y0: number, x1: number, y1: number, line: number): boolean {
    for (let share = 0; share <= 1; share += 0.125) {
      const at = this.square(x0 + share * (x1 - x0), y0 + share * (y1 - y0));
      if (at >= 0 && this.squares[at] !== -1 && this.squares[at] !== line) return false;
    }
    return true;
  }

  private square(x: number, y: number): number {
    const [column, row] = [
      Math.floor((x - this.area.x) / this.side),
      Math.floor((y - this.area.y) / this.side),
    ];
    if (column < 0 || row < 0 || column >= this.columns) return -1;
    const at = row * this.columns + column;
    return at < this.squares.length ? at : -1;
  }
}

const crowded = -2;

function tracePath(ctx: Context2D, path: Path, label: Label | null): void {
  const { points, along } = path;
  const count = along.length;
  let isDown = false;
  const go = (x: number, y: number): void => {
    if (isDown) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    isDown = true;
  };
  for (let i = 0; i < count; i++) {
    const d = along[i]!;
    const before = i > 0 ? along[i - 1]! : d;
    if (label && before < label.from && d >= label.from) {
      go(...pointAlong(path, label.from));
      isDown = false;
    }
    if (label && before <= label.to && d > label.to) {
      isDown = false;
      go(...pointAlong(path, label.to));
    }
    if (!label || d <= label.from || d >= label.to) go(points[2 * i]!, points[2 * i + 1]!);
  }
}
