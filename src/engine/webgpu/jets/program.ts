/** The steps that derivatives take: products apart from what follows them, fixed values made jets where a stage wants one. */
import { Draft } from '../draft.js';
import type { LinearStep, PointwiseStep, Program } from '../program.js';

/**
 * A layer becomes its bare product, written to a value of its own, and an element-wise step that makes a jet of it; a
 * first layer's three products are made once, and only the element-wise step is left for every point.
 */
export function jetProgram(layers: Program): Program {
  const draft = new Draft(layers, 'jet');
  const { steps } = draft;
  for (const step of layers.steps) {
    if (step.kind === 'linear') {
      const source = step.products ? step.source : draft.of(step.source);
      const product = draft.add(step.output);
      steps.push({ ...step, source, output: product, residual: null, activation: 'identity' });
      steps.push(finishOf(step, product));
    } else if (step.kind === 'pointwise' || step.kind === 'multiply') steps.push(step);
    else steps.push({ ...step, source: draft.of(step.source) });
  }
  return draft.program(steps.filter((step) => step.kind !== 'linear' || !step.products));
}

/** What follows a layer's bare product, element by element. */
export function finishOf(step: LinearStep, source: number): PointwiseStep {
  const { name, output, residual, activation, slope, channel, windows } = step;
  const plane = windows.output[0] * windows.output[1];
  return {
    kind: 'pointwise',
    name,
    source,
    output,
    residual,
    activation,
    slope,
    plane,
    channel,
    scale: null,
  };
}
