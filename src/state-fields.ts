/** Kinds of settings: how each is written in a link, read back, stepped and refused. */
import type { Scaling } from './io/dataset.js';

/** One setting. `parse` gives undefined for a text that is not one of its values. */
export interface FieldBase<T> {
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

/** A point (α, β) of the plane. */
export interface PlaceField extends FieldBase<Place> {
  readonly kind: 'place';
}

export interface Place {
  readonly a: number;
  readonly b: number;
}

export function choice<const T extends string>(
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

export function whole(
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

export function positive(label: string, initial: number, min: number, max: number): NumberField {
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

export function onOff(label: string, initial: boolean): SwitchField {
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

export function limit(label: string, unit = ''): LimitField {
  return {
    kind: 'limit',
    label,
    initial: 'auto',
    unit,
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

export function place(label: string): PlaceField {
  return {
    kind: 'place',
    label,
    initial: { a: 0, b: 0 },
    unit: '',
    expects: 'two coordinates such as 0.31,-0.2',
    parse(text) {
      const [a, b, ...rest] = text.split(',').map(parseNumber);
      return a === undefined || b === undefined || rest.length > 0 ? undefined : { a, b };
    },
    // The shortest digits that name the same float64.
    format: ({ a, b }) => `${a},${b}`,
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

export const levels: LevelsField = {
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

export const scaling: ScalingField = {
  kind: 'scaling',
  label: 'Input scaling',
  initial: 'auto',
  unit: '',
  expects: 'auto or three lists such as 255;0.286;0.353: divide, mean, std, one number or one per channel',
  parse: parseScaling,
  format: (value) =>
    value === 'auto' ? value : [value.divide, value.mean, value.std].map((list) => list.join(',')).join(';'),
};
