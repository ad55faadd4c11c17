/**
 * Weights and directions out of a safetensors file, matched with a network's parameters by name. A file
 * that does not fit is answered with every mismatch, name by name, and changes nothing.
 */
import { buildModel } from '../model/build.js';
import type { Model, Shape } from '../model/graph.js';
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
    data: matched.found.get(parameter.name)!,
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
  return { direction: found, still: still.map(({ name }) => name) };
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
function match(model: Model, tensors: Tensors): { found: Map<string, Float32Array>; mismatches: Mismatch[] } {
  const found = new Map<string, Float32Array>();
  const mismatches: Mismatch[] = [];
  const wrapper =
    WRAPPERS.find((prefix) => [...tensors.keys()].every((name) => name.startsWith(prefix))) ?? '';
  for (const [written, tensor] of tensors) {
    const name = written.slice(wrapper.length);
    const parameter = model.parameters.get(name);
    if (parameter === undefined) {
      if (!COUNTER.test(name)) mismatches.push({ name, network: null, file: tensor.shape });
    } else if (withoutOnes(tensor.shape) === withoutOnes(parameter.shape)) {
      found.set(name, toFloat32(tensor));
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
