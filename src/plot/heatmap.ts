/**
 * The grid as colours. Values are mapped to places on the scale once, stay numbers in a Float64Array, and
 * become colours in the last loop, at the device's own pixels: nothing is resampled by the browser.
 */
import { colormapIndex, colormapSize, type Rgb, type SpecialColours } from './colormaps.js';
import type { Rect } from './geometry.js';
import { interpolate } from './lattice.js';
import { nearestKnown } from './nearest.js';
import { countValues, type GridValues, type Norm, type ValueCounts } from './scale.js';

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Values of a grid, index = row · columns + column, row 0 at the bottom. */
export interface HeatmapGrid extends GridValues {
  readonly columns: number;
  readonly rows: number;
  /** 1 where a value stands in for one that is not computed. */
  readonly borrowed?: ArrayLike<number> | null;
}

export interface HeatmapOptions {
  readonly norm: Norm;
  /** Table of 256 colours (colormaps.ts). */
  readonly table: Uint8Array;
  readonly special: SpecialColours;
  /**
   * `flat` cells around their nodes, or `smooth`: bilinear between nodes on the scale's own (log) measure,
   * flat wherever one of the four nodes is not finite. Default smooth.
   */
  readonly shading?: 'flat' | 'smooth';
  /** Points that are not computed and interpolated between others are tinted a little towards this. */
  readonly veil?: Rgb | null;
}

/** How much of the veil is mixed in: visible as a fine grain, without hiding the colour. */
const veilShare = 0.16;

/** A value that the norm cannot show (log of 0) counts as one whole scale below it. */
const lowestUnit = -1;

/** And one far above as this many scales, so that its colour's number stays a 32-bit integer. */
const highestUnit = 1e6;

/**
 * Colours of `width` × `height` pixels, row 0 on top, each 0xAABBGGRR (bytes R, G, B, A in memory, as in
 * ImageData). The picture spans from the first to the last node in both directions.
 */
export function rasterise(
  grid: HeatmapGrid,
  options: HeatmapOptions,
  width: number,
  height: number,
): Uint32Array {
  const { columns, rows } = grid;
  if (grid.values.length !== columns * rows) {
    throw new RangeError(`Heatmap: ${grid.values.length} values for ${columns} × ${rows} points.`);
  }
  const nodes = prepareNodes(grid, options);
  const pixels = new Uint32Array(width * height);
  if (options.shading === 'flat' || columns < 2 || rows < 2) paintFlat(pixels, width, height, grid, nodes);
  else paintSmooth(pixels, width, height, grid, nodes);
  return pixels;
}

/**
 * Fills `area`, whose edges should lie on device pixels (`snapRect`), and returns what was counted. The
 * context's transform may scale and shift; pixels are replaced, not blended.
 */
export function drawHeatmap(
  ctx: Context2D,
  area: Rect,
  grid: HeatmapGrid,
  options: HeatmapOptions,
): ValueCounts {
  const { a, d, e, f } = ctx.getTransform();
  const left = Math.round(area.x * a + e);
  const top = Math.round(area.y * d + f);
  const width = Math.round((area.x + area.width) * a + e) - left;
  const height = Math.round((area.y + area.height) * d + f) - top;
  if (width > 0 && height > 0) {
    const pixels = rasterise(grid, options, width, height);
    const bytes = new Uint8ClampedArray(pixels.buffer as ArrayBuffer);
    ctx.putImageData(new ImageData(bytes, width, height), left, top);
  }
  return countValues([grid], options.norm);
}

interface Nodes {
  /** Place on the scale; NaN where there is none. */
  readonly units: Float64Array;
  /** 1 where the node is tinted. */
  readonly tinted: Uint8Array;
  readonly colours: Uint32Array;
  /** Of nodes that are not tinted and of those that are. */
  readonly palettes: readonly [Uint32Array, Uint32Array];
}

function prepareNodes(grid: HeatmapGrid, { norm, table, special, veil }: HeatmapOptions): Nodes {
  const { values, computed, borrowed, columns, rows } = grid;
  const size = columns * rows;
  const palette = Uint32Array.from({ length: colormapSize }, (_, i) =>
    pack([table[3 * i]!, table[3 * i + 1]!, table[3 * i + 2]!]),
  );
  const [nan, infinite, pending] = [pack(special.nan), pack(special.infinite), pack(special.pending)];
  const tint = (colour: number) => (veil ? veiled(colour, veil) : colour);
  const palettes = [palette, palette.map(tint)] as const;
  const isWhole = !computed || allKnown(computed, size);
  const source = isWhole ? null : nearestKnown(computed, columns, rows);
  const units = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const value = values[source ? source[i]! : i] ?? NaN;
    const unit = value === Infinity || value === -Infinity ? NaN : norm.unit(value);
    units[i] = unit < lowestUnit ? lowestUnit : unit > highestUnit ? highestUnit : unit;
  }
  if (!isWhole) interpolate(units, computed, columns, rows);
  const tinted = new Uint8Array(size);
  const colours = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const from = source ? source[i]! : i;
    if (veil && (from !== i || borrowed?.[i])) tinted[i] = 1;
    const unit = units[i]!;
    if (unit === unit) colours[i] = palettes[tinted[i]!]![colormapIndex(unit)]!;
    else if (from < 0) colours[i] = pending;
    else {
      const value = values[from]!;
      const colour = value !== value ? nan : infinite;
      colours[i] = tinted[i] ? tint(colour) : colour;
    }
  }
  return { units, tinted, colours, palettes };
}

function paintFlat(
  pixels: Uint32Array,
  width: number,
  height: number,
  grid: HeatmapGrid,
  nodes: Nodes,
): void {
  const { columns, rows } = grid;
  const column = Int32Array.from({ length: width }, (_, x) => Math.round(place(x, width, columns)));
  let painted = -1;
  for (let y = 0; y < height; y++) {
    const row = Math.round(place(height - 1 - y, height, rows));
    if (row === painted) {
      pixels.copyWithin(y * width, (y - 1) * width, y * width);
      continue;
    }
    for (let x = 0; x < width; x++) pixels[y * width + x] = nodes.colours[row * columns + column[x]!]!;
    painted = row;
  }
}

function paintSmooth(
  pixels: Uint32Array,
  width: number,
  height: number,
  { columns, rows }: HeatmapGrid,
  { units, tinted, colours, palettes }: Nodes,
): void {
  // Pixels first[c] … first[c + 1] − 1 lie between columns c and c + 1, `share` of the way; from halfway[c] on c + 1 is nearer.
  const first = new Int32Array(columns).fill(width);
  const halfway = new Int32Array(columns).fill(width);
  const share = new Float64Array(width);
  for (let x = width - 1; x >= 0; x--) {
    const at = place(x, width, columns);
    const cell = Math.min(columns - 2, Math.floor(at));
    share[x] = at - cell;
    first[cell] = x;
    if (share[x]! >= 0.5) halfway[cell] = x;
  }
  // A column narrower than a pixel may own none.
  for (let c = columns - 2; c >= 0; c--) first[c] = Math.min(first[c]!, first[c + 1]!);
  // In colours instead of units of the scale: the last loop multiplies no more.
  const line = new Float64Array(columns);
  const last = colormapSize - 1;
  for (let y = 0; y < height; y++) {
    const at = place(height - 1 - y, height, rows);
    const below = Math.min(rows - 2, Math.floor(at));
    const up = at - below;
    const [low, high] = [below * columns, (below + 1) * columns];
    for (let c = 0; c < columns; c++) {
      line[c] = colormapSize * (units[low + c]! + up * (units[high + c]! - units[low + c]!));
    }
    const nearest = up < 0.5 ? low : high;
    const start = y * width;
    for (let c = 0; c < columns - 1; c++) {
      const end = first[c + 1]!;
      const value = line[c]!;
      const slope = line[c + 1]! - value;
      const left = nearest + c;
      const right = left + 1;
      const middle = Math.min(end, halfway[c]!);
      if (slope !== slope) {
        pixels.fill(colours[left]!, start + first[c]!, start + middle);
        pixels.fill(colours[right]!, start + middle, start + end);
        continue;
      }
      const [near, far] = [palettes[tinted[left]!]!, palettes[tinted[right]!]!];
      for (let x = first[c]!; x < middle; x++) {
        const index = (value + share[x]! * slope) | 0;
        pixels[start + x] = near[index < 0 ? 0 : index > last ? last : index]!;
      }
      for (let x = middle; x < end; x++) {
        const index = (value + share[x]! * slope) | 0;
        pixels[start + x] = far[index < 0 ? 0 : index > last ? last : index]!;
      }
    }
  }
}

/** Grid coordinate of a pixel's centre: −½ pixel and count − 1 + ½ pixel lie outside, at the frame. */
function place(pixel: number, pixels: number, count: number): number {
  return ((pixel + 0.5) / pixels) * (count - 1);
}

function allKnown(computed: ArrayLike<number>, size: number): boolean {
  for (let i = 0; i < size; i++) if (!computed[i]) return false;
  return true;
}

/** Little-endian, as every machine is that runs WebAssembly at full speed; ImageData is R, G, B, A in memory. */
function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function veiled(colour: number, veil: Rgb): number {
  const mix = (shift: number, towards: number): number => {
    const channel = (colour >> shift) & 255;
    return Math.round(channel + veilShare * (towards - channel));
  };
  return pack([mix(0, veil[0]), mix(8, veil[1]), mix(16, veil[2])]);
}
