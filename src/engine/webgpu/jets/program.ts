/** The steps that derivatives take: products apart from what follows them, fixed values made jets where a stage wants one. */
import type { LinearStep, PointwiseStep, Program, Step } from '../program.js';
import { assignSlots } from '../slots.js';

/**
 * A layer becomes its bare product, written to a value of its own, and an element-wise step that makes a jet of it; a
 * first layer's three products are made once, and only the element-wise step is left for every point.
 */
export function jetProgram(layers: Program): Program {
  const rows = [...layers.rows];
  const sizes = [...layers.sizes];
  const fixed = new Set([0, ...layers.shared.map(({ output }) => output)]);
  const steps: Step[] = [];
  const jets = new Map<number, number>();
  const added = (like: number): number => {
    sizes.push(sizes[like]!);
    return rows.push(rows[like]!) - 1;
  };
  // Values that no direction moves, as jets for stages that take nothing else.
  const jet = (value: number): number => {
    if (!fixed.has(value)) return value;
    let made = jets.get(value);
    if (made === undefined) {
      made = added(value);
      jets.set(value, made);
      steps.push(copyOf(value, made));
    }
    return made;
  };
  for (const step of layers.steps) {
    if (step.kind === 'linear') {
      const source = step.products ? step.source : jet(step.source);
      const product = added(step.output);
      steps.push({ ...step, source, output: product, residual: null, activation: 'identity' });
      steps.push(finishOf(step, product));
    } else if (step.kind === 'pointwise') steps.push(step);
    else if (step.kind === 'multiply') steps.push(step);
    else steps.push({ ...step, source: jet(step.source) });
  }
  const everywhere = steps.filter((step) => step.kind !== 'linear' || !step.products);
  return { ...layers, steps, rows, sizes, ...assignSlots(everywhere, rows, layers.logits) };
}

function copyOf(source: number, output: number): PointwiseStep {
  const still = { residual: null, activation: 'identity', slope: 0, plane: 1, channel: null } as const;
  return { kind: 'pointwise', name: `jet of value ${source}`, source, output, scale: null, ...still };
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
