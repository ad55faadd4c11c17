/** What the kernels compute, as opposed to what the network is worth. */
import type { Problem } from '../engine.js';
import { nodeMultiplyAdds } from '../../model/cost.js';
import { elements } from '../../model/graph.js';
import { makePlan } from './plan.js';

/**
 * Multiply-adds that one point takes over all samples: products and combinations as planned, and two for each
 * weight that is formed once per point. Padding of samples and outputs, activations and the loss are not counted.
 */
export function executedMultiplyAdds(problem: Problem): number {
  const { model, data, d1, d2 } = problem;
  const plan = makePlan(problem);
  let perSample = 0;
  let formed = 0;
  for (const { step, part } of plan.point.calls) {
    if (step.kind === 'product') {
      const { node, epilogue } = step;
      const outputs = elements(model.shapes[step.out]!);
      if (epilogue.norm !== null) perSample += outputs;
      if (part === 'combination') {
        perSample += 2 * outputs;
        continue;
      }
      perSample += nodeMultiplyAdds(model, model.nodes.indexOf(node));
      if (d1.has(node.weight) || d2.has(node.weight)) {
        formed += 2 * model.parameters.get(node.weight)!.data.length;
      }
    } else if (step.kind === 'affine') perSample += elements(model.shapes[step.out]!);
  }
  return perSample * data.samples + formed;
}
