/**
 * Runs: the parameters of a network at several steps of its training. One safetensors file has those of
 * step k under the names `k/NAME`; the checkpoints of other programs come as a series of files instead.
 */
import type { Shape } from '../model/graph.js';
import { type Fail, failAt, quoted, shownShape } from './errors.js';
import { MAX_TENSORS, safetensorsHeader, type Tensor } from './safetensors.js';
import { encode } from './scalars.js';

export interface Run {
  /** Ascending. */
  readonly steps: readonly number[];
  /** By step, then by name. All steps have the same names, in the same shapes. */
  readonly parameters: ReadonlyMap<number, ReadonlyMap<string, Tensor>>;
  /** Vectors of the optimizer's state at the last step, in its order; none in the files of other programs. */
  readonly optimizer: readonly Tensor[];
}

/** A file of a series, or of none. */
interface TensorFile {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Fewer files are two networks to compare, or one. */
const LEAST_SERIES = 3;
/** Differences that a sentence lists. */
const MOST_DIFFERENCES = 10;

const STEP_NAME = /^(\d{1,15})\/(.+)$/s;
/** The optimizer's vectors, from 0. */
const SLOT_NAME = /^optimizer\/(\d)$/;

/** Whether all names have the form `k/NAME`, those of the optimizer's state apart. */
export function isRun(names: Iterable<string>): boolean {
  let count = 0;
  for (const name of names) {
    if (SLOT_NAME.test(name)) continue;
    if (!STEP_NAME.test(name)) return false;
    count++;
  }
  return count > 0;
}

/** The run in a file for which `isRun` holds. Throws FileError that lists where steps differ. */
export function runFromTensors({ file, tensors }: TensorFile): Run {
  const parameters = new Map<number, Map<string, Tensor>>();
  const optimizer: Tensor[] = [];
  for (const [written, tensor] of tensors) {
    const slot = SLOT_NAME.exec(written)?.[1];
    if (slot !== undefined) {
      optimizer[Number(slot)] = tensor;
      continue;
    }
    const fail = failAt(file, `tensor ${quoted(written)}`);
    const [, digits, name] = STEP_NAME.exec(written) ?? fail('it names no step; call it STEP/NAME');
    const step = Number(digits);
    let named = parameters.get(step);
    if (named === undefined) parameters.set(step, (named = new Map()));
    // 1/w and 01/w.
    if (named.has(name!)) fail(`step ${step} has two tensors of this name; save the run again`);
    named.set(name!, tensor);
  }
  const run = checked(parameters, (step) => `step ${step}`, failAt(file, ''));
  return { ...run, optimizer: optimizer.filter((tensor) => tensor !== undefined) };
}

/**
 * The step of each of these files as their names tell, or null when they are no series: at least three
 * names that are alike but for numbers, of which one tells them all apart, e.g. `epoch=3-loss=0.25`.
 */
export function seriesSteps(names: readonly string[]): number[] | null {
  if (names.length < LEAST_SERIES) return null;
  const numbers = names.map((name) => [...name.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  const skeletons = new Set(names.map((name) => name.replaceAll(/\d+/g, '#')));
  if (skeletons.size > 1) return null;
  for (let place = 0; place < numbers[0]!.length; place++) {
    const steps = numbers.map((list) => list[place]!);
    if (new Set(steps).size === names.length && steps.every(Number.isSafeInteger)) return steps;
  }
  return null;
}

/** A series of checkpoints as a run; `steps` are those of the files. Throws FileError that lists differences. */
export function runFromSeries(files: readonly TensorFile[], steps: readonly number[]): Run {
  const parameters = new Map(files.map(({ tensors }, i) => [steps[i]!, tensors]));
  const names = new Map(files.map(({ file }, i) => [steps[i]!, file]));
  return checked(parameters, (step) => names.get(step)!, failAt(files[0]!.file, ''));
}

function checked(
  parameters: ReadonlyMap<number, ReadonlyMap<string, Tensor>>,
  title: (step: number) => string,
  fail: Fail,
): Run {
  const steps = [...parameters.keys()].sort((a, b) => a - b);
  const [first] = steps;
  const model = parameters.get(first!)!;
  const differences: string[] = [];
  for (const step of steps) {
    const own = parameters.get(step)!;
    for (const [name, { shape }] of model) {
      const other = own.get(name)?.shape;
      if (other === undefined) differences.push(`${title(step)} lacks ${quoted(name)}`);
      else if (other.join() !== shape.join()) {
        const shapes = `${shownShape(other)} and not ${shownShape(shape)}`;
        differences.push(`${title(step)} has ${quoted(name)} in the shape ${shapes}`);
      }
    }
    for (const name of own.keys()) {
      if (!model.has(name)) differences.push(`${title(step)} has ${quoted(name)} besides`);
    }
    // Enough to see what is wrong; a hostile file has thousands.
    if (differences.length > MOST_DIFFERENCES) break;
  }
  if (differences.length > 0) {
    const more = differences.length > MOST_DIFFERENCES ? ' and more' : '';
    const listed = `${differences.slice(0, MOST_DIFFERENCES).join(', ')}${more}`;
    fail(
      `its steps are not of one network, as ${title(first!)} begins it: ${listed}; save the same parameters at every step`,
    );
  }
  return { steps, parameters: new Map(steps.map((step) => [step, parameters.get(step)!])), optimizer: [] };
}

/** A parameter of all steps of a run that is written. */
export interface RunParameter {
  readonly name: string;
  readonly shape: Shape;
}

/** Why a run of so many steps, parameters and vectors of an optimizer would not be read back, in words; null when it would. */
export function runExcess(steps: number, parameters: number, vectors = 0): string | null {
  if (steps * parameters + vectors <= MAX_TENSORS) return null;
  const others = vectors === 0 ? '' : ` and ${vectors} vectors of the optimizer`;
  return `${steps} steps of ${parameters} parameters${others} are more than the ${MAX_TENSORS} tensors of a file`;
}

/**
 * The file of a run, piece by piece: first its header, then one piece for each step, so that no more than
 * one step is held twice. `data` gives the numbers of a parameter at a step, of the parameter's length; they
 * are written as `dtype`, and so are the vectors of an `optimizer` that is to go on.
 *
 * @throws RangeError for more tensors than are read back, or numbers of another length
 */
export function* writeRun(
  steps: readonly number[],
  parameters: readonly RunParameter[],
  dtype: 'F32' | 'F64',
  data: (step: number, name: string) => Float32Array | Float64Array,
  metadata?: Readonly<Record<string, string>>,
  optimizer: readonly (Float32Array | Float64Array)[] = [],
): Generator<Uint8Array, void> {
  const excess = runExcess(steps.length, parameters.length, optimizer.length);
  if (excess !== null) throw new RangeError(`${excess}; keep fewer steps`);
  const scalar = dtype === 'F32' ? 'f4' : 'f8';
  const slots = optimizer.map(({ length }, i) => ({ name: `optimizer/${i}`, dtype, shape: [length] }));
  yield safetensorsHeader(
    [
      ...steps.flatMap((step) =>
        parameters.map(({ name, shape }) => ({ name: `${step}/${name}`, dtype, shape })),
      ),
      ...slots,
    ],
    metadata,
  );
  for (const step of steps) {
    const parts = parameters.map(({ name, shape }) => {
      const numbers = data(step, name);
      const length = shape.reduce((product, size) => product * size, 1);
      if (numbers.length !== length)
        throw new RangeError(
          `${name} has ${numbers.length} numbers at step ${step} and should have ${length}`,
        );
      return encode(scalar, numbers);
    });
    const piece = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      piece.set(part, at);
      at += part.length;
    }
    yield piece;
  }
  for (const slot of optimizer) yield encode(scalar, slot);
}
