/**
 * Weights and directions out of a safetensors file, matched with a network's parameters by name. A file
 * that does not fit is answered with every mismatch, name by name, and changes nothing.
 */
import { buildModel } from '../model/build.js';
import type { Model, Shape } from '../model/graph.js';
import type { Run } from './run.js';
import { type Tensor, toFloat32 } from './safetensors.js';

/** One name on which file and network disagree; a side that lacks it has no shape. */
export interface Mismatch {
  readonly name: string;
  readonly network: Shape | null;
  readonly file: Shape | null;
}

export type Replaced = { readonly model: Model } | { readonly mismatches: readonly Mismatch[] };

/** A direction by parameter name, and the weights that it leaves where they are. */
export interface FileDirection {
  readonly direction: ReadonlyMap<string, Float32Array>;
  readonly still: readonly string[];
}

export type ReadDirection = FileDirection | { readonly mismatches: readonly Mismatch[] };

type Tensors = ReadonlyMap<string, Tensor>;

/** BatchNorm's count of batches, which a `state_dict` has and no forward pass reads. */
const COUNTER = /(^|\.)num_batches_tracked$/;
/** What DataParallel and torch.compile put before every name. */
const WRAPPERS = ['module.', '_orig_mod.'];

/**
 * The same network with the file's weights. Every parameter has to be in the file, in its shape (axes of
 * size 1 apart) and float32 or a type that is rounded to it; nothing else may be there but BatchNorm's counters.
 */
export function replaceParameters(model: Model, tensors: Tensors): Replaced {
  const matched = match(model, tensors);
  const reported = new Set(matched.mismatches.map(({ name }) => name));
  const missing = [...model.parameters.values()].filter(
    ({ name }) => !matched.found.has(name) && !reported.has(name),
  );
  const mismatches = [
    ...missing.map(({ name, shape }) => ({ name, network: shape, file: null })),
    ...matched.mismatches,
  ];
  if (mismatches.length > 0) return { mismatches };
  const parameters = [...model.parameters.values()].map((parameter) => ({
    ...parameter,
    data: toFloat32(matched.found.get(parameter.name)!),
  }));
  return { model: buildModel(model.name, model.shapes[0]!, model.nodes, parameters) };
}

/**
 * The file as a direction of this network. A parameter that the file lacks does not move; when the file has
 * none at all, all are reported. Names that the network lacks and other shapes are mismatches.
 */
export function directionFromTensors(model: Model, tensors: Tensors): ReadDirection {
  const { found, mismatches } = match(model, tensors);
  if (mismatches.length > 0) return { mismatches };
  const weights = [...model.parameters.values()].filter(({ kind }) => kind === 'weight');
  const still = weights.filter(({ name }) => !found.has(name));
  if (found.size === 0) {
    return { mismatches: still.map(({ name, shape }) => ({ name, network: shape, file: null })) };
  }
  const direction = new Map([...found].map(([name, tensor]) => [name, toFloat32(tensor)]));
  return { direction, still: still.map(({ name }) => name) };
}

/** A run as one network sees it. */
export interface ModelRun {
  /** Ascending. */
  readonly steps: readonly number[];
  /**
   * By step: every parameter of the network by name, in its order, in float64 where the file has it so.
   * Statistics that the run lacks are the network's own at every step.
   */
  readonly parameters: ReadonlyMap<number, ReadonlyMap<string, Float32Array | Float64Array>>;
}

/** The run of this network, or every mismatch, name by name; all steps of a run have the same names. */
export function runOf(
  model: Model,
  run: Pick<Run, 'steps' | 'parameters'>,
): { readonly run: ModelRun } | { readonly mismatches: readonly Mismatch[] } {
  const parameters = new Map<number, Map<string, Float32Array | Float64Array>>();
  for (const [step, tensors] of run.parameters) {
    const { found, mismatches } = match(model, tensors);
    const reported = new Set(mismatches.map(({ name }) => name));
    const missing: Mismatch[] = [];
    const own = new Map<string, Float32Array | Float64Array>();
    for (const { name, kind, shape, data } of model.parameters.values()) {
      const tensor = found.get(name);
      if (tensor !== undefined)
        own.set(
          name,
          tensor.data instanceof Float64Array && tensor.dtype === 'F64' ? tensor.data : toFloat32(tensor),
        );
      else if (kind === 'statistic' && !reported.has(name)) own.set(name, data);
      else if (!reported.has(name)) missing.push({ name, network: shape, file: null });
    }
    const all = [...missing, ...mismatches];
    if (all.length > 0) return { mismatches: all };
    parameters.set(step, own);
  }
  return { run: { steps: run.steps, parameters } };
}

/** The network as it was at a step of its run, in float32. */
export function modelAt(model: Model, run: ModelRun, step: number): Model {
  const own = run.parameters.get(step)!;
  const parameters = [...model.parameters.values()].map((parameter) => {
    const data = own.get(parameter.name)!;
    return { ...parameter, data: data instanceof Float32Array ? data : new Float32Array(data) };
  });
  return buildModel(model.name, model.shapes[0]!, model.nodes, parameters);
}

/** Mismatches as lines of text, e.g. `fc.weight: the network has [10, 64], the file [10, 32]`. */
export function describeMismatches(mismatches: readonly Mismatch[]): string[] {
  const spell = (shape: Shape): string => `[${shape.join(', ')}]`;
  return mismatches.map(({ name, network, file }) => {
    if (file === null)
      return `${name}: missing in the file${network === null ? '' : `, the network has ${spell(network)}`}`;
    if (network === null) return `${name}: not in the network, the file has ${spell(file)}`;
    return `${name}: the network has ${spell(network)}, the file ${spell(file)}`;
  });
}

/** What of the file fits the network, and what is too much or of another shape. */
function match(model: Model, tensors: Tensors): { found: Map<string, Tensor>; mismatches: Mismatch[] } {
  const found = new Map<string, Tensor>();
  const mismatches: Mismatch[] = [];
  const wrapper =
    WRAPPERS.find((prefix) => [...tensors.keys()].every((name) => name.startsWith(prefix))) ?? '';
  for (const [written, tensor] of tensors) {
    const name = written.slice(wrapper.length);
    const parameter = model.parameters.get(name);
    if (parameter === undefined) {
      if (!COUNTER.test(name)) mismatches.push({ name, network: null, file: tensor.shape });
    } else if (withoutOnes(tensor.shape) === withoutOnes(parameter.shape)) {
      found.set(name, tensor);
    } else {
      mismatches.push({ name, network: parameter.shape, file: tensor.shape });
    }
  }
  return { found, mismatches };
}

/** A scale per channel is `[C]` here and `[C, 1, 1]` in networks that multiply by it. */
function withoutOnes(shape: Shape): string {
  return shape.filter((size) => size !== 1).join();
}
