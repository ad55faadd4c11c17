/**
 * The declared table of app state: every setting with its key in the URL, type, default, allowed values
 * and label. The URL's query string, the controls of the rail, undo and a picture's provenance all come
 * from this one table.
 */
import type { Scaling } from './io/dataset.js';
import { presets } from './model/presets.js';
import { colormaps, type ColormapName } from './plot/colormaps.js';

/** One setting. `parse` gives undefined for a text that is not one of its values. */
interface FieldBase<T> {
  readonly label: string;
  readonly initial: T;
  /** Ends the sentence `seed: "abc" is not …`. */
  readonly expects: string;
  /** What is measured, shown behind the control; '' when it has no unit. */
  readonly unit: string;
  parse(text: string): T | undefined;
  format(value: T): string;
}

export interface ChoiceField<T extends string> extends FieldBase<T> {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: T; readonly label: string }[];
}

export interface NumberField extends FieldBase<number> {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  /** The value one arrow key away; clamped by the control. */
  step(value: number, direction: 1 | -1): number;
}

export interface SwitchField extends FieldBase<boolean> {
  readonly kind: 'switch';
}

/** A limit of the colour scale: a number, or whatever the data say. */
export interface LimitField extends FieldBase<number | 'auto'> {
  readonly kind: 'limit';
}

/** Contour levels: chosen for the reader, about so many, exactly these, or none. */
export type Levels = 'auto' | 'none' | { readonly count: number } | { readonly values: readonly number[] };

export interface LevelsField extends FieldBase<Levels> {
  readonly kind: 'levels';
}

export const MOST_LEVELS = 100;

/** How inputs are scaled: as their data set suggests, or so. */
export interface ScalingField extends FieldBase<Scaling | 'auto'> {
  readonly kind: 'scaling';
}

function choice<const T extends string>(
  label: string,
  initial: NoInfer<T>,
  options: readonly (readonly [value: T, label: string])[],
): ChoiceField<T> {
  return {
    kind: 'choice',
    label,
    initial,
    unit: '',
    expects: `one of ${options.map(([value]) => value).join(', ')}`,
    options: options.map(([value, text]) => ({ value, label: text })),
    parse: (text) => options.find(([value]) => value === text)?.[0],
    format: (value) => value,
  };
}

/** Plain decimal notation only: Number() alone would take '', '0x10' and 'Infinity'. */
function parseNumber(text: string): number | undefined {
  const plain = text.trim().replace('−', '-');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function whole(
  label: string,
  initial: number,
  min: number,
  max: number,
  options: { odd?: boolean; unit?: string; step?: number } = {},
): NumberField {
  const { odd = false, unit = '', step = odd ? 2 : 1 } = options;
  return {
    kind: 'number',
    label,
    initial,
    unit,
    min,
    max,
    expects: `${odd ? 'an odd' : 'a whole'} number from ${min} to ${max}`,
    parse(text) {
      const value = parseNumber(text);
      if (value === undefined || !Number.isSafeInteger(value) || value < min || value > max) return undefined;
      return odd && value % 2 === 0 ? undefined : value;
    },
    format: String,
    step: (value, direction) => value + direction * step,
  };
}

function positive(label: string, initial: number, min: number, max: number): NumberField {
  // 1, 2, 5 steps per decade, as on an oscilloscope.
  const decades = Array.from({ length: 20 }, (_, i) => i - 14);
  const steps = decades.flatMap((e) => [1, 2, 5].map((digit) => Number(`${digit}e${e}`)));
  return {
    kind: 'number',
    label,
    initial,
    unit: '',
    min,
    max,
    expects: `a number from ${min} to ${max}`,
    parse(text) {
      const value = parseNumber(text);
      return value === undefined || value < min || value > max ? undefined : value;
    },
    format: String,
    step: (value, direction) =>
      (direction > 0 ? steps.find((s) => s > value) : steps.findLast((s) => s < value)) ?? value,
  };
}

function onOff(label: string, initial: boolean): SwitchField {
  return {
    kind: 'switch',
    label,
    initial,
    unit: '',
    expects: 'on or off',
    parse: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
    format: (value) => (value ? 'on' : 'off'),
  };
}

function limit(label: string): LimitField {
  return {
    kind: 'limit',
    label,
    initial: 'auto',
    unit: '',
    // No engine's numbers lie beyond, and ticks and scales can be computed within.
    expects: 'auto, 0 or a number of size 1e-100 to 1e+100',
    parse(text) {
      if (text.trim() === 'auto') return 'auto';
      const value = parseNumber(text);
      const size = Math.abs(value ?? NaN);
      return size === 0 || (size >= 1e-100 && size <= 1e100) ? value : undefined;
    },
    format: String,
  };
}

function parseLevels(text: string): Levels | undefined {
  const plain = text.trim();
  if (plain === 'auto' || plain === 'none') return plain;
  const count = /^(\d+) levels$/.exec(plain.replace('+', ' '))?.[1];
  if (count !== undefined) {
    const n = Number(count);
    return n >= 1 && n <= MOST_LEVELS ? { count: n } : undefined;
  }
  const values = plain.split(/[\s,;]+/).map(parseNumber);
  if (values.length > MOST_LEVELS || !values.every((value) => value !== undefined)) return undefined;
  return { values: [...new Set(values)].sort((p, q) => p - q) };
}

const levels: LevelsField = {
  kind: 'levels',
  label: 'Contours',
  initial: 'auto',
  unit: '',
  expects: `auto, none, a count such as "12 levels" or up to ${MOST_LEVELS} numbers such as 0.1,0.5,1`,
  parse: parseLevels,
  format: (value) =>
    typeof value === 'string' ? value : 'count' in value ? `${value.count} levels` : value.values.join(','),
};

/** More channels than any image that is read. */
const MOST_CHANNELS = 4096;

/** Three lists, `divide;mean;std`, each of one number or one per channel. */
function parseScaling(text: string): Scaling | 'auto' | undefined {
  if (text.trim() === 'auto') return 'auto';
  const [divide, mean, std, ...rest] = text.split(';').map((list) => list.split(',').map(parseNumber));
  if (divide === undefined || mean === undefined || std === undefined || rest.length > 0) return undefined;
  const isList = (list: (number | undefined)[]): list is number[] =>
    list.length <= MOST_CHANNELS && list.every((value) => value !== undefined);
  if (!isList(divide) || !isList(mean) || !isList(std)) return undefined;
  return divide.includes(0) || std.includes(0) ? undefined : { divide, mean, std };
}

const scaling: ScalingField = {
  kind: 'scaling',
  label: 'Input scaling',
  initial: 'auto',
  unit: '',
  expects: 'auto or three lists such as 255;0.286;0.353: divide, mean, std, one number or one per channel',
  parse: parseScaling,
  format: (value) =>
    value === 'auto' ? value : [value.divide, value.mean, value.std].map((list) => list.join(',')).join(';'),
};

const networks = presets.map((preset) => [preset.name, preset.title] as const);

/** More samples than any data set that fits in memory. */
const MOST_SAMPLES = 10_000_000;

/** Begins the value of a setting that names something out of a file, which no link can carry. */
const FROM_FILE = 'file:';

export const fields = {
  data: choice<string>('Data', 'digits', [
    ['digits', 'Digits'],
    ['fashion', 'Fashion-MNIST'],
  ]),
  left: choice<string>('Left', 'bnmlp20-plain', networks),
  right: choice<string>('Right', 'bnmlp20-residual', [...networks, ['none', 'None: one panel']]),
  samples: whole('Samples', 1400, 1, MOST_SAMPLES, { step: 100 }),
  scaling,
  loss: choice('Loss', 'ce', [
    ['ce', 'Cross-entropy'],
    ['mse', 'Mean squared error'],
    ['bce', 'Binary cross-entropy'],
  ]),
  plane: choice<string>('Directions', 'random', [['random', 'Random']]),
  seed: whole('Seed', 1, 0, Number.MAX_SAFE_INTEGER),
  norm: choice('Normalise', 'filter', [
    ['filter', 'Per filter'],
    ['layer', 'Per layer'],
    ['weight', 'Per weight'],
    ['none', 'Not at all'],
  ]),
  bias: choice('Biases and batch norm', 'ignore', [
    ['ignore', 'Held still'],
    ['scale', 'Moved, scaled'],
  ]),
  orthogonal: choice('Orthogonalise', 'none', [
    ['none', 'As drawn'],
    ['gram-schmidt', 'Gram–Schmidt'],
  ]),
  range: positive('Range', 1, 1e-6, 1000),
  size: whole('Points', 51, 3, 401, { odd: true, unit: 'per side', step: 10 }),
  show: choice('Quantity', 'loss', [
    ['loss', 'Loss'],
    ['error', 'Error'],
  ]),
  view: choice('View', 'map', [
    ['map', 'Map'],
    ['surface', '3-D surface'],
  ]),
  /** The camera of the surface, in whole degrees: from the front, and above the floor. */
  azimuth: whole('Turned', -37, -180, 180, { unit: '°', step: 15 }),
  elevation: whole('Tilted', 36, 5, 90, { unit: '°', step: 5 }),
  scale: choice('Scale', 'log', [
    ['linear', 'Linear'],
    ['log', 'Log'],
    ['symlog', 'Symlog'],
  ]),
  map: choice<ColormapName>(
    'Colours',
    'viridis',
    colormaps.map(({ name, title }) => [name, title] as const),
  ),
  vmin: limit('From'),
  vmax: limit('To'),
  levels,
  shared: onOff('One scale for both', true),
  theme: choice('Theme', 'auto', [
    ['auto', 'As the system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ]),
  engine: choice('Engine', 'auto', [
    ['auto', 'Best here'],
    ['webgpu', 'WebGPU'],
    ['wasm', 'WebAssembly'],
    ['reference', 'Reference (float64)'],
  ]),
};

type Fields = typeof fields;
export type Key = keyof Fields;
/** The whole state of the page that a link carries. */
export type State = { readonly [K in Key]: Fields[K]['initial'] };
export type Patch = Partial<State>;

export const keys = Object.keys(fields) as Key[];

/** Settings that change what is computed; all others only change how it is shown. */
export const computed: ReadonlySet<Key> = new Set<Key>([
  'data',
  'left',
  'right',
  'samples',
  'scaling',
  'loss',
  'plane',
  'seed',
  'norm',
  'bias',
  'orthogonal',
  'range',
  'size',
  'engine',
]);

export const initialState = Object.fromEntries(keys.map((key) => [key, fields[key].initial])) as State;

/** A field seen without its value type, for code that walks over the table. */
export function field(key: Key): FieldBase<unknown> {
  return fields[key];
}

/** Whether two states hold the same value of `key`. */
export function same(key: Key, a: State, b: State): boolean {
  return field(key).format(a[key]) === field(key).format(b[key]);
}

/** The value of a setting that means number `index` of what was opened from files. */
export function fromFile(index: number): string {
  return `${FROM_FILE}${index}`;
}

/** Whether the setting names something out of a file. */
export function isFromFile(value: State[Key]): value is string {
  return typeof value === 'string' && value.startsWith(FROM_FILE);
}

/** Whether the state shows anything out of a file, which its link does not carry. */
export function usesFiles(state: State): boolean {
  return keys.some((key) => isFromFile(state[key]));
}

/** The query string of a state, without `?`: only what differs from the defaults, and nothing out of files. */
export function toQuery(state: State): string {
  const query = new URLSearchParams();
  for (const key of keys) {
    if (same(key, state, initialState) || isFromFile(state[key])) continue;
    query.set(key, field(key).format(state[key]));
  }
  // Commas and semicolons are legal in a query, and links with lists stay readable.
  return query.toString().replaceAll('%2C', ',').replaceAll('%3B', ';');
}

/**
 * The state of a query string. What it gets wrong keeps its default and is told in one sentence each;
 * it never throws.
 */
export function fromQuery(query: string): { state: State; problems: string[] } {
  const values = new Map<Key, unknown>();
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [name, text] of new URLSearchParams(query)) {
    if (seen.has(name)) continue;
    seen.add(name);
    const key = keys.find((candidate) => candidate === name);
    if (key === undefined) {
      problems.push(`${quote(name)} is not a setting of this page; ignored.`);
      continue;
    }
    const value = field(key).parse(text);
    if (value !== undefined) values.set(key, value);
    else {
      const fallback = field(key).format(field(key).initial);
      problems.push(`${key}: ${quote(text)} is not ${field(key).expects}; using ${fallback}.`);
    }
  }
  const state = { ...initialState, ...(Object.fromEntries(values) as Patch) };
  if (crossed(state)) {
    problems.push(`vmin: ${state.vmin} is not below vmax ${state.vmax}; using auto for both.`);
    return { state: { ...state, vmin: 'auto', vmax: 'auto' }, problems };
  }
  return { state, problems };
}

/** Limits closer than this share of the larger one are one number for a colour scale. */
const NARROWEST = 1e-9;

/** Whether typed limits leave no interval between them that a scale could show. */
export function crossed({ vmin, vmax }: Pick<State, 'vmin' | 'vmax'>): boolean {
  if (vmin === 'auto' || vmax === 'auto') return false;
  return !(vmax - vmin > NARROWEST * Math.max(Math.abs(vmin), Math.abs(vmax)));
}

/** The seed of another draw. */
export function nextSeed({ seed }: Pick<State, 'seed'>): number {
  return seed < Number.MAX_SAFE_INTEGER ? seed + 1 : 0;
}

/** A link can be long; a sentence should not be. */
function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}
