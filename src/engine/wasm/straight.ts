/** Which values are piecewise linear in (α, β): a first layer's, and what follows it until a product of two that move. */
import type { ActivationName } from '../../model/graph.js';
import { reads, type Step } from './lower.js';
import type { Plane } from './plane.js';

const bent: ReadonlySet<ActivationName> = new Set<ActivationName>([
  'identity',
  'relu',
  'leaky_relu',
  'clipped_relu',
  'hardtanh',
]);

/** Values whose second derivatives are zero, the input among them. */
export function straightValues(steps: readonly Step[], plane: Plane): ReadonlySet<number> {
  const straight = new Set([0]);
  for (const step of steps) {
    if (reads(step).every((value) => straight.has(value)) && isLinear(step, plane)) straight.add(step.out);
  }
  return straight;
}

/** Whether a step's output is piecewise linear where its inputs are. */
function isLinear(step: Step, plane: Plane): boolean {
  const scales = (norm: { readonly scale: string | null; readonly variance: string }): boolean =>
    (norm.scale !== null && plane.moves(norm.scale)) || plane.moves(norm.variance);
  switch (step.kind) {
    case 'product': {
      const { norm } = step.epilogue;
      return (step.inputs[0] === 0 || !plane.moves(step.node.weight)) && (norm === null || !scales(norm));
    }
    case 'affine':
      return step.node.op === 'scale' || !scales(step.node);
    case 'activation':
      return bent.has(step.node.fn);
    case 'multiply':
      return false;
    default:
      return true;
  }
}
