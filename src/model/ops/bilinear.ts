import type { Conv2dNode, DenseNode } from '../graph.js';
import { secondParts } from '../jet.js';
import type { Difference, Forward, Op, Tangent } from './op.js';

/** out = weight · x for the samples of a call; written entirely. */
export type Product<N extends DenseNode | Conv2dNode> = (
  call: Forward<N>,
  weight: Float64Array,
  x: Float64Array,
  out: Float64Array,
) => void;

/** Forward, tangent and difference of W·x + bias, with both W and x depending on the point. */
export function bilinear<N extends DenseNode | Conv2dNode>(
  product: Product<N>,
): Pick<Op<N>, 'forward' | 'tangent' | 'difference'> {
  return {
    forward(call) {
      const { node, inputs, output, parameter } = call;
      product(call, parameter(node.weight).data, inputs[0]!, output);
      if (node.bias !== null) addBias(call, parameter(node.bias).data, output);
    },

    // (Wx)ₐ = W·xₐ + Wₐ·x and (Wx)ₐᵦ = W·xₐᵦ + Wₐ·xᵦ + Wᵦ·xₐ, as W itself is linear in α and β.
    tangent(call: Tangent<N>) {
      const { node, inputs, tangents, tangent, parameter, along } = call;
      const weight = parameter(node.weight).data;
      const moving = along(node.weight);
      const biases = node.bias === null ? [null, null] : along(node.bias);
      const jet = tangents[0]!;
      for (const [part, out] of tangent.entries()) product(call, weight, jet[part]!, out);
      const more = new Float64Array(call.output.length);
      const add = (direction: Float64Array | null | undefined, x: Float64Array, part: number): void => {
        if (!direction) return;
        product(call, direction, x, more);
        const out = tangent[part]!;
        for (let i = 0; i < out.length; i++) out[i]! += more[i]!;
      };
      for (const part of [0, 1]) {
        add(moving[part], inputs[0]!, part);
        const bias = biases[part];
        if (bias) addBias(call, bias, tangent[part]!);
      }
      if (tangent.length === 2) return;
      for (const [part, left, right] of secondParts) {
        add(moving[left], jet[right]!, part);
        add(moving[right], jet[left]!, part);
      }
    },

    // (W + ΔW)(x + Δx) − W·x = W·Δx + ΔW·(x + Δx).
    difference(call: Difference<N>) {
      const { node, inputs, differences, difference, parameter, change } = call;
      const x = inputs[0]!;
      const dx = differences[0]!;
      product(call, parameter(node.weight).data, dx, difference);
      const dw = change(node.weight);
      if (dw !== null) {
        const more = new Float64Array(difference.length);
        product(
          call,
          dw,
          x.map((value, i) => value + dx[i]!),
          more,
        );
        for (let i = 0; i < difference.length; i++) difference[i]! += more[i]!;
      }
      const db = node.bias === null ? null : change(node.bias);
      if (db !== null) addBias(call, db, difference);
    },
  };
}

/** Adds a number for each element of axis 0 of a sample. */
function addBias({ shape }: Forward<DenseNode | Conv2dNode>, bias: Float64Array, out: Float64Array): void {
  const area = shape.slice(1).reduce((product, size) => product * size, 1);
  let i = 0;
  while (i < out.length) {
    for (let c = 0; c < bias.length; c++) {
      const value = bias[c]!;
      for (const end = i + area; i < end; i++) out[i]! += value;
    }
  }
}
