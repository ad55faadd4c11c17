import type { Model } from './graph.js';
import { opOf } from './ops/index.js';

/** Multiply-adds of node `index` for one sample at one point; twice as many FLOP. */
export function nodeMultiplyAdds(model: Model, index: number): number {
  const node = model.nodes[index]!;
  const inputs = node.inputs.map((value) => model.shapes[value]!);
  return opOf(node).multiplyAdds(node, inputs, model.shapes[index + 1]!, (name) =>
    model.parameters.get(name)!,
  );
}

/** Multiply-adds of the whole network for one sample at one point. */
export function multiplyAdds(model: Model): number {
  return model.nodes.reduce((sum, _, index) => sum + nodeMultiplyAdds(model, index), 0);
}
