/**
 * Views of a plane and the lattices they lie on. All coordinates are integers times a power of two times the
 * base range over an odd number, so that the same point is the same numbers at every depth, bit by bit.
 */
import { type Axis, coordinateOf, type Grid, type Lattice } from './grid.js';

/** A point (α, β) of the plane. */
export interface Point {
  readonly a: number;
  readonly b: number;
}

/** What all views of a plane start from: the half-width of the whole, and the odd number of nodes per side. */
export interface Base {
  readonly range: number;
  readonly size: number;
}

/**
 * A square window of `size` × `size` nodes: its half-width is range · 2^−zoom, its middle node is number
 * (column, row) of the lattice of that zoom. The whole is `{ zoom: 0, column: 0, row: 0 }`.
 */
export interface View {
  readonly zoom: number;
  readonly column: number;
  readonly row: number;
}

/** Windows up to 64 times the whole and down to 1e-12 of it. */
export const LEAST_ZOOM = -6;
export const MOST_ZOOM = 40;
/** No centre lies further out than this many ranges: with MOST_ZOOM, all node numbers stay safe integers. */
export const FURTHEST = 32;

export const wholeView: View = { zoom: 0, column: 0, row: 0 };

/** Nodes from the middle one to the edge of a window. */
function reach({ size }: Base): number {
  return (size - 1) / 2;
}

/** Spacing range / reach / 2^zoom as range / parts / 2^exponent with odd parts: sizes 51 and 101 share points. */
function spacingOf(base: Base, zoom: number): Omit<Lattice, 'first'> {
  let parts = reach(base);
  let exponent = zoom;
  for (; parts % 2 === 0 && parts > 0; parts /= 2) exponent++;
  return { range: base.range, parts, exponent };
}

export function halfWidth({ range }: Base, zoom: number): number {
  return range * 2 ** -zoom;
}

/** The middle of a view, float64. */
export function centreOf(base: Base, { zoom, column, row }: View): Point {
  const spacing = spacingOf(base, zoom);
  return { a: coordinateOf(spacing, column), b: coordinateOf(spacing, row) };
}

/** The nodes of a view. */
export function gridOf(base: Base, { zoom, column, row }: View): Grid {
  const spacing = spacingOf(base, zoom);
  const axis = (middle: number): Axis => {
    const first = middle - reach(base);
    const last = middle + reach(base);
    return {
      from: coordinateOf(spacing, first),
      to: coordinateOf(spacing, last),
      count: base.size,
      lattice: { ...spacing, first },
    };
  };
  return { columns: axis(column), rows: axis(row) };
}

/** The view of this zoom whose middle node is nearest to a point; both are brought within what there is. */
export function viewAt(base: Base, zoom: number, { a, b }: Point): View {
  const level = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
  const { range, parts, exponent } = spacingOf(base, level);
  const node = (value: number): number => {
    const within = Math.min(FURTHEST, Math.max(-FURTHEST, value / range));
    // −0 would be another number than 0 to whoever compares.
    return Math.round(within * parts * 2 ** exponent) + 0;
  };
  return { zoom: level, column: node(a), row: node(b) };
}

/** A view moved by whole nodes, not beyond FURTHEST. */
export function panned(base: Base, { zoom, column, row }: View, columns: number, rows: number): View {
  const { parts, exponent } = spacingOf(base, zoom);
  const furthest = Math.floor(FURTHEST * parts * 2 ** exponent);
  const clamp = (node: number): number => Math.min(furthest, Math.max(-furthest, Math.round(node))) + 0;
  return { zoom, column: clamp(column + columns), row: clamp(row + rows) };
}

/**
 * The view `steps` doublings closer (or, below 0, farther) that leaves in its place the point `right` and `up`
 * nodes from the middle, to within half a node of the new view.
 */
export function zoomed(base: Base, view: View, steps: number, right = 0, up = 0): View {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom + steps));
  const factor = 2 ** (zoom - view.zoom);
  // In nodes of the new view the point lies at (column + right) · factor, and shall lie `right` off its middle.
  const middle = (node: number, off: number): number => node * factor + off * (factor - 1);
  return panned(base, { zoom, column: middle(view.column, right), row: middle(view.row, up) }, 0, 0);
}

/** A rectangle in nodes from a view's middle. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** The closest view around the rectangle's middle that holds all of it. */
export function fitted(base: Base, view: View, { left, right, bottom, top }: Extent): View {
  const width = Math.max(right - left, top - bottom);
  const steps = width > 0 ? Math.floor(Math.log2((2 * reach(base)) / width) + 1e-9) : 1;
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom + steps));
  const factor = 2 ** (zoom - view.zoom);
  const column = (view.column + (left + right) / 2) * factor;
  const row = (view.row + (bottom + top) / 2) * factor;
  return panned(base, { zoom, column, row }, 0, 0);
}
