/** What the shaders compute, as opposed to what the network is worth. */
import type { Problem } from '../engine.js';
import { lower } from './lower.js';
import { lossPass } from './pass.js';
import { TileMemory } from './tile-memory.js';
import { isTileable, tileableInputs, tiledProducts, transformedCount, WINOGRAD_TILING } from './winograd.js';

/**
 * Multiply-adds that one point takes over all samples: products with their epilogues and combinations, and two
 * for each weight that is formed, counted once although every workgroup forms its own. Padding, activations
 * and the loss are not counted.
 *
 * @param winograd whether the layers that can go as Winograd's tiles do so
 */
export function executedMultiplyAdds({ model, data, d1, d2 }: Problem, winograd = false): number {
  const program = lower(model, [d1, d2], data.samples);
  let perSample = 0;
  let formed = 0;
  for (const step of program.steps) {
    const outputs = program.sizes[step.output]!;
    if (step.kind === 'pointwise' && step.channel !== null) perSample += outputs;
    if (step.kind !== 'linear') continue;
    if (winograd && isTileable(step)) {
      perSample += tiledProducts(step) + outputs;
      formed += 2 * transformedCount(step);
      continue;
    }
    const { taps } = step.windows;
    perSample += outputs * (step.products ? 3 : step.inputs * taps[0] * taps[1] + 1);
    if (!step.products) formed += 2 * model.parameters.get(step.weight)!.data.length;
  }
  return perSample * data.samples + formed;
}

/** Whether measuring on an adapter has chosen Winograd's tiles for a problem's losses. */
export async function goesAsTiles({ model, data, d1, d2 }: Problem, adapter: string): Promise<boolean> {
  const program = lower(model, [d1, d2], data.samples);
  const memory = new TileMemory(adapter);
  for (const kernels of ['chain', 'direct'] as const) {
    const chosen = await memory.recall(lossPass.family(program, kernels));
    if (tileableInputs(program) > 0 && chosen === WINOGRAD_TILING[kernels]) return true;
  }
  return false;
}
