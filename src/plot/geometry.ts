/**
 * Rectangles on the picture and coordinates of the plane.
 *
 * The frame of a panel spans exactly from the first to the last node, so that the range's ends are the
 * frame's edges, contours end there without extrapolation, and cells, centred on their nodes, are cut in
 * half at the frame.
 */

/** `count` equally spaced coordinates from `from` to `to`, both included. */
export interface PlotAxis {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** In the picture's units, y downward. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point (α, β) of the plane. */
export interface PlanePoint {
  readonly a: number;
  readonly b: number;
}

/** Place 0 … 1 of a coordinate on its axis; ½ on an axis without extent. */
export function axisUnit({ from, to }: PlotAxis, value: number): number {
  return to === from ? 0.5 : (value - from) / (to - from);
}

export interface PlaneArea {
  /** What the frame encloses. */
  readonly area: Rect;
  readonly columns: PlotAxis;
  readonly rows: PlotAxis;
}

/** Where (α, β) is drawn; β upward. */
export function positionOf(
  { area, columns, rows }: PlaneArea,
  { a, b }: PlanePoint,
): { x: number; y: number } {
  return {
    x: area.x + axisUnit(columns, a) * area.width,
    y: area.y + (1 - axisUnit(rows, b)) * area.height,
  };
}

/** (α, β) at a position of the picture; null outside the frame. */
export function planePointAt({ area, columns, rows }: PlaneArea, x: number, y: number): PlanePoint | null {
  const [u, v] = [(x - area.x) / area.width, 1 - (y - area.y) / area.height];
  if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return null;
  return { a: columns.from + u * (columns.to - columns.from), b: rows.from + v * (rows.to - rows.from) };
}

/** Column and row of the node nearest to (α, β), and its index row · columns + column. */
export function nearestNode(
  columns: PlotAxis,
  rows: PlotAxis,
  { a, b }: PlanePoint,
): { column: number; row: number; index: number } {
  const nearest = (axis: PlotAxis, value: number): number =>
    Math.min(axis.count - 1, Math.max(0, Math.round(axisUnit(axis, value) * (axis.count - 1))));
  const [column, row] = [nearest(columns, a), nearest(rows, b)];
  return { column, row, index: row * columns.count + column };
}

/** The rectangle with its edges on whole device pixels. */
export function snapRect({ x, y, width, height }: Rect, scale: number): Rect {
  const snap = (value: number): number => Math.round(value * scale) / scale;
  const [left, top] = [snap(x), snap(y)];
  return { x: left, y: top, width: snap(x + width) - left, height: snap(y + height) - top };
}
