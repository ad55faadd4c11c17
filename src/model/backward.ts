/** Reverse mode through the network, node by node from the logits back. */
import type { Mode, Values } from './forward.js';
import { elements, type Model, type Node } from './graph.js';
import { followBatch } from './ops/batchnorm-training.js';
import { opOf } from './ops/index.js';
import type { Forward } from './ops/op.js';

/**
 * Adds to `gradientOf(name)` the derivative by that weight (null where it is not wanted), after `forward` in the
 * same mode has filled `values`. `gradients` come from `allocateValues`; the last one holds the derivative by the logits,
 * the others are overwritten. That by the network's input, number 0, is formed only with `byInput`.
 */
export function backward(
  model: Model,
  parameter: (name: string) => Values,
  values: readonly Float64Array[],
  gradients: readonly Float64Array[],
  samples: number,
  mode: Mode,
  gradientOf: (name: string) => Float64Array | null,
  byInput = false,
): void {
  const size = (value: number): number => samples * elements(model.shapes[value]!);
  const rows = gradients.map((gradient, value) => gradient.subarray(0, size(value)));
  for (const row of rows.slice(0, -1)) row.fill(0);
  const calls = callsOf(model, parameter, values, samples);
  for (let index = calls.length - 1; index >= 0; index--) {
    const node = model.nodes[index]!;
    const op = opOf(node);
    (mode === 'training' ? (op.training ?? op) : op).backward({
      ...calls[index]!,
      gradient: rows[index + 1]!,
      gradients: node.inputs.map((value) => (value > 0 || byInput ? rows[value]! : null)),
      gradientOf,
    });
  }
}

/** Moves the running statistics that `parameter` gives, in place, after `forward` in training has filled `values`. */
export function updateStatistics(
  model: Model,
  parameter: (name: string) => Values,
  values: readonly Float64Array[],
  samples: number,
): void {
  for (const call of callsOf(model, parameter, values, samples)) {
    const { node } = call;
    if (node.op !== 'batchnorm') continue;
    followBatch({ ...call, node }, parameter(node.mean).data, parameter(node.variance).data);
  }
}

/** The calls of a forward pass that has been made. */
function callsOf(
  model: Model,
  parameter: (name: string) => Values,
  values: readonly Float64Array[],
  samples: number,
): Forward<Node>[] {
  const rows = values.map((value, index) => value.subarray(0, samples * elements(model.shapes[index]!)));
  return model.nodes.map((node, index) => ({
    node,
    samples,
    inputs: node.inputs.map((value) => rows[value]!),
    shapes: node.inputs.map((value) => model.shapes[value]!),
    output: rows[index + 1]!,
    shape: model.shapes[index + 1]!,
    parameter,
  }));
}
