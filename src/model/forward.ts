import { elements, type Model, type Shape } from './graph.js';
import { opOf } from './ops/index.js';

/** A parameter's values in float64. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** In training batchnorm normalises with the batch's statistics, in evaluation with the running ones. */
export type Mode = 'training' | 'evaluation';

/** Room for every value of the network for `samples` samples; index 0 is the input, to be filled by the caller. */
export function allocateValues(model: Model, samples: number): Float64Array[] {
  return model.shapes.map((shape) => new Float64Array(samples * elements(shape)));
}

/**
 * Runs the network on the first `samples` rows of `values[0]`, float64, and returns the logits
 * `[samples, outputs]`, a view that the next call overwrites. `values` come from `allocateValues` for at
 * least as many samples; afterwards they hold every intermediate value.
 */
export function forward(
  model: Model,
  parameter: (name: string) => Values,
  values: readonly Float64Array[],
  samples: number,
  mode: Mode = 'evaluation',
): Float64Array {
  const rows = model.shapes.map((shape, value) => values[value]!.subarray(0, samples * elements(shape)));
  for (const [index, node] of model.nodes.entries()) {
    const op = opOf(node);
    (mode === 'training' ? (op.training ?? op) : op).forward({
      node,
      samples,
      inputs: node.inputs.map((value) => rows[value]!),
      shapes: node.inputs.map((value) => model.shapes[value]!),
      output: rows[index + 1]!,
      shape: model.shapes[index + 1]!,
      parameter,
    });
  }
  return rows.at(-1)!;
}
