/**
 * Colour maps as tables of 256 sRGB colours, and the colours of what is no number on the scale.
 */
import { colormapTables } from './colormap-tables.js';

export type ColormapName = 'viridis' | 'cividis' | 'magma' | 'grey' | 'bluered';

/** Red, green and blue, 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export interface ColormapInfo {
  readonly name: ColormapName;
  readonly title: string;
  /** Has a neutral middle: meant for differences, with limits symmetric about zero. */
  readonly diverging: boolean;
}

export const colormaps: readonly ColormapInfo[] = [
  { name: 'viridis', title: 'Viridis', diverging: false },
  { name: 'cividis', title: 'Cividis', diverging: false },
  { name: 'magma', title: 'Magma', diverging: false },
  { name: 'grey', title: 'Grey', diverging: false },
  { name: 'bluered', title: 'Blue–red', diverging: true },
];

/** Number of colours in a table. */
export const colormapSize = 256;

/** Stations of the diverging map, equally spaced, joined by straight lines in Oklab; light in the middle. */
const blueRedStations: readonly Rgb[] = [
  [10, 47, 99],
  [47, 116, 181],
  [143, 188, 224],
  [244, 244, 242],
  [237, 161, 132],
  [200, 71, 60],
  [107, 10, 36],
];

const tables = new Map<string, Uint8Array>();

/** Table of a map: 256 colours of three bytes, low values first. Shared: not to be written to. */
export function colormap(name: ColormapName, reversed = false): Uint8Array {
  const key = reversed ? `${name} reversed` : name;
  let table = tables.get(key);
  if (!table) {
    table = reversed ? reverse(colormap(name)) : makeTable(name);
    tables.set(key, table);
  }
  return table;
}

/** Table of classes of equal width, the first one's colour at the low end. */
export function classTable(classes: readonly { readonly colour: Rgb }[]): Uint8Array {
  return Uint8Array.from({ length: 3 * colormapSize }, (_, i) => {
    const place = Math.floor((Math.floor(i / 3) * classes.length) / colormapSize);
    return classes[place]!.colour[i % 3]!;
  });
}

/** Index into a table for a place on the scale; 256 equal bins, places outside 0 … 1 take the end colours. */
export function colormapIndex(unit: number): number {
  const index = Math.floor(unit * colormapSize);
  return index < 0 ? 0 : index >= colormapSize ? colormapSize - 1 : index;
}

/** Colour of a place 0 … 1 on the scale. */
export function colourAt(table: Uint8Array, unit: number): Rgb {
  const at = 3 * colormapIndex(unit);
  return [table[at]!, table[at + 1]!, table[at + 2]!];
}

/**
 * Colours outside every map: at least 30 (NaN, ∞) or 10 (pending) CIE76 units away from each of their
 * entries, a test holds that.
 */
export interface SpecialColours {
  readonly nan: Rgb;
  readonly infinite: Rgb;
  /** Not computed, and nothing near it computed either. */
  readonly pending: Rgb;
}

export const specialColours: Readonly<Record<'light' | 'dark', SpecialColours>> = {
  light: { nan: [255, 105, 224], infinite: [106, 77, 255], pending: [214, 216, 250] },
  dark: { nan: [255, 105, 224], infinite: [106, 77, 255], pending: [15, 42, 48] },
};

/** `rgb(…)` or `rgba(…)` for a canvas. */
export function cssColour([red, green, blue]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** Relative luminance 0 … 1 as in WCAG 2: decides whether black or white is seen better on a colour. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linearLight(red) + 0.7152 * linearLight(green) + 0.0722 * linearLight(blue);
}

/** Relative luminance above which a dark line is seen better than a light one. */
const brightGround = 0.26;

/** Whether black stands out better than white on a colour. */
export function isBright(colour: Rgb): boolean {
  return luminance(colour) > brightGround;
}

function makeTable(name: ColormapName): Uint8Array {
  if (name === 'grey') return Uint8Array.from({ length: 3 * colormapSize }, (_, i) => Math.floor(i / 3));
  if (name === 'bluered') return throughStations(blueRedStations);
  return Uint8Array.from(atob(colormapTables[name]), (character) => character.charCodeAt(0));
}

function reverse(table: Uint8Array): Uint8Array {
  return Uint8Array.from(table, (_, i) => table[3 * (colormapSize - 1 - Math.floor(i / 3)) + (i % 3)]!);
}

function throughStations(stations: readonly Rgb[]): Uint8Array {
  const lab = stations.map(oklabFromRgb);
  const table = new Uint8Array(3 * colormapSize);
  for (let i = 0; i < colormapSize; i++) {
    const place = (i / (colormapSize - 1)) * (lab.length - 1);
    const left = Math.min(lab.length - 2, Math.floor(place));
    const [from, to, share] = [lab[left]!, lab[left + 1]!, place - left];
    const mix = (k: 0 | 1 | 2): number => from[k] + share * (to[k] - from[k]);
    table.set(rgbFromOklab([mix(0), mix(1), mix(2)]), 3 * i);
  }
  return table;
}

function linearLight(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function channelOf(light: number): number {
  const c = Math.min(1, Math.max(0, light));
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
}

/** Oklab of Björn Ottosson, "A perceptual color space for image processing", 2020. */
function oklabFromRgb(rgb: Rgb): [number, number, number] {
  const [r, g, b] = [linearLight(rgb[0]), linearLight(rgb[1]), linearLight(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function rgbFromOklab([lightness, a, b]: readonly [number, number, number]): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channelOf(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channelOf(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channelOf(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
