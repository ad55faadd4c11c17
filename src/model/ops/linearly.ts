import type { Node } from '../graph.js';
import type { Forward, Op } from './op.js';

/**
 * Tangent and difference of an op that is linear in its inputs and has no parameters: `map`, its forward
 * without any constant, takes each part for itself.
 */
export function linearly<N extends Node>(
  map: (call: Forward<N>) => void,
): Pick<Op<N>, 'tangent' | 'difference'> {
  return {
    tangent(call) {
      for (const [part, output] of call.tangent.entries()) {
        map({ ...call, inputs: call.tangents.map((jet) => jet[part]!), output });
      }
    },
    difference(call) {
      map({ ...call, inputs: call.differences, output: call.difference });
    },
  };
}
