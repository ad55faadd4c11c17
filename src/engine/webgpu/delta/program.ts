/** The steps that differences take: products apart from what follows them, and nothing at all where nothing moves. */
import { Draft } from '../draft.js';
import { finishOf } from '../jets/program.js';
import type { Program } from '../program.js';

/**
 * A layer becomes its bare product with a remainder, written to a value of its own, and an element-wise step that adds
 * what the centre knows; a layer whose input does not move has the latter alone.
 */
export function deltaProgram(layers: Program): Program {
  const draft = new Draft(layers, 'remainder');
  const { steps } = draft;
  for (const step of layers.steps) {
    if (step.kind === 'linear') {
      if (draft.isFixed(step.source)) {
        steps.push(finishOf(step, step.source));
        continue;
      }
      const product = draft.add(step.output);
      steps.push({ ...step, output: product, residual: null, activation: 'identity' });
      steps.push(finishOf(step, product));
    } else if (step.kind === 'pointwise') steps.push(step);
    else if (step.kind === 'multiply') {
      const residual = step.residual === null ? null : draft.of(step.residual);
      steps.push({ ...step, source: draft.of(step.source), residual });
    } else steps.push({ ...step, source: draft.of(step.source) });
  }
  return draft.program();
}
