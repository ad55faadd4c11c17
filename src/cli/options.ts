/**
 * The command line as typed → checked options. Nothing is read or computed here.
 */
import { parseArgs } from 'node:util';
import type { EngineName } from '../engine/engine.js';
import type { Axis, Grid } from '../landscape/grid.js';
import type { Order } from '../model/jet.js';
import { type CaseName, caseNames } from './bench-cases.js';
import {
  NETWORK_FLAGS,
  type NetworkOptions,
  networkOptions,
  SOURCE_FLAGS,
  type SourceOptions,
  sourceOptions,
} from './source-options.js';
import { parseTrain, type TrainOptions } from './train-options.js';
import { planeOptions, type RunPlaneOptions } from './plane-options.js';
import { guarded, joinNegatives, number, oneOf, type Texts, UsageError, whole } from './typed.js';

export type DirectionOptions =
  | { readonly kind: 'files'; readonly d1: string; readonly d2: string }
  | {
      readonly kind: 'drawn';
      readonly seed: number;
      readonly normalise: 'filter' | 'layer' | 'weight' | 'none';
      readonly bias: 'ignore' | 'scale';
    }
  | RunPlaneOptions;

/** A square of `points` × `points` around a centre. */
export interface Window {
  readonly a: number;
  readonly b: number;
  readonly halfWidth: number;
  /** Odd, so that the centre is a point of it. */
  readonly points: number;
}

export interface EvalOptions extends SourceOptions {
  readonly directions: DirectionOptions;
  /** Null where none was asked for and a plane of a run says itself how far it reaches. */
  readonly grid: Grid | null;
  /** The grid's centre and half-width where they were given; offsets from the centre are then exact. */
  readonly window: Window | null;
  /** What is computed besides loss and accuracy. */
  readonly delta: boolean;
  readonly derivatives: 0 | Order;
  readonly engine: EngineName;
  /** Where the npz goes; null to print the summary alone. */
  readonly out: string | null;
}

export interface BenchOptions {
  readonly case: CaseName;
  readonly engine: EngineName;
  /** Which build of the wasm engine. */
  readonly simd: 'auto' | 'relaxed' | 'plain';
  /** Null for as many as a second or two allow. */
  readonly points: number | null;
  /** Time the other passes too. */
  readonly passes: boolean;
  /** One line of JSON instead of a sentence. */
  readonly json: boolean;
}

export interface ShadersOptions {
  readonly case: CaseName;
  /** A folder, made when it is not there. */
  readonly out: string;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'bench'; readonly options: BenchOptions }
  | { readonly kind: 'shaders'; readonly options: ShadersOptions }
  | { readonly kind: 'eval'; readonly options: EvalOptions }
  | { readonly kind: 'train'; readonly options: TrainOptions }
  | { readonly kind: 'inspect'; readonly network: NetworkOptions };

/** Points along one axis; 10 001 of them is far beyond any picture. */
const MOST_POINTS = 10_001;

const EVAL_FLAGS = {
  ...SOURCE_FLAGS,
  run: { type: 'string', multiple: true },
  plane: { type: 'string' },
  about: { type: 'string' },
  states: { type: 'boolean' },
  d1: { type: 'string' },
  d2: { type: 'string' },
  seed: { type: 'string' },
  norm: { type: 'string' },
  bias: { type: 'string' },
  a: { type: 'string' },
  b: { type: 'string' },
  around: { type: 'string' },
  'half-width': { type: 'string' },
  grid: { type: 'string' },
  delta: { type: 'boolean' },
  gradient: { type: 'boolean' },
  curvature: { type: 'boolean' },
  engine: { type: 'string' },
  out: { type: 'string' },
} as const;

const BENCH_FLAGS = {
  case: { type: 'string' },
  engine: { type: 'string' },
  simd: { type: 'string' },
  points: { type: 'string' },
  passes: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const SHADERS_FLAGS = {
  case: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const COMMANDS = 'eval, train, inspect, bench or shaders';

/** `words` is `process.argv` without node and script. Throws UsageError. */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError(`Say what to do: ${COMMANDS} (--help explains them).`);
  if (name === '--help' || name === '-h' || name === 'help') return { kind: 'help' };
  if (name === 'eval') return parseEval(rest);
  if (name === 'train') {
    const options = parseTrain(rest);
    return options === 'help' ? { kind: 'help' } : { kind: 'train', options };
  }
  if (name === 'inspect') return parseInspect(rest);
  if (name === 'bench') return parseBench(rest);
  if (name === 'shaders') return parseShaders(rest);
  throw new UsageError(`There is no command '${name}': use ${COMMANDS} (--help explains them).`);
}

function parseEval(words: readonly string[]): Command {
  const { values } = guarded(() =>
    parseArgs({ args: joinNegatives(words), options: EVAL_FLAGS, strict: true }),
  );
  if (values.help) return { kind: 'help' };
  const plane = planeOptions(values);
  const step = plane?.kind === 'steps' ? (values.step ?? plane.centre) : values.step;
  const source = sourceOptions({ ...values, ...(step === undefined ? {} : { step }) });
  const window = windowOptions(values);
  const isFitted = plane !== null && values.a === undefined && values.b === undefined;
  if (values.delta && window === null) {
    throw new UsageError('--delta is L − L(centre): name the centre with --around A,B --half-width R.');
  }
  return {
    kind: 'eval',
    options: {
      ...source,
      directions: plane ?? directionOptions(values),
      grid: window !== null ? gridAround(window) : isFitted ? null : typedGrid(values),
      window,
      delta: values.delta ?? false,
      derivatives: values.curvature ? 2 : values.gradient ? 1 : 0,
      engine: oneOf('engine', values.engine ?? 'wasm', ['reference', 'wasm', 'webgpu']),
      out: values.out ?? null,
    },
  };
}

function parseInspect(words: readonly string[]): Command {
  const { values, positionals } = guarded(() =>
    parseArgs({ args: [...words], options: NETWORK_FLAGS, strict: true, allowPositionals: true }),
  );
  if (values.help) return { kind: 'help' };
  const files = [...positionals, ...(values.model ?? [])];
  return { kind: 'inspect', network: networkOptions(values, files) };
}

function parseBench(words: readonly string[]): Command {
  const { values } = guarded(() => parseArgs({ args: [...words], options: BENCH_FLAGS, strict: true }));
  if (values.help) return { kind: 'help' };
  return {
    kind: 'bench',
    options: {
      case: caseName(values.case),
      engine: oneOf('engine', values.engine ?? 'wasm', ['reference', 'wasm', 'webgpu']),
      simd: oneOf('simd', values.simd ?? 'auto', ['auto', 'relaxed', 'plain']),
      points: values.points === undefined ? null : whole('points', values.points, 1),
      passes: values.passes ?? false,
      json: values.json ?? false,
    },
  };
}

function parseShaders(words: readonly string[]): Command {
  const { values } = guarded(() => parseArgs({ args: [...words], options: SHADERS_FLAGS, strict: true }));
  if (values.help) return { kind: 'help' };
  if (values.out === undefined) throw new UsageError('Name the folder for the shaders: --out DIR.');
  return { kind: 'shaders', options: { case: caseName(values.case), out: values.out } };
}

function caseName(text: string | undefined): CaseName {
  if (text === undefined) throw new UsageError(`Name the case: --case ${caseNames.join('|')}.`);
  return oneOf('case', text, caseNames);
}

function directionOptions(values: Texts): DirectionOptions {
  const { d1, d2 } = values;
  const drawn = ['seed', 'norm', 'bias'].find((flag) => values[flag] !== undefined);
  if (typeof d1 === 'string' && typeof d2 === 'string') {
    if (drawn)
      throw new UsageError(`--${drawn} draws directions, but --d1 and --d2 give them: use one of the two.`);
    return { kind: 'files', d1, d2 };
  }
  if (d1 !== undefined || d2 !== undefined)
    throw new UsageError('--d1 and --d2 belong together: give both or none.');
  return {
    kind: 'drawn',
    seed: whole('seed', typeof values['seed'] === 'string' ? values['seed'] : '1', 0),
    normalise: oneOf('norm', values['norm'] ?? 'filter', ['filter', 'layer', 'weight', 'none']),
    bias: oneOf('bias', values['bias'] ?? 'ignore', ['ignore', 'scale']),
  };
}

/** `--around A,B --half-width R --grid N`; null when none of them is there. */
function windowOptions(values: Texts): Window | null {
  const { around, grid } = values;
  const halfWidth = values['half-width'];
  if (around === undefined && halfWidth === undefined && grid === undefined) return null;
  if (typeof around !== 'string' || typeof halfWidth !== 'string') {
    throw new UsageError('A window has a centre and a size: give both --around A,B and --half-width R.');
  }
  const other = ['a', 'b'].find((flag) => values[flag] !== undefined);
  if (other) throw new UsageError(`--${other} and --around both say where: use one of the two.`);
  const parts = around.split(',');
  if (parts.length !== 2) {
    throw new UsageError(`--around is '${around}', but has the form α,β, e.g. --around=0.31,-0.2.`);
  }
  const [a, b] = parts.map((part) => number('around', part)) as [number, number];
  const radius = number('half-width', halfWidth);
  if (!(radius > 0)) throw new UsageError(`--half-width is ${radius}, but must be above 0.`);
  const points = whole('grid', typeof grid === 'string' ? grid : '51', 3);
  if (points > MOST_POINTS || points % 2 === 0) {
    throw new UsageError(
      `--grid is ${points}; an odd number up to ${MOST_POINTS} has a point at the centre.`,
    );
  }
  return { a, b, halfWidth: radius, points };
}

function gridAround(window: Window): Grid {
  return { columns: axisAround(window.a, window), rows: axisAround(window.b, window) };
}

function typedGrid({ a, b }: { a?: string; b?: string }): Grid {
  return { columns: axis('a', a ?? '-1:1:51'), rows: axis('b', b ?? '-1:1:51') };
}

function axisAround(centre: number, { halfWidth, points }: Window): Axis {
  return { from: centre - halfWidth, to: centre + halfWidth, count: points, window: { centre, halfWidth } };
}

/** `from:to:count`, e.g. `-1:1:21`. */
function axis(flag: string, text: string): Axis {
  const parts = text.split(':');
  if (parts.length !== 3) {
    throw new UsageError(`--${flag} is '${text}', but has the form from:to:count, e.g. --${flag}=-1:1:21.`);
  }
  const from = number(flag, parts[0]!);
  const to = number(flag, parts[1]!);
  const count = whole(flag, parts[2]!, 1);
  if (count > MOST_POINTS)
    throw new UsageError(`--${flag} asks for ${count} points; ${MOST_POINTS} is the most.`);
  return { from, to, count };
}
