/** What the kernels compute, as opposed to what the network is worth. */
import type { Problem } from '../engine.js';
import { nodeMultiplyAdds } from '../../model/cost.js';
import { elements } from '../../model/graph.js';
import { makePlan } from './plan.js';
import { prefersWinograd, tiledMultiplyAdds, transformedCount } from './winograd.js';

/**
 * Multiply-adds that one point takes over all samples: products and combinations as planned, and two for each
 * weight that is formed once per point. Of Winograd's tiles the products alone, not the sums of their
 * transforms. Padding of samples and outputs, activations and the loss are not counted.
 */
export function executedMultiplyAdds(problem: Problem): number {
  const { model, data } = problem;
  const plan = makePlan(problem);
  let perSample = 0;
  let formed = 0;
  for (const { step, part } of plan.point.calls) {
    if (step.kind === 'affine') perSample += elements(model.shapes[step.out]!);
    if (step.kind !== 'product') continue;
    const { node, epilogue } = step;
    const outputs = elements(model.shapes[step.out]!);
    if (epilogue.norm !== null) perSample += outputs;
    if (part === 'combination') {
      perSample += 2 * outputs;
      continue;
    }
    const shape = model.shapes[step.out]!;
    const weight = model.parameters.get(node.weight)!.shape;
    const tiled = node.op === 'conv2d' && prefersWinograd(node, shape, weight);
    perSample += tiled
      ? tiledMultiplyAdds(shape, weight)
      : nodeMultiplyAdds(model, model.nodes.indexOf(node));
    if (plan.plane.moves(node.weight)) formed += 2 * (tiled ? transformedCount(weight) : elements(weight));
  }
  return perSample * data.samples + formed;
}
