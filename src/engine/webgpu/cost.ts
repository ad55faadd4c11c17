/** What the shaders compute, as opposed to what the network is worth. */
import type { Problem } from '../engine.js';
import { lower } from './lower.js';

/**
 * Multiply-adds that one point takes over all samples: products with their epilogues and combinations, and two
 * for each weight that is formed, counted once although every workgroup forms its own. Padding, activations
 * and the loss are not counted.
 */
export function executedMultiplyAdds({ model, data, d1, d2 }: Problem): number {
  const program = lower(model, [d1, d2], data.samples);
  let perSample = 0;
  let formed = 0;
  for (const step of program.steps) {
    const outputs = program.sizes[step.output]!;
    if (step.kind === 'pointwise' && step.channel !== null) perSample += outputs;
    if (step.kind !== 'linear') continue;
    const { taps } = step.windows;
    perSample += outputs * (step.products ? 3 : step.inputs * taps[0] * taps[1] + 1);
    if (!step.products) formed += 2 * model.parameters.get(step.weight)!.data.length;
  }
  return perSample * data.samples + formed;
}
