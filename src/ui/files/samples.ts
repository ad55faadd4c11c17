/** Samples and labels made visible: small pictures, and how many samples each class has. No DOM. */
import { elements } from '../../model/graph.js';
import type { NpyArray } from '../../io/npy.js';

/** Pixels of one sample, RGBA, or the values of a sample that is no image. */
export type Thumbnail =
  | {
      readonly kind: 'image';
      readonly width: number;
      readonly height: number;
      readonly rgba: Uint8ClampedArray<ArrayBuffer>;
    }
  | { readonly kind: 'values'; readonly values: readonly number[] };

/** Values of a sample that is no image are shown one by one up to this many. */
const MOST_VALUES = 64;
/** A flat sample of this many values or more that fill a square is taken for an image. */
const LEAST_IMAGE = 64;

/** The first `count` samples; all share one scale of brightness, from their smallest to their largest value. */
export function thumbnails(x: NpyArray, count: number): Thumbnail[] {
  const [rows = 0, ...shape] = x.shape;
  const shown = Math.min(rows, count);
  const size = elements(shape);
  const values = x.data.subarray(0, shown * size);
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const share = (value: number): number => (high > low ? (value - low) / (high - low) : 0);
  const image = imageShape(shape);
  return Array.from({ length: shown }, (_, i) => {
    const sample = Array.from(values.subarray(i * size, (i + 1) * size), share);
    return image === null
      ? { kind: 'values', values: sample.slice(0, MOST_VALUES) }
      : { kind: 'image', ...paint(sample, ...image) };
  });
}

function imageShape(shape: readonly number[]): [channels: number, height: number, width: number] | null {
  if (shape.length === 3) return [shape[0]!, shape[1]!, shape[2]!];
  if (shape.length === 2) return [1, shape[0]!, shape[1]!];
  const side = Math.sqrt(shape[0] ?? 0);
  return shape.length === 1 && shape[0]! >= LEAST_IMAGE && Number.isInteger(side) ? [1, side, side] : null;
}

/** Three channels are red, green and blue; of any other number, the first is shown in grey. */
function paint(sample: readonly number[], channels: number, height: number, width: number) {
  const pixels = height * width;
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = 255 * sample[(channels === 3 ? c * pixels : 0) + i]!;
    rgba[4 * i + 3] = 255;
  }
  return { width, height, rgba };
}

/** One bar of a histogram. */
export interface Bar {
  readonly label: string;
  readonly count: number;
}

/** More bars than this are joined. */
const MOST_BARS = 100;
/** Bars over real targets. */
const REAL_BARS = 20;

/** Samples per class, or over equal intervals of targets that are no classes; labels of `y`'s first axis. */
export function histogram(y: NpyArray, classes: readonly string[] | null): Bar[] {
  const perSample = elements(y.shape.slice(1));
  let [low, high] = [Infinity, -Infinity];
  let whole = perSample === 1;
  for (const value of y.data) {
    whole &&= Number.isInteger(value) && value >= 0;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (y.data.length === 0) return [];
  const bars = whole ? Math.min(MOST_BARS, Math.max(high + 1, classes?.length ?? 0)) : REAL_BARS;
  const from = whole ? 0 : low;
  const width = whole ? Math.ceil((high + 1) / MOST_BARS) : (high - low) / REAL_BARS || 1;
  const counts = Array.from({ length: bars }, () => 0);
  for (const value of y.data) counts[Math.min(bars - 1, Math.floor((value - from) / width))]!++;
  return counts.map((count, i) => ({ count, label: barLabel(i, whole, from, width, classes) }));
}

function barLabel(
  i: number,
  whole: boolean,
  from: number,
  width: number,
  classes: readonly string[] | null,
): string {
  const start = from + i * width;
  if (whole && width === 1) return classes?.[i] ?? String(i);
  if (whole) return `${start} to ${start + width - 1}`;
  return `${start.toPrecision(3)} to ${(start + width).toPrecision(3)}`;
}

/** What a sample is said to be, under its picture. */
export function labelText(y: NpyArray, sample: number, classes: readonly string[] | null): string {
  const perSample = elements(y.shape.slice(1));
  const [value = NaN] = y.data.subarray(sample * perSample);
  const text = Number.isInteger(value) ? String(value) : value.toPrecision(3);
  return perSample > 1 ? `${text}, …` : (classes?.[value] ?? text);
}
