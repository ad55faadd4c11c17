/**
 * The declared table of app state: every setting with its key in the URL, type, default, allowed values
 * and label. The URL's query string, the controls of the rail, undo and a picture's provenance all come
 * from this one table.
 */
import { FURTHEST, LEAST_ZOOM, MOST_ZOOM } from './landscape/view.js';
import { presets } from './model/presets.js';
import { colormaps, type ColormapName } from './plot/colormaps.js';
import {
  choice,
  type FieldBase,
  levels,
  limit,
  onOff,
  place,
  positive,
  scaling,
  whole,
} from './state-fields.js';
import { pathFields } from './state-paths.js';
import { RUN_PLANES, runFields } from './state-runs.js';

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
  plane: choice<string>('Directions', 'random', [['random', 'Random'], ...RUN_PLANES]),
  ...runFields,
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
  /** The window: half-width range / 2^zoom around `at`; with the lock open the right panel has its own. */
  zoom: whole('Zoom', 0, LEAST_ZOOM, MOST_ZOOM, { unit: 'doublings' }),
  at: place('Centre of the view'),
  lock: onOff('Panels move together', true),
  rightZoom: whole('Zoom of the right panel', 0, LEAST_ZOOM, MOST_ZOOM, { unit: 'doublings' }),
  rightAt: place('Centre of the right view'),
  size: whole('Points', 51, 3, 401, { odd: true, unit: 'per side', step: 10 }),
  show: choice('Quantity', 'loss', [
    ['loss', 'Loss'],
    ['error', 'Error'],
    ['delta', 'Δ from the centre'],
    ['gradient', 'Gradient ‖∇L‖'],
    ['curvature', 'Curvature'],
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
  /** Drawn over the map. */
  downhill: choice('Downhill', 'none', [
    ['none', 'Nothing'],
    ['arrows', 'Arrows'],
    ['streamlines', 'Streamlines'],
  ]),
  /** Plateaus are listed: parts whose ‖∇L‖ is at most `flat` and whose loss is `above` the lowest found, and crossed at `rate`. */
  plateaus: onOff('Find plateaus', false),
  flat: limit('Slope below', 'per unit of α and β'),
  above: limit('Above lowest', 'in loss, at least'),
  rate: positive('Learning rate', 0.01, 1e-6, 1e6),
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
  ...pathFields,
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
  'through',
  'states',
  'seed',
  'norm',
  'bias',
  'orthogonal',
  'range',
  'zoom',
  'at',
  'lock',
  'rightZoom',
  'rightAt',
  'size',
  'engine',
]);

/** Of those, the ones that choose points of a plane and leave the plane as it is. */
export const windowKeys: ReadonlySet<Key> = new Set<Key>([
  'range',
  'zoom',
  'at',
  'lock',
  'rightZoom',
  'rightAt',
  'size',
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
  // Commas, semicolons and colons are legal in a query, and links with lists stay readable.
  return query.toString().replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%3A', ':');
}

/**
 * The state of a query string. What it gets wrong keeps its default and is told in one sentence each;
 * it never throws.
 */
export function fromQuery(query: string): { state: State; problems: string[] } {
  const values = new Map<Key, unknown>();
  const problems: string[] = [];
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const [name, text] of new URLSearchParams(query)) {
    if (seen.has(name)) {
      if (!repeated.has(name)) problems.push(`${quote(name)} stands there more than once; using the first.`);
      repeated.add(name);
      continue;
    }
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
  for (const key of ['at', 'rightAt'] as const) {
    const most = FURTHEST * state.range;
    const { a, b } = state[key];
    if (Math.abs(a) <= most && Math.abs(b) <= most) continue;
    const near = (x: number): number => Math.min(most, Math.max(-most, x));
    state[key] = { a: near(a), b: near(b) };
    problems.push(`${key}: a view lies within ${FURTHEST} ranges; using ${field(key).format(state[key])}.`);
  }
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
