/** The steps that differences take: products apart from what follows them, and nothing at all where nothing moves. */
import { finishOf } from '../jets/program.js';
import type { PointwiseStep, Program, Step } from '../program.js';
import { assignSlots } from '../slots.js';

/**
 * A layer becomes its bare product with a remainder, written to a value of its own, and an element-wise step that adds
 * what the centre knows; a layer whose input does not move has the latter alone.
 */
export function deltaProgram(layers: Program): Program {
  const rows = [...layers.rows];
  const sizes = [...layers.sizes];
  const fixed = new Set([0, ...layers.shared.map(({ output }) => output)]);
  const steps: Step[] = [];
  const nothing = new Map<number, number>();
  const added = (like: number): number => {
    sizes.push(sizes[like]!);
    return rows.push(rows[like]!) - 1;
  };
  // Remainders of values that no direction moves, for stages that read nothing else.
  const remainder = (value: number): number => {
    if (!fixed.has(value)) return value;
    let made = nothing.get(value);
    if (made === undefined) {
      made = added(value);
      nothing.set(value, made);
      steps.push(zeroOf(value, made));
    }
    return made;
  };
  for (const step of layers.steps) {
    if (step.kind === 'linear') {
      if (fixed.has(step.source)) {
        steps.push(finishOf(step, step.source));
        continue;
      }
      const product = added(step.output);
      steps.push({ ...step, output: product, residual: null, activation: 'identity' });
      steps.push(finishOf(step, product));
    } else if (step.kind === 'pointwise') steps.push(step);
    else if (step.kind === 'multiply') {
      const residual = step.residual === null ? null : remainder(step.residual);
      steps.push({ ...step, source: remainder(step.source), residual });
    } else steps.push({ ...step, source: remainder(step.source) });
  }
  return { ...layers, steps, rows, sizes, ...assignSlots(steps, rows, layers.logits) };
}

function zeroOf(source: number, output: number): PointwiseStep {
  const still = { residual: null, activation: 'identity', slope: 0, plane: 1, channel: null } as const;
  return { kind: 'pointwise', name: `remainder of value ${source}`, source, output, scale: null, ...still };
}
