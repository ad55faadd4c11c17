/** The network's derivatives and differences on a plane, node by node as `forward` computes its values. */
import type { Values } from './forward.js';
import { elements, type Model } from './graph.js';
import { type Jet, type Order, partsOf } from './jet.js';
import { opOf } from './ops/index.js';

/** Room for the jets of all values of `samples` samples; that of the input stays zero. */
export function allocateJets(model: Model, samples: number, order: Order): Jet[] {
  return model.shapes.map((shape) =>
    Array.from({ length: partsOf(order) }, () => new Float64Array(samples * elements(shape))),
  );
}

/**
 * Derivatives of the logits along the plane for the first `samples` samples, after `forward` has filled `values`
 * at the point. `along` gives a parameter's two directions, null where it stays. `jets` come from `allocateJets`;
 * the result is a view that the next call overwrites.
 */
export function tangents(
  model: Model,
  parameter: (name: string) => Values,
  along: (name: string) => readonly [Float64Array | null, Float64Array | null],
  values: readonly Float64Array[],
  jets: readonly Jet[],
  samples: number,
): Jet {
  const size = (value: number): number => samples * elements(model.shapes[value]!);
  const rows = values.map((value, index) => value.subarray(0, size(index)));
  const parts = jets.map((jet, index) => jet.map((part) => part.subarray(0, size(index))));
  for (const [index, node] of model.nodes.entries()) {
    opOf(node).tangent({
      node,
      samples,
      inputs: node.inputs.map((value) => rows[value]!),
      shapes: node.inputs.map((value) => model.shapes[value]!),
      output: rows[index + 1]!,
      shape: model.shapes[index + 1]!,
      parameter,
      tangents: node.inputs.map((value) => parts[value]!),
      tangent: parts[index + 1]!,
      along,
    });
  }
  return parts.at(-1)!;
}

/**
 * Logits with parameters changed by `change` less those that `values` end with, for the first `samples` samples, after
 * `forward` has filled `values` at the centre. `changes` come from `allocateValues` with the input's all zero;
 * the result is a view that the next call overwrites.
 */
export function differences(
  model: Model,
  parameter: (name: string) => Values,
  change: (name: string) => Float64Array | null,
  values: readonly Float64Array[],
  changes: readonly Float64Array[],
  samples: number,
): Float64Array {
  const size = (value: number): number => samples * elements(model.shapes[value]!);
  const rows = values.map((value, index) => value.subarray(0, size(index)));
  const moved = changes.map((value, index) => value.subarray(0, size(index)));
  for (const [index, node] of model.nodes.entries()) {
    opOf(node).difference({
      node,
      samples,
      inputs: node.inputs.map((value) => rows[value]!),
      shapes: node.inputs.map((value) => model.shapes[value]!),
      output: rows[index + 1]!,
      shape: model.shapes[index + 1]!,
      parameter,
      differences: node.inputs.map((value) => moved[value]!),
      difference: moved[index + 1]!,
      change,
    });
  }
  return moved.at(-1)!;
}
