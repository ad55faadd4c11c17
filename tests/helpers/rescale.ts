import { buildModel } from '../../src/model/build.js';
import type { Model } from '../../src/model/graph.js';

/** The same function: layer a.0 twice as large, b.0, which reads it through a ReLU, half as large. */
export function rescaled(model: Model): Model {
  const factors = new Map([
    ['a.0.weight', 2],
    ['a.0.bias', 2],
    ['b.0.weight', 0.5],
  ]);
  const parameters = [...model.parameters.values()].map((parameter) => {
    const factor = factors.get(parameter.name) ?? 1;
    return { ...parameter, data: parameter.data.map((x) => x * factor) };
  });
  return buildModel(model.name, model.shapes[0]!, model.nodes, parameters);
}
