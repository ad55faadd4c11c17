/**
 * A panel as a 3-D surface: the same values, scale, colours and contour lines as the map, seen from the
 * side. Cells are painted from back to front, so nearer ones cover what they hide; contour lines are
 * painted with their cells and are hidden with them. Heights are places on the scale, cut at its limits as
 * colours are; cells with a NaN, infinite or unknown corner are left open.
 */
import { boxHeight, type Camera, type CameraAngles, makeCamera } from './camera.js';
import { colourAt, cssColour, isBright } from './colormaps.js';
import { type ContourLine, contourSteps } from './contours.js';
import { axisUnit, type PlaneArea } from './geometry.js';
import type { Context2D } from './heatmap.js';
import { drawMark } from './marks.js';
import { filled } from './lattice.js';
import { gridOf, type PanelPainter, type PanelView } from './panel.js';
import type { Locate, Panel } from './spec.js';
import type { Steps } from './steps.js';
import { drawBoxBack, drawBoxFront } from './surface-box.js';
import { isHidden } from './surface-sight.js';
import type { Style } from './theme.js';

/** Light from the upper left, behind the viewer: how much of a colour stays on the darkest slope. */
const shade = 0.62;

/** More cells than this along an edge are thinner than a pixel; every n-th node is drawn. */
const mostCells = 200;

/** A painter of surfaces seen from `angles`; `valueName` stands at the upright axis. */
export function surfacePainter(angles: CameraAngles, valueName: string): PanelPainter {
  return (ctx, plane, panel, view, style) => drawSurface(ctx, plane, panel, view, angles, valueName, style);
}

/** Draws `panel` into the plane's area, with the room its ticks need taken from inside. */
function* drawSurface(
  ctx: Context2D,
  plane: PlaneArea,
  panel: Panel,
  view: PanelView,
  angles: CameraAngles,
  valueName: string,
  style: Style,
): Steps<void> {
  const { em } = style;
  const { area } = plane;
  // Ticks and names at the left and below use the room that a map's axes have outside the area.
  const camera = makeCamera(angles, area, 0.5 * em);
  drawBoxBack(ctx, camera, view.norm, style);
  drawBoxFront(ctx, camera, plane, view.norm, { ...view.names, value: valueName }, style);
  const heights = heightsOf(panel, view);
  yield;
  const lines = panel.contourLines ?? (yield* contourSteps(gridOf(panel), view.norm, view.levels));
  yield;
  drawCells(ctx, camera, panel, heights, view, segmentsByCell(lines, panel, heights.stride), style);
  const height = (u: number, v: number): number => heightAt(panel, heights, u, v);
  const cells = Math.max(panel.columns.count, panel.rows.count) - 1;
  const locate: Locate = ({ a, b }, value) => {
    const [u, v] = [axisUnit(panel.columns, a), axisUnit(panel.rows, b)];
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return null;
    const unit = value === undefined ? height(u, v) : clampUnit(view.norm.unit(value));
    if (!Number.isFinite(unit)) return null;
    const [x, y] = camera.project(2 * u - 1, 2 * v - 1, unit * boxHeight);
    return { x, y, hidden: isHidden(camera, height, cells, [u, v, unit]) };
  };
  for (const overlay of panel.overlays ?? []) overlay(ctx, locate, style);
  for (const mark of panel.marks ?? []) {
    const [u, v] = [axisUnit(panel.columns, mark.a), axisUnit(panel.rows, mark.b)];
    if (u < 0 || u > 1 || v < 0 || v > 1) continue;
    const column = Math.round(u * (panel.columns.count - 1));
    const row = Math.round(v * (panel.rows.count - 1));
    const unit = clampUnit(view.norm.unit(panel.values[row * panel.columns.count + column]!));
    if (!Number.isFinite(unit)) continue;
    const [x, y] = camera.project(2 * u - 1, 2 * v - 1, unit * boxHeight);
    drawMark(ctx, mark.kind, x, y, style);
  }
}

/** Nodes drawn and their heights as places 0 … 1; NaN leaves a hole. */
interface Heights {
  readonly stride: number;
  readonly columns: readonly number[];
  readonly rows: readonly number[];
  /** By node of the whole grid. */
  readonly units: Float64Array;
}

function heightsOf(panel: Panel, { norm }: PanelView): Heights {
  const { columns, rows, values, computed } = panel;
  const places = Float64Array.from(values, (value) =>
    Number.isFinite(value) ? clampUnit(norm.unit(value)) : NaN,
  );
  const units = computed ? filled(places, computed, columns.count, rows.count) : places;
  const stride = Math.ceil((Math.max(columns.count, rows.count) - 1) / mostCells) || 1;
  return { stride, units, columns: every(columns.count, stride), rows: every(rows.count, stride) };
}

/** Height of the surface at a place 0 … 1 along either axis, between four nodes; NaN where one of them is unknown. */
function heightAt({ columns, rows }: Panel, { units }: Heights, u: number, v: number): number {
  const [x, y] = [u * (columns.count - 1), v * (rows.count - 1)];
  const [left, low] = [Math.floor(x), Math.floor(y)];
  const [right, high] = [Math.min(left + 1, columns.count - 1), Math.min(low + 1, rows.count - 1)];
  const [s, t] = [x - left, y - low];
  const at = (column: number, row: number): number => units[row * columns.count + column]!;
  return (
    (1 - t) * ((1 - s) * at(left, low) + s * at(right, low)) +
    t * ((1 - s) * at(left, high) + s * at(right, high))
  );
}

/** 0, stride, 2·stride, … and the last index. */
function every(count: number, stride: number): number[] {
  const indices = Array.from({ length: Math.ceil((count - 1) / stride) }, (_, i) => i * stride);
  return [...indices, count - 1];
}

function clampUnit(unit: number): number {
  return unit < 0 ? 0 : unit > 1 ? 1 : unit;
}

/** Contour segments by the cell they run in: level and two points in grid coordinates. */
type SegmentList = (readonly [level: number, x0: number, y0: number, x1: number, y1: number])[];
type Segments = Map<number, SegmentList>;

function segmentsByCell(lines: readonly ContourLine[], panel: Panel, stride: number): Segments {
  const cells: Segments = new Map();
  for (const { level, points, closed } of lines) {
    const count = points.length / 2;
    for (let k = 0; k + 1 < count + (closed ? 1 : 0); k++) {
      const next = (k + 1) % count;
      const [x0, y0, x1, y1] = [points[2 * k]!, points[2 * k + 1]!, points[2 * next]!, points[2 * next + 1]!];
      const column = Math.floor((x0 + x1) / 2 / stride);
      const row = Math.floor((y0 + y1) / 2 / stride);
      const key = row * panel.columns.count + column;
      const there = cells.get(key);
      if (there) there.push([level, x0, y0, x1, y1]);
      else cells.set(key, [[level, x0, y0, x1, y1]]);
    }
  }
  return cells;
}

function drawCells(
  ctx: Context2D,
  camera: Camera,
  panel: Panel,
  { columns, rows, units }: Heights,
  view: PanelView,
  segments: Segments,
  { em, scale }: Style,
): void {
  const width = panel.columns.count;
  const x = (column: number): number => (2 * column) / Math.max(1, panel.columns.count - 1) - 1;
  const y = (row: number): number => (2 * row) / Math.max(1, panel.rows.count - 1) - 1;
  const backToFront = (cells: number, towards: number): number[] =>
    Array.from({ length: cells }, (_, i) => (towards > 0 ? cells - 1 - i : i));
  const nodeAt = (column: number, row: number): Corner => {
    const unit = units[row * width + column]!;
    const [px, py] = camera.project(x(column), y(row), unit * boxHeight);
    return { x: x(column), y: y(row), unit, px, py };
  };
  const nodes = rows.map((row) => columns.map((column) => nodeAt(column, row)));

  const paintCell = (corners: readonly Corner[]): void => {
    const unit = corners.reduce((sum, corner) => sum + corner.unit, 0) / 4;
    if (Number.isNaN(unit)) return;
    const light = lightOn(corners, camera);
    const [red, green, blue] = colourAt(view.table, unit);
    ctx.beginPath();
    for (const { px, py } of corners) ctx.lineTo(px, py);
    ctx.closePath();
    ctx.fillStyle = ctx.strokeStyle = cssColour([light * red, light * green, light * blue]);
    // A stroke in its own colour closes the hairline that anti-aliasing leaves between neighbours.
    ctx.lineWidth = 1 / scale;
    ctx.fill();
    ctx.stroke();
  };

  const strokeSegments = (inside: SegmentList): void => {
    ctx.lineWidth = 0.07 * em;
    for (const [level, x0, y0, x1, y1] of inside) {
      const unit = clampUnit(view.norm.unit(level));
      const [ax, ay] = camera.project(x(x0), y(y0), unit * boxHeight);
      const [bx, by] = camera.project(x(x1), y(y1), unit * boxHeight);
      // The level's own colour decides, not the cell's: a line keeps its colour all the way.
      ctx.strokeStyle = isBright(colourAt(view.table, unit)) ? 'rgb(0 0 0 / 0.6)' : 'rgb(255 255 255 / 0.7)';
      ctx.beginPath();
      ctx.moveTo(ax, ay);
      ctx.lineTo(bx, by);
      ctx.stroke();
    }
  };

  ctx.save();
  ctx.lineJoin = 'round';
  const order = backToFront(columns.length - 1, camera.forward[0]);
  for (const r of backToFront(rows.length - 1, camera.forward[1])) {
    const [low, high] = [nodes[r]!, nodes[r + 1]!];
    for (const c of order) paintCell([low[c]!, low[c + 1]!, high[c + 1]!, high[c]!]);
    // After the whole row: a neighbouring cell would cover half of every line that ends at it.
    for (const c of order) strokeSegments(segments.get(r * width + c) ?? []);
  }
  ctx.restore();
}

interface Corner {
  readonly x: number;
  readonly y: number;
  readonly unit: number;
  /** In the picture. */
  readonly px: number;
  readonly py: number;
}

/** `shade` … 1 by the angle between a cell's normal and the light. */
function lightOn([p, q, r, s]: readonly Corner[], { forward }: Camera): number {
  const [ux, uy, uz] = [r!.x - p!.x, r!.y - p!.y, (r!.unit - p!.unit) * boxHeight];
  const [vx, vy, vz] = [s!.x - q!.x, s!.y - q!.y, (s!.unit - q!.unit) * boxHeight];
  const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  // The light comes from behind the viewer's left shoulder, and from above.
  const [lx, ly, lz] = [-forward[0] - 0.6 * forward[1], -forward[1] + 0.6 * forward[0], 1.1];
  const cosine = (nx * lx + ny * ly + nz * lz) / (Math.hypot(nx, ny, nz) * Math.hypot(lx, ly, lz));
  return shade + (1 - shade) * Math.max(0, cosine);
}
