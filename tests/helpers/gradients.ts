/** Reverse mode on a model with float64 parameters, as tests need it. */
import { backward } from '../../src/model/backward.js';
import { allocateValues, forward, type Mode, type Values } from '../../src/model/forward.js';
import type { Model } from '../../src/model/graph.js';

export interface ModelGradients {
  readonly logits: Float64Array;
  readonly input: Float64Array;
  readonly weights: ReadonlyMap<string, Float64Array>;
  /** Every value of the forward pass. */
  readonly values: readonly Float64Array[];
}

/** Gradients of Σ cotangent · logits by the input and all weights; `cotangent` may depend on the logits. */
export function modelGradients(
  model: Model,
  parameter: (name: string) => Values,
  input: Float64Array,
  samples: number,
  cotangent: (logits: Float64Array) => Float64Array,
  mode: Mode = 'evaluation',
): ModelGradients {
  const values = allocateValues(model, samples);
  values[0]!.set(input);
  const logits = forward(model, parameter, values, samples, mode);
  const gradients = allocateValues(model, samples);
  gradients.at(-1)!.set(cotangent(logits));
  const weights = new Map(
    [...model.parameters.values()]
      .filter(({ kind }) => kind === 'weight')
      .map(({ name, data }) => [name, new Float64Array(data.length)]),
  );
  const gradientOf = (name: string): Float64Array | null => weights.get(name) ?? null;
  backward(model, parameter, values, gradients, samples, mode, gradientOf, true);
  return { logits, input: gradients[0]!, weights, values };
}
