import type { Engine, Points, Problem, SampleRange, Sums } from '../../src/engine/engine.js';
import type { Model } from '../../src/model/graph.js';

/** What an engine gives for a problem in one call. */
export async function evaluateOnce(
  engine: Engine,
  problem: Problem,
  points: Points,
  range: SampleRange,
): Promise<Sums> {
  const evaluator = await engine.prepare(problem);
  try {
    return await evaluator.evaluate(points, range);
  } finally {
    evaluator.dispose();
  }
}

/** The same network with the weights of its last layer `factor` times as large: what every parity test has to find out. */
export function perturbed(model: Model, factor: number): Model {
  const last = [...model.parameters.values()].findLast(({ shape }) => shape.length > 1);
  if (last === undefined) throw new RangeError(`${model.name} has no layer with weights`);
  const off = { ...last, data: last.data.map((weight) => weight * factor) };
  return { ...model, parameters: new Map(model.parameters).set(last.name, off) };
}
